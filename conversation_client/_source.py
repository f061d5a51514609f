"""The items of a batch, one by one."""

from collections.abc import AsyncIterable, Iterable, Iterator, Sized
from itertools import islice
from typing import Self

from conversation_client.batch import Item
from conversation_client.errors import InvalidArgumentError

Numbered = tuple[int, Item]
"""An item and its position in the input, counted from 1."""


class Source:
    """Numbers the items of an input as they are taken.

    Args:
        name: The argument that the input is.
        items: The input.

    Raises:
        InvalidArgumentError: It is nothing to take items from.
    """

    def __init__(self, name: str, items: Iterable[Item] | AsyncIterable[Item]) -> None:
        self.total = len(items) if isinstance(items, Sized) else None
        self.is_over = False
        """Whether it was asked for an item that it did not have."""
        self.iterator: Iterator[Numbered] = iter(())
        """For whoever takes items of an input that is not async, and sets `is_over`."""
        self.is_async = isinstance(items, AsyncIterable)
        self._taken = 0
        if isinstance(items, AsyncIterable):
            self._async_iterator = aiter(items)
        elif isinstance(items, Iterable) and not isinstance(items, str | bytes):
            self.iterator = enumerate(items, 1)
        else:
            kind = type(items).__name__
            raise InvalidArgumentError(f"{name}: an iterable is needed, not {kind}")

    @classmethod
    def of_numbered(cls, numbered: Iterator[Numbered], total: int | None) -> Self:
        """Make a source of items that have numbers, not all numbers up to the total."""
        source = cls("numbered", ())
        source.iterator, source.total = numbered, total
        return source

    async def take(self) -> Numbered | None:
        """Return the next item of an async input; `None` when there are no more."""
        if self.is_over:
            return None
        try:
            item = await anext(self._async_iterator)
        except StopAsyncIteration:
            self.is_over = True
            return None
        self._taken += 1
        return self._taken, item

    async def take_many(self, count: int) -> list[Item]:
        """Return so many items of any input, fewer when there are no more."""
        if self.is_async:
            chunk: list[Item] = []
            while len(chunk) < count and (taken := await self.take()) is not None:
                chunk.append(taken[1])
            return chunk
        chunk = [] if self.is_over else [item for _, item in islice(self.iterator, count)]
        self.is_over = len(chunk) < count
        return chunk

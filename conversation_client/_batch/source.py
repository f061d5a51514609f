"""The items of a batch, one by one."""

import os
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator
from itertools import islice
from typing import Self

from conversation_client._batch.inputs import check_input, length_of
from conversation_client.batch import Item

Numbered = tuple[int, Item]
"""An item and its position in the input, counted from 1."""
Ask = Callable[[Callable[[], list[Item]]], Awaitable[list[Item]]]
"""Has a function called where an input is to be gone through."""

READ_AT_ONCE = 256
"""Items that are read ahead, at most, where each reading takes a change of threads or frames."""
READ_FOR = 0.001
"""Seconds after which they are enough, so that what comes slowly is sent as it comes."""


class Source:
    """Numbers the items of an input as they are taken.

    Args:
        name: The argument that the input is.
        items: The input.
        ask: Where it is to be gone through, unless it is async; by default whoever takes items
            does it.

    Raises:
        InvalidArgumentError: It is nothing to take items from.
    """

    def __init__(
        self, name: str, items: Iterable[Item] | AsyncIterable[Item], ask: Ask | None = None
    ) -> None:
        check_input(name, items)
        self.total = length_of(items)
        self.is_over = False
        """Whether it was asked for an item that it did not have."""
        self.iterator: Iterator[Numbered] = iter(())
        """The items that can be had at once."""
        self.is_async = isinstance(items, AsyncIterable)
        self.has_to_wait = self.is_async or ask is not None
        """Whether there may be more once `read_more` was awaited."""
        self._taken = 0
        self._read: Callable[[], Awaitable[list[Item]]] = self._read_nothing
        if isinstance(items, AsyncIterable):
            self._async_iterator = aiter(items)
            self._read = self._read_one
        elif ask is None:
            self.iterator = enumerate(items, 1)
        else:
            ahead = _ReadAhead(items)
            self._read = lambda: ask(ahead.read)

    @classmethod
    def of(cls, name: str, items: "Iterable[Item] | AsyncIterable[Item] | Source") -> "Source":
        """Make a source of an input, unless it is one already."""
        return items if isinstance(items, Source) else cls(name, items)

    def made_into(self, make: Callable[[Item], Item]) -> "Source":
        """Have something made of each item as it is taken, and return this source."""
        read = self._read

        async def read_and_make() -> list[Item]:
            return [make(item) for item in await read()]

        self._read = read_and_make
        self.iterator = ((number, make(item)) for number, item in self.iterator)
        return self

    @classmethod
    def of_numbered(cls, numbered: Iterator[Numbered], total: int | None) -> Self:
        """Make a source of items that have numbers, not all numbers up to the total."""
        source = cls("numbered", ())
        source.iterator, source.total = numbered, total
        return source

    def next(self) -> Numbered | None:
        """Return the next item, if it can be had at once; if not, `read_more` unless it is over."""
        taken = next(self.iterator, None)
        if taken is None and not self.has_to_wait:
            self.is_over = True
        return taken

    async def take_many(self, count: int) -> list[Item]:
        """Return so many items, fewer when there are no more."""
        many: list[Item] = []
        while True:
            many += [item for _, item in islice(self.iterator, count - len(many))]
            if len(many) == count or self.is_over:
                return many
            await self.read_more()

    async def read_more(self) -> None:
        """Wait until there are items that can be had at once, or none at all."""
        items = await self._read()
        self.is_over = not items
        self.iterator = enumerate(items, self._taken + 1)
        self._taken += len(items)

    async def _read_one(self) -> list[Item]:
        try:
            return [await anext(self._async_iterator)]
        except StopAsyncIteration:
            return []

    async def _read_nothing(self) -> list[Item]:
        return []


class _ReadAhead:
    """Reads an iterable some items at a time; what it raises comes after the items before it."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._iterator = iter(items)
        self._process = os.getpid()
        self._error: BaseException | None = None
        self._is_over = False

    def read(self) -> list[Item]:
        """Return the items that come soon, at least one; none at the end."""
        items: list[Item] = []
        until = time.monotonic() + READ_FOR
        try:
            while self._error is None and not self._is_over:
                items.append(next(self._iterator))
                if len(items) == READ_AT_ONCE or time.monotonic() >= until:
                    return items
        except StopIteration:
            self._is_over = True
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if os.getpid() != self._process:  # in a child forked within, which is to end
                raise
            self._error = error
        if self._error is not None and not items:
            raise self._error
        return items

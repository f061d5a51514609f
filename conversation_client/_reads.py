"""Reading many documents, several at the same time, through the plan of a batch."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any, Generic, TypeVar, cast

import attrs

from conversation_client._batch.engine import Sender
from conversation_client._batch.outcomes import iterate_batch
from conversation_client._batch.settings import Settings
from conversation_client._batch.source import Source
from conversation_client._http.call import Call, Options
from conversation_client._http.transport import Transport
from conversation_client._http.wire import Id
from conversation_client.batch import ReadOutcome
from conversation_client.errors import ConversationClientError, GoneError
from conversation_client.operations import Operation
from conversation_client.retry import OnRepeat

T = TypeVar("T")


class _Asked(Generic[T]):
    """A document that is asked for: the item of a batch."""

    __slots__ = ("id", "position", "value")

    def __init__(self, id_: Id, position: int = 0) -> None:
        self.id = id_
        self.position = position
        self.value: T | None = None


Ended = tuple[_Asked[T], ConversationClientError | None]
"""A document that was read, or why it was not."""


class Reads(Generic[T]):
    """How documents are read.

    Args:
        transport: The way to the server.
        row: By which row; it takes one id.
        options: The deadline of each call, the headers, and whether to send again.
        settings: Those of the batch.
        transferables: Whether to include the contents of fragments.
    """

    def __init__(
        self,
        transport: Transport,
        row: Operation[T],
        options: Options,
        settings: Settings,
        transferables: bool | None,
    ) -> None:
        self._transport = transport
        self._row = row
        self._options = options
        self._once = attrs.evolve(options, retry=None)
        self._settings = settings
        self._transferables = transferables

    async def as_they_come(self, source: Source) -> AsyncGenerator[ReadOutcome[T], None]:
        """Read the documents of ids, and yield each in order of completion.

        Args:
            source: The ids.
        """
        asked = source.made_into(cast("Any", _Asked))
        async with aclosing(self._ended(asked)) as all_ended:
            async for each, error in all_ended:
                yield ReadOutcome(each.id, each.value, error)

    async def in_order(self, ids: list[str]) -> AsyncGenerator[T, None]:
        """Read the documents of ids, and yield each in its turn, but for those that are gone.

        No more are read ahead than twice as many as are read at the same time.

        Raises:
            ConversationClientError: What became of one that could not be read.
        """
        turn = _Turn(2 * self._settings.concurrency)
        early: dict[int, Ended[T]] = {}
        async with aclosing(self._ended(Source("ids", turn.items(ids)))) as all_ended:
            async for ended in all_ended:
                early[ended[0].position] = ended
                while turn.position in early:
                    each, error = early.pop(turn.position)
                    if error is None:
                        yield cast("T", each.value)
                    elif not isinstance(error, GoneError):
                        raise error
                    turn.advance()

    async def _ended(self, source: Source) -> AsyncGenerator[Ended[T], None]:
        sender = Sender(self._stream)
        async with aclosing(iterate_batch(sender, source, self._settings)) as outcomes:
            async for outcome in outcomes:
                yield cast("_Asked[T]", outcome.item), outcome.error

    async def _stream(
        self, source: Iterator[_Asked[T]], on_repeat: OnRepeat, /, *, repeat: bool
    ) -> None:
        options = self._options if repeat else self._once
        for asked in source:
            call = Call(
                self._row,
                (asked.id,),
                options,
                transferables=self._transferables,
                on_repeat=on_repeat,
            )
            asked.value = await self._transport.send(call)


class _Turn:
    """Whose turn it is, and how far ahead of it others may be read.

    Args:
        ahead: How many.
    """

    def __init__(self, ahead: int) -> None:
        self.position = 0
        self._ahead = ahead
        self._advanced = asyncio.Event()

    def advance(self) -> None:
        """Let the next one have its turn."""
        self.position += 1
        self._advanced.set()

    async def items(self, ids: list[str]) -> AsyncGenerator[Any, None]:
        """Yield what is to be read, as its turn comes near."""
        for position, id_ in enumerate(ids):
            while position >= self.position + self._ahead:
                self._advanced.clear()
                await self._advanced.wait()
            yield _Asked[Any](id_, position)

"""The journal of a batch under way: what there is to do, and what became of it."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import zip_longest
from types import TracebackType
from typing import cast

import attrs

from conversation_client._journal_file import (
    BLOCK,
    DONE,
    FAILED,
    QUEUED,
    Database,
    Job,
    Reader,
    create,
    damaged,
    errors_of,
    in_use,
    is_new,
    look_into,
)
from conversation_client._journal_ids import decode_ids, encode_ids
from conversation_client._source import Numbered, Source
from conversation_client.batch import Item
from conversation_client.errors import (
    ConversationClientError,
    JournalError,
    JournalLockedError,
    JournalMismatchError,
)

GROUP = 256
"""Items that are written together, unless the batch asks for it earlier."""
TURN = 16
"""Blocks of an input after which the event loop gets a turn."""
SHOWN = 200
"""Characters of an id that an error shows."""


async def begin_journal(
    path: str, job: Job, source: Source, on_turn: Callable[[], object]
) -> "Journal":
    """Open the journal of a job, with all of its input in it.

    Args:
        path: Where it is, or is to be made.
        job: What the items are for.
        source: The input, which is read to its end.
        on_turn: Called now and then meanwhile.

    Raises:
        JournalError: It cannot be used. One that belongs to another job stays as it is.
    """
    if is_new(path):
        create(path, job)
    with Reader(path, for_writing=True) as reader:
        theirs, total = reader.read_job()
        if (theirs.operation, theirs.conversation) != (job.operation, job.conversation):
            raise JournalMismatchError(
                f"{path}: it is the journal of {theirs}, not of {job}: choose another path"
            )
        blocks = await _compare(reader, total, source, on_turn)
    journal = Journal(path)
    if (journal.blocks, journal.total) != (blocks, total):
        journal.close()
        raise JournalLockedError(f"{path}: another batch has just changed it: try again")
    try:
        await journal.ingest(source, on_turn)
    except BaseException:
        journal.close()
        raise
    return journal


def resume_journal(path: str) -> "Journal":
    """Open a journal that holds all of its input.

    Raises:
        JournalError: It cannot be used, or its input was not read to the end.
    """
    with Reader(path, for_writing=True) as reader:
        _, total = reader.read_job()
    if total is None:
        raise JournalError(
            f"{path}: its input was not read to the end: repeat the call that began it"
        )
    return Journal(path)


async def _compare(
    reader: Reader, total: int | None, source: Source, on_turn: Callable[[], object]
) -> int:
    """Check that the input begins with what the journal holds, and ends there if that is all.

    Returns:
        The number of blocks.
    """
    blocks, *_ = reader.counts()
    for number in range(blocks):
        items = await source.take_many(BLOCK)
        if encode_ids(items) != reader.ids_text(number):
            _refuse_others(reader.path, number * BLOCK, items, reader.ids(number))
        await _give_turn(number, on_turn)
    if total is not None and (more := await source.take_many(1)):
        _refuse_others(reader.path, total, more, [])
    return blocks


def _refuse_others(path: str, before: int, here: Sequence[object], there: Sequence[object]) -> None:
    """Name the first item that is not the same; the spelling alone may have been changed."""
    spelled = map(repr, decode_ids(encode_ids(here)))
    pairs = zip_longest(spelled, map(repr, there), fillvalue="missing")
    for position, (mine, its) in enumerate(pairs, before + 1):
        if mine != its:
            raise JournalMismatchError(
                f"{path}: it is the journal of another input: item {position} is"
                f" {its:.{SHOWN}} there and {mine:.{SHOWN}} here: choose another path"
            )


async def _give_turn(number: int, on_turn: Callable[[], object]) -> None:
    if number % TURN == TURN - 1:
        on_turn()
        await asyncio.sleep(0)


@attrs.define
class _Block:
    """A block with items that are to be sent."""

    states: bytearray
    left: int
    """How many of them have not ended."""


class Journal(Database):
    """A journal that nobody else can use while it is open.

    Raises:
        JournalError: It cannot be used.
    """

    def __init__(self, path: str) -> None:
        self._identity = look_into(path, for_writing=True)
        super().__init__(path, "rw")
        in_use.add(self._identity)
        self._blocks: dict[int, _Block] = {}
        """Those under way."""
        self._changed: set[int] = set()
        self._unwritten = 0
        self._failures: dict[int, str] = {}
        self._mended: list[int] = []
        """Positions of items that failed in an earlier run and are done now."""
        try:
            self.lock()
            with errors_of(path):
                self._index.unlink(missing_ok=True)  # of somebody who read it after a kill
            self.query("PRAGMA journal_mode = WAL")
            self.query("PRAGMA synchronous = NORMAL")
            self.job, self.total = self.read_job()
            self.blocks, self.skipped, *_ = self.counts()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Write what is not written, and close the journal."""
        try:
            self.flush()
        except JournalError:
            if error is None:
                raise
        finally:
            self.close()

    def close(self) -> None:
        """Close the journal, which is one file then."""
        with suppress(JournalError):  # as after a kill, then: two files, and nothing is lost
            self.query("PRAGMA journal_mode = MEMORY")
        super().close()
        in_use.discard(self._identity)

    async def ingest(self, source: Source, on_turn: Callable[[], object]) -> None:
        """Add what is left of the input."""
        at_once = 1 if source.is_async else TURN
        while self.total is None:
            rows: list[tuple[int, str, bytes]] = []
            while self.total is None and len(rows) < at_once:
                chunk = await source.take_many(BLOCK)
                number = self.blocks + len(rows)
                if chunk:
                    rows.append((number, encode_ids(chunk), bytes([QUEUED]) * len(chunk)))
                if len(chunk) < BLOCK:
                    self.total = number * BLOCK + len(chunk)
            self._add(rows)
            on_turn()
            await asyncio.sleep(0)

    def _add(self, rows: list[tuple[int, str, bytes]]) -> None:
        with self.transaction():
            self.write(
                "INSERT INTO block VALUES (?, ?)", [(number, ids) for number, ids, _ in rows]
            )
            states = [(number, states) for number, _, states in rows]
            self.write("INSERT INTO state VALUES (?, ?)", states)
            self.write("UPDATE job SET total = ?", [(self.total,)])
        self.blocks += len(rows)

    def source(self) -> Source:
        """Return the items that are not done."""
        return Source.of_numbered(self._not_done(), self.total)

    def _not_done(self) -> Iterator[Numbered]:
        for number in range(self.blocks):
            states = self.states(number)
            block = _Block(bytearray(states), len(states) - states.count(DONE))
            if block.left:
                self._blocks[number] = block
                items = cast(list[Item], self.ids(number))
                if len(items) != len(states):
                    raise damaged(self.path, f"block {number}")
                for offset, item in enumerate(items):
                    if states[offset] != DONE:
                        yield number * BLOCK + offset + 1, item

    def record(self, position: int, error: ConversationClientError | None) -> None:
        """Note how an item ended."""
        number, offset = divmod(position - 1, BLOCK)
        block = self._blocks[number]
        if error is not None:
            self._failures[position] = str(error).encode(errors="backslashreplace").decode()
            block.states[offset] = FAILED
        else:
            if block.states[offset] == FAILED:
                self._mended.append(position)
            block.states[offset] = DONE
        block.left -= 1
        self._changed.add(number)
        self._unwritten += 1
        if self._unwritten >= GROUP:
            self.flush()

    def flush(self) -> None:
        """Write what was noted; if that is not possible, it stays noted."""
        if not self._unwritten:
            return
        states = [(bytes(self._blocks[number].states), number) for number in self._changed]
        with self.transaction():
            self.write("UPDATE state SET states = ? WHERE number = ?", states)
            self.write("DELETE FROM failure WHERE position = ?", [(n,) for n in self._mended])
            self.write("INSERT OR REPLACE INTO failure VALUES (?, ?)", list(self._failures.items()))
        for number in self._changed:
            if not self._blocks[number].left:
                del self._blocks[number]
        self._unwritten = 0
        self._changed.clear()
        self._mended.clear()
        self._failures.clear()

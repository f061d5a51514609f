"""The journal of a batch under way: what there is to do, and what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import compress, zip_longest
from types import TracebackType
from typing import cast

from conversation_client._batch.source import Numbered, Source
from conversation_client._journal_claim import Claim
from conversation_client._journal_errors import damaged
from conversation_client._journal_file import (
    BLOCK,
    DONE,
    FAILED,
    QUEUED,
    Job,
    Reader,
    look_into,
)
from conversation_client._journal_ids import decode_ids, encode_ids
from conversation_client._journal_making import create, is_new
from conversation_client._journal_writer import Writer
from conversation_client.batch import Item
from conversation_client.errors import (
    ConversationClientError,
    JournalError,
    JournalMismatchError,
)

GROUP = 256
"""Items that are written together, unless the batch asks for it earlier."""
RETRIED = ord("r")
"""In memory only: the state of an item that failed in an earlier run, until it has ended again."""
TURN = 16
"""Blocks of an input after which the event loop gets a turn."""
SHOWN = 200
"""Characters of an id that an error shows."""


async def begin_journal(
    path: str, job: Job, source: Source, on_turn: Callable[[], Awaitable[object]]
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
    if not is_new(path):
        look_into(path, for_writing=True)
    with _claimed(path) as claim:
        if is_new(path):
            create(path, job, claim)
        with Reader(path, for_writing=True) as reader:
            theirs, total = reader.read_job()
            if (theirs.operation, theirs.conversation) != (job.operation, job.conversation):
                raise JournalMismatchError(
                    f"{path}: it is the journal of {theirs}, not of {job}: choose another path"
                )
            await _compare(reader, total, source, on_turn)
        journal = Journal(path, claim)
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
    look_into(path, for_writing=True)
    with _claimed(path) as claim:
        with Reader(path, for_writing=True) as reader:
            _, total = reader.read_job()
        if total is None:
            raise JournalError(
                f"{path}: its input was not read to the end: repeat the call that began it"
            )
        return Journal(path, claim)


@contextmanager
def _claimed(path: str) -> Generator[Claim, None, None]:
    """Claim a journal, and release it only if that comes to nothing."""
    claim = Claim(path)
    try:
        yield claim
    except BaseException:
        claim.release(unused=True)
        raise


async def _compare(
    reader: Reader, total: int | None, source: Source, on_turn: Callable[[], Awaitable[object]]
) -> None:
    """Check that the input begins with what the journal holds, and ends there if that is all."""
    blocks, *_ = reader.counts()
    for number in range(blocks):
        items = await source.take_many(BLOCK)
        if encode_ids(items) != reader.ids_text(number):
            _refuse_others(reader, number * BLOCK, items, reader.ids(number))
        await _give_turn(number, on_turn)
    if total is not None and (more := await source.take_many(1)):
        _refuse_others(reader, total, more, [])


def _refuse_others(
    reader: Reader, before: int, here: Sequence[object], there: Sequence[object]
) -> None:
    """Name the first item that is not the same; the spelling alone may have been changed."""
    spelled = map(repr, decode_ids(encode_ids(here)))
    pairs = zip_longest(spelled, map(repr, there), fillvalue="missing")
    for position, (mine, its) in enumerate(pairs, before + 1):
        if mine != its:
            raise JournalMismatchError(
                f"{reader.path}: it is the journal of another input: item {position} is"
                f" {its:.{SHOWN}} there and {mine:.{SHOWN}} here:"
                f" {_advice(reader, here[position - before - 1 :])}"
            )


def _advice(reader: Reader, here: Sequence[object]) -> str:
    """Say what to do about an input that goes on in another way than that of a journal."""
    if not here or not reader.holds(here[0]):
        return "choose another path"
    order = "it is elsewhere there: if only the order has changed, as that of a set does,"
    _, total = reader.read_job()
    if total is None:  # and nothing was sent
        return f"{order} remove the journal and begin anew with the ids sorted"
    return f"{order} use resume, which needs no ids"


async def _give_turn(number: int, on_turn: Callable[[], Awaitable[object]]) -> None:
    if number % TURN == TURN - 1:
        await on_turn()
        await asyncio.sleep(0)


class Journal(Writer):
    """The journal of a batch, which nobody else can use while it is open.

    Raises:
        JournalError: It cannot be used.
    """

    def __init__(self, path: str, claim: Claim) -> None:
        super().__init__(path, claim)
        self._states: dict[int, bytearray] = {}
        """Of the blocks under way, by their numbers."""
        self._done: list[int] = []
        """Positions of items that are done, which is not written yet."""
        self._failures: dict[int, str] = {}
        """The same of those that failed, and why."""
        self._mended: list[tuple[int]] = []
        """Those that are done and had failed in an earlier run."""
        try:
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

    async def ingest(self, source: Source, on_turn: Callable[[], Awaitable[object]]) -> None:
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
            self.check_place()
            await on_turn()
            await asyncio.sleep(0)

    def _add(self, rows: list[tuple[int, str, bytes]]) -> None:
        with self.writing(lasting=self.total is not None):  # then the first request goes out
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
            if states.count(DONE) == len(states):
                continue
            items = cast(list[Item], self.ids(number))
            if len(items) != len(states):
                raise damaged(self.path, f"block {number}")
            self._states[number] = bytearray(states.replace(bytes([FAILED]), bytes([RETRIED])))
            numbered = enumerate(items, number * BLOCK + 1)
            is_open = [state != DONE for state in states]
            yield from numbered if all(is_open) else compress(numbered, is_open)

    def record(self, position: int, error: ConversationClientError | None) -> None:
        """Note how an item ended."""
        if error is None:
            self._done.append(position)
        else:
            self._failures[position] = str(error).encode(errors="backslashreplace").decode()
        if len(self._done) + len(self._failures) >= GROUP:
            self.flush()

    def flush(self) -> None:
        """Write what was noted; if that is not possible, it stays noted.

        Raises:
            JournalError: It is not possible, or the journal is not where it was.
        """
        if self._done or self._failures:
            self._write_noted()
        else:
            self.keep_up()
        self.check_place()

    def _write_noted(self) -> None:
        changed = self._mark(self._done, DONE) | self._mark(self._failures, FAILED)
        rows = [
            (self._states[number].replace(bytes([RETRIED]), bytes([FAILED])), number)
            for number in changed
        ]
        with self.writing():
            self.write("UPDATE state SET states = ? WHERE number = ?", rows)
            self.write("DELETE FROM failure WHERE position = ?", self._mended)
            self.write("INSERT OR REPLACE INTO failure VALUES (?, ?)", list(self._failures.items()))
        for number in changed:
            if QUEUED not in self._states[number] and RETRIED not in self._states[number]:
                del self._states[number]
        self._done.clear()
        self._failures.clear()
        self._mended.clear()

    def _mark(self, positions: Iterable[int], state: int) -> set[int]:
        """Put a state in place of those before; return the numbers of the blocks concerned."""
        changed: set[int] = set()
        last = None
        states = bytearray()
        for position in positions:
            number = (position - 1) // BLOCK
            if number != last:
                last = number
                changed.add(number)
                states = self._states[number]
            offset = (position - 1) % BLOCK
            if states[offset] == RETRIED:
                self._mended.append((position,))
            states[offset] = state
        return changed

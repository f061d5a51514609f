"""Whether input, journal and server agree, item by item and without holding them in memory."""

import heapq
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby, repeat
from operator import itemgetter
from pathlib import Path

import attrs


@attrs.define
class Verdict:
    """How many items are as they should be, and how many are not."""

    agreed: int = 0
    """In the input, done in the journal, and on the server."""
    lost: int = 0
    """In the input, but not done in the journal."""
    wrongly_done: int = 0
    """Done in the journal, but not on the server."""
    unasked: int = 0
    """In the journal or on the server, but not in the input."""

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.wrongly_done or self.unasked)

    def add(self, *, wanted: bool, done: bool, held: bool) -> None:
        self.agreed += wanted and done and held
        self.lost += wanted and not done
        self.wrongly_done += done and not held
        self.unasked += not wanted


def compare(ids: Path, journal: Path, server: Path) -> Verdict:
    """Compare three lists that are all sorted by id: what was wanted, what is done, what is held."""
    verdict = Verdict()
    with (
        ids.open() as lines,
        closing(sqlite3.connect(journal)) as job,
        closing(sqlite3.connect(server)) as store,
    ):
        wanted = (line.rstrip("\n") for line in lines)
        done = _column(job, "SELECT id FROM item WHERE state = 'done' ORDER BY position")
        entries = "SELECT id FROM entries WHERE collection = 'assets' AND NOT removed ORDER BY id"
        for places in _merged(wanted, done, _column(store, entries)):
            verdict.add(wanted=0 in places, done=1 in places, held=2 in places)
    return verdict


def _column(database: sqlite3.Connection, query: str) -> Iterator[str]:
    return (value for (value,) in database.execute(query))


def _merged(*streams: Iterator[str]) -> Iterator[list[int]]:
    """For each id, tell in which of the streams it is."""
    numbered = [zip(stream, repeat(number), strict=False) for number, stream in enumerate(streams)]
    for _, group in groupby(heapq.merge(*numbered), itemgetter(0)):
        yield [number for _, number in group]

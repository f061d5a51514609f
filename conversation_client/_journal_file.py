"""The file of a journal: its layout, and how it is opened.

At rest it is one ordinary SQLite file. While a batch uses it, and after a kill, a write-ahead log
lies beside it and belongs to it. Ids are kept in blocks, and so are their states, one letter each:
a batch of a million items writes a few thousand rows. The view `item` shows them one by one.
"""

import errno
import os
import stat
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from shutil import copyfile, rmtree
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import quote

import attrs

from conversation_client._fork import call_after_fork, never_collect
from conversation_client._journal_claim import ENDING, Identity, identity_of, ours
from conversation_client._journal_errors import damaged, errors_of, locked
from conversation_client._journal_ids import decode_ids, encode_ids
from conversation_client.errors import (
    InvalidArgumentError,
    JournalCorruptError,
    JournalError,
    JournalReadOnlyError,
    JournalVersionError,
)
from conversation_client.operations import (
    ASSOCIATIONS,
    DELETE_CONVERSATION,
    DISASSOCIATIONS,
    Operation,
)

if TYPE_CHECKING:
    import sqlite3
else:
    from conversation_client._journal_errors import sqlite3

MAGIC = b"SQLite format 3\0"
APPLICATION_ID = 0x50634A31
VERSION = 1
BLOCK = 256
"""Ids of a block."""
QUEUED, DONE, FAILED = b"qdf"
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite appends to the path of a database for files that belong to it."""

SCHEMA = (
    """CREATE TABLE job (
        operation TEXT NOT NULL, -- as the reference calls it
        conversation TEXT NOT NULL,
        base_url TEXT NOT NULL,
        created TEXT NOT NULL,
        total INTEGER -- of items, once all of them are here
    )""",
    # A JSON array.
    "CREATE TABLE block (number INTEGER PRIMARY KEY, ids TEXT NOT NULL)",
    # A letter for each id.
    "CREATE TABLE state (number INTEGER PRIMARY KEY, states BLOB NOT NULL)",
    "CREATE TABLE failure (position INTEGER PRIMARY KEY, error TEXT NOT NULL)",
    f"""CREATE VIEW item (position, id, state) AS
        SELECT
            block.number * {BLOCK} + entry.key + 1,
            entry.value,
            CASE substr(state.states, entry.key + 1, 1)
                WHEN x'{QUEUED:02x}' THEN 'queued'
                WHEN x'{DONE:02x}' THEN 'done'
                WHEN x'{FAILED:02x}' THEN 'failed'
            END
        FROM block JOIN state USING (number), json_each(block.ids) AS entry""",  # noqa: S608
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)

_ROWS: Mapping[str, Operation[None]] = {
    row.id: row for row in (*ASSOCIATIONS.values(), *DISASSOCIATIONS.values(), DELETE_CONVERSATION)
}


@attrs.frozen
class Job:
    """What the items of a journal are for."""

    operation: Operation[None]
    conversation: str
    """Which one it is about; empty where the items are conversations themselves."""
    base_url: str

    def __str__(self) -> str:
        """Say what is done with which conversation."""
        if not self.conversation:
            return self.operation.id
        return f"{self.operation.id} on {self.conversation!r}"


# Opening


def path_of(journal: object) -> str:
    """Return the path that somebody gave.

    Raises:
        InvalidArgumentError: It is none.
    """
    path: object = journal
    if isinstance(journal, os.PathLike):
        path = os.fspath(cast(os.PathLike[str], journal))
    if isinstance(path, str) and path and "\0" not in path:
        with suppress(UnicodeEncodeError):
            os.fsencode(path)
            return path
    raise InvalidArgumentError(f"journal: a path is needed, not {journal!r}")


def look_into(path: str, *, for_writing: bool = False) -> Identity:
    """Check a file before SQLite opens it, which might change it.

    Returns:
        What tells it from all others.

    Raises:
        JournalError: It is no journal that can be used now.
    """
    with errors_of(path):
        try:
            found = Path(path).stat()
        except FileNotFoundError:
            raise JournalError(f"{path}: there is no journal") from None
        if not stat.S_ISREG(found.st_mode):
            raise JournalCorruptError(f"{path}: it is no file: choose another path")
        with ours.guard:
            if identity_of(found) in ours.journals:
                raise locked(path)
            with Path(path).open("r+b" if for_writing else "rb", buffering=0) as file:
                head = file.read(100)
        if for_writing and not os.access(Path(path).resolve().parent, os.W_OK):
            raise PermissionError(errno.EACCES, "no file can be made beside it")
    version = int.from_bytes(head[60:64], "big")
    if not head.startswith(MAGIC) or int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise JournalCorruptError(f"{path}: it is no journal of this library: choose another path")
    if version > VERSION:
        raise JournalVersionError(
            f"{path}: it has format {version}, of a newer version of this library than this one,"
            f" which knows {VERSION}: upgrade"
        )
    return identity_of(found)


LONGEST = 504
"""Bytes of a path that SQLite takes, except on Windows."""


def uri_of(file: PurePath, mode: str) -> str:
    """Return how SQLite is told of a file.

    All of it is quoted, separators as well: two slashes in the beginning, as of shares of Windows,
    would make the first folder the name of a machine.
    """
    name = os.fsencode(file)
    if os.name == "posix" and len(name) > LONGEST:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
    return f"file:{quote(name, safe='')}?mode={mode}"


def is_of_journal(file: str, path: str) -> bool:
    """Tell whether a file is a journal or one that belongs to it, by whatever name."""
    real = os.path.realpath(path)
    for end in ("", *BESIDE, ENDING):
        if os.path.realpath(file) == f"{real}{end}":
            return True
        with suppress(OSError):
            if Path(file).samefile(f"{real}{end}"):
                return True
    return False


class Database:
    """A connection to a journal, with errors of this library.

    A forked child has nothing to do with it: what it closed would be closed under its parent.

    Args:
        path: The journal, as errors name it.
        mode: As in URIs of SQLite.
        file: Where it is, if that is elsewhere.

    Raises:
        JournalError: It cannot be opened.
    """

    def __init__(self, path: str, mode: str, *, file: Path | None = None) -> None:
        self.path = path
        self._is_parents = False
        self._connection: sqlite3.Connection | None = None
        with errors_of(path):
            self._file = Path(os.path.realpath(path)) if file is None else file
            self._connect(mode)
        call_after_fork(self)

    def _connect(self, mode: str) -> None:
        self._connection = sqlite3.connect(
            uri_of(self._file, mode),
            uri=True,
            timeout=0,
            isolation_level=None,
            check_same_thread=False,  # one thread after another may run the event loop
        )

    @property
    def connection(self) -> "sqlite3.Connection":
        """That of SQLite.

        Raises:
            JournalError: There is none any more, as in a forked child.
        """
        if self._connection is None:
            raise JournalError(
                f"{self.path}: it is left to the process that this one was forked from"
            )
        return self._connection

    @property
    def index(self) -> Path:
        """The file of the log's index; only readers need one."""
        return Path(f"{self._file}-shm")

    def after_fork(self) -> None:
        """Leave the connection to the parent.

        Even at the interpreter's end it is not to be closed: that would write the log into the
        journal and remove it, while the parent goes on to write to it.
        """
        self._is_parents = True
        if self._connection is not None:
            never_collect(self._connection)
            self._connection = None

    def __enter__(self) -> Self:
        """Return the connection."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; closing twice does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows that a statement gives."""
        with errors_of(self.path):
            return self.connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """Keep all that is written within, or nothing of it."""
        with errors_of(self.path), self.connection:
            self.connection.execute("BEGIN IMMEDIATE")
            yield

    def write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Execute a statement for each row, within a transaction."""
        self.connection.executemany(statement, rows)

    def read_job(self) -> tuple[Job, int | None]:
        """Return the job, and the number of its items if all of them are there."""
        rows = self.query("SELECT operation, conversation, base_url, total FROM job")
        if len(rows) != 1 or rows[0][0] not in _ROWS:
            raise damaged(self.path, "no job")
        ((operation, conversation, base_url, total),) = rows
        return Job(_ROWS[operation], conversation, base_url), total

    def ids(self, number: int) -> list[object]:
        """Return the ids of a block."""
        try:
            return decode_ids(self.ids_text(number))
        except (ValueError, TypeError, LookupError, RecursionError):
            raise damaged(self.path, f"block {number}") from None

    def ids_text(self, number: int) -> str:
        """Return the ids of a block as they are spelled."""
        ((text,),) = self.query("SELECT CAST(ids AS TEXT) FROM block WHERE number = ?", number)
        return str(text)

    def holds(self, item: object) -> bool:
        """Tell whether an id is anywhere in the journal."""
        spelled = encode_ids([item])[1:-1]
        statement = "SELECT EXISTS (SELECT 1 FROM block WHERE instr(CAST(ids AS TEXT), ?))"
        return self.query(statement, spelled) == [(1,)]

    def states(self, number: int) -> bytes:
        """Return the states of the items of a block."""
        statement = "SELECT CAST(states AS BLOB) FROM state WHERE number = ?"
        ((states,),) = self.query(statement, number)
        return bytes(states)

    def counts(self) -> tuple[int, int, int, int]:
        """Return the number of blocks, and those of done, failed and queued items."""
        blocks = done = failed = queued = 0
        with errors_of(self.path):
            for (states,) in self.connection.execute("SELECT CAST(states AS BLOB) FROM state"):
                blocks += 1
                done += states.count(DONE)
                failed += states.count(FAILED)
                queued += states.count(QUEUED)
        return blocks, done, failed, queued


class Reader(Database):
    """A journal that is looked at and not changed.

    To read that of a batch which was killed, SQLite makes an index beside it, which is removed;
    where nothing can be made, it is a copy elsewhere that is read.

    Raises:
        JournalError: It cannot be read.
    """

    def __init__(self, path: str, *, for_writing: bool = False) -> None:
        look_into(path, for_writing=for_writing)
        super().__init__(path, "ro")
        self._keeps_index = True
        self._copy: Path | None = None
        try:
            with suppress(OSError):
                self._keeps_index = self.index.exists()
            try:
                self._begin()
            except JournalReadOnlyError:
                self._turn_to_copy()
                self._begin()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the journal."""
        if self._is_parents:
            return
        super().close()
        if not self._keeps_index:
            with suppress(OSError):  # there may be none, and the disk may be read-only
                self.index.unlink()
        if self._copy is not None:
            rmtree(self._copy, ignore_errors=True)

    def _turn_to_copy(self) -> None:
        super().close()
        with errors_of(self.path):
            self._copy = Path(tempfile.mkdtemp(prefix="journal-"))
            file = self._copy / "journal"
            before = self._looks()
            for end in before:
                copyfile(f"{self._file}{end}", f"{file}{end}")
            if self._looks() != before:
                raise locked(self.path)
            self._file, self._keeps_index = file, True  # it goes with all the rest
            self._connect("ro")

    def _looks(self) -> dict[str, tuple[Identity, int, int]]:
        """Tell what a journal consists of, and what would change if somebody wrote to it."""
        looks: dict[str, tuple[Identity, int, int]] = {}
        for end in ("", "-wal"):
            with suppress(FileNotFoundError):
                found = Path(f"{self._file}{end}").stat()
                looks[end] = (identity_of(found), found.st_size, found.st_mtime_ns)
        return looks

    def failures(self) -> Iterator[tuple[int, str]]:
        """Return positions and errors of the items that failed, in order."""
        with errors_of(self.path):
            rows = self.connection.execute("SELECT position, error FROM failure ORDER BY position")
        while True:
            with errors_of(self.path):
                row = rows.fetchone()
            if row is None:
                return
            yield row

    def _begin(self) -> None:
        self.query("BEGIN")
        if self.query("PRAGMA quick_check(1)") != [("ok",)]:
            raise damaged(self.path, "a page")
        _, total = self.read_job()
        spans = "SELECT count(*), coalesce(max(number) + 1, 0) FROM "
        of_ids, of_states = self.query(spans + "block"), self.query(spans + "state")
        blocks, *counted = self.counts()
        ((letters,),) = self.query("SELECT coalesce(sum(length(states)), 0) FROM state")
        is_whole = of_ids == of_states == [(blocks, blocks)] and sum(counted) == letters
        if not is_whole or total not in (None, letters):
            raise damaged(self.path, "items are missing")

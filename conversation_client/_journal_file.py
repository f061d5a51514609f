"""The file of a journal: its layout, how it is opened, and what may be wrong with it.

At rest it is one ordinary SQLite file. While a batch uses it, and after a kill, a write-ahead log
lies beside it and belongs to it. Ids are kept in blocks, and so are their states, one letter each:
a batch of a million items writes a few thousand rows. The view `item` shows them one by one.
"""

import errno
import os
import sqlite3
import stat
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import attrs

from conversation_client._journal_ids import decode_ids
from conversation_client.errors import (
    InvalidArgumentError,
    JournalCorruptError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalReadOnlyError,
    JournalVersionError,
)
from conversation_client.operations import ASSOCIATIONS, DISASSOCIATIONS, AssociationOperation

MAGIC = b"SQLite format 3\0"
APPLICATION_ID = 0x50634A31
VERSION = 1
BLOCK = 256
"""Ids of a block."""
QUEUED, DONE, FAILED = b"qdf"

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

_ROWS: Mapping[str, AssociationOperation] = {
    row.id: row for table in (ASSOCIATIONS, DISASSOCIATIONS) for row in table.values()
}

in_use: set[tuple[int, int]] = set()
"""Device and inode of each journal that this process has open for writing.

To open one of these as an ordinary file, and close it, would release the locks of SQLite on it.
"""


@attrs.frozen
class Job:
    """What the items of a journal are for."""

    operation: AssociationOperation
    conversation: str
    base_url: str

    def __str__(self) -> str:
        """Say what is done with which conversation."""
        return f"{self.operation.id} on {self.conversation!r}"


# What may be wrong

_FULL = JournalFullError, "there is no space left for it: make room and go on with it"
_READ_ONLY = JournalReadOnlyError, "it or its directory cannot be written to: change that"
_LOCKED = JournalLockedError, "it is in use: wait for the batch that uses it"
_CORRUPT = JournalCorruptError, "it is damaged: begin with a new one"
_FAILING = JournalError, "its disk does not work as it should"

_BY_SQLITE_CODE: Mapping[int, tuple[type[JournalError], str]] = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_IOERR_WRITE: _FULL,  # what a quota or a limit of the process gives
    sqlite3.SQLITE_IOERR_SHMSIZE: _FULL,
    sqlite3.SQLITE_IOERR: _FAILING,
}
_BY_ERRNO: Mapping[int | None, tuple[type[JournalError], str]] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
    errno.ENOENT: (JournalError, "its directory does not exist"),
}


@contextmanager
def errors_of(path: str) -> Generator[None, None, None]:
    """Raise what goes wrong with a journal as an error of this library."""
    try:
        yield
    except sqlite3.Error as error:
        # Without a code it is Python that cannot make sense of what SQLite read.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        kind, text = _BY_SQLITE_CODE.get(code) or _BY_SQLITE_CODE.get(code & 0xFF) or _CORRUPT
        raise kind(f"{path}: {text} ({error})") from error
    except OSError as error:
        kind, text = _BY_ERRNO.get(error.errno, (JournalError, "it cannot be opened"))
        raise kind(f"{path}: {text} ({error.strerror})") from error


def damaged(path: str, what: str) -> JournalCorruptError:
    """Make the error of a file with which SQLite itself is content."""
    kind, text = _CORRUPT
    return kind(f"{path}: {text} ({what})")


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
        return path
    raise InvalidArgumentError(f"journal: a path is needed, not {journal!r}")


def is_new(path: str) -> bool:
    """Tell whether there is no file yet, or an empty one."""
    with errors_of(path):
        try:
            found = Path(path).stat()
        except FileNotFoundError:
            return True
        return stat.S_ISREG(found.st_mode) and found.st_size == 0


def look_into(path: str, *, for_writing: bool = False) -> tuple[int, int]:
    """Check a file before SQLite opens it, which might change it.

    Returns:
        Its device and inode.

    Raises:
        JournalError: It is no journal that can be used now.
    """
    with errors_of(path):
        try:
            found = Path(path).stat()
        except FileNotFoundError:
            raise JournalError(f"{path}: there is no journal") from None
        identity = (found.st_dev, found.st_ino)
        if not stat.S_ISREG(found.st_mode):
            raise JournalCorruptError(f"{path}: it is no file: choose another path")
        if identity in in_use:
            kind, text = _LOCKED
            raise kind(f"{path}: {text}")
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
    return identity


def create(path: str, job: Job) -> None:
    """Make a journal without items where there is no file, or an empty one.

    Raises:
        JournalError: It cannot be made.
    """
    is_ours = False
    with errors_of(path):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            is_ours = True
        except FileExistsError:
            with suppress(PermissionError):
                Path(path).chmod(0o600)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    values = (job.operation.id, job.conversation, job.base_url, created)
    try:
        with Database(path, "rw") as database:
            database.lock()
            with database.transaction():
                if not database.query("SELECT * FROM sqlite_master"):  # nobody was faster
                    for statement in SCHEMA:
                        database.query(statement)
                    database.query("INSERT INTO job VALUES (?, ?, ?, ?, NULL)", *values)
    except JournalLockedError:
        raise  # whoever was faster has it
    except JournalError:
        if is_ours:
            Path(path).unlink(missing_ok=True)
        raise


class Database:
    """A connection to a journal, with errors of this library."""

    def __init__(self, path: str, mode: str) -> None:
        self.path = path
        with errors_of(path):
            real = Path(path).resolve()
            self._index = Path(f"{real}-shm")
            """Of the write-ahead log; only readers need one."""
            self._connection = sqlite3.connect(
                f"{real.as_uri()}?mode={mode}",
                uri=True,
                timeout=0,
                isolation_level=None,
                check_same_thread=False,  # one thread after another may run the event loop
            )

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
        self._connection.close()

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows that a statement gives."""
        with errors_of(self.path):
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """Keep all that is written within, or nothing of it."""
        with errors_of(self.path), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield

    def write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Execute a statement for each row, within a transaction."""
        self._connection.executemany(statement, rows)

    def lock(self) -> None:
        """Keep everybody else out until the connection is closed.

        There is no rollback journal beside the file, which a kill might leave there. What is
        written before there is a write-ahead log can be written anew.
        """
        self.query("PRAGMA locking_mode = EXCLUSIVE")
        self.query("PRAGMA journal_mode = MEMORY")
        self.query("BEGIN EXCLUSIVE")
        self.query("COMMIT")

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

    def states(self, number: int) -> bytes:
        """Return the states of the items of a block."""
        statement = "SELECT CAST(states AS BLOB) FROM state WHERE number = ?"
        ((states,),) = self.query(statement, number)
        return bytes(states)

    def counts(self) -> tuple[int, int, int, int]:
        """Return the number of blocks, and those of done, failed and queued items."""
        blocks = done = failed = queued = 0
        with errors_of(self.path):
            for (states,) in self._connection.execute("SELECT CAST(states AS BLOB) FROM state"):
                blocks += 1
                done += states.count(DONE)
                failed += states.count(FAILED)
                queued += states.count(QUEUED)
        return blocks, done, failed, queued


class Reader(Database):
    """A journal that is looked at and not changed.

    To read that of a batch which was killed, SQLite makes an index beside it, which is removed.

    Raises:
        JournalError: It cannot be read.
    """

    def __init__(self, path: str, *, for_writing: bool = False) -> None:
        look_into(path, for_writing=for_writing)
        super().__init__(path, "ro")
        self._keeps_index = self._index.exists()
        try:
            self.query("BEGIN")
            self._check()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the journal."""
        super().close()
        if not self._keeps_index:
            with suppress(OSError):  # there may be none, and the disk may be read-only
                self._index.unlink()

    def failures(self) -> Iterator[tuple[int, str]]:
        """Return positions and errors of the items that failed, in order."""
        with errors_of(self.path):
            rows = self._connection.execute("SELECT position, error FROM failure ORDER BY position")
        while True:
            with errors_of(self.path):
                row = rows.fetchone()
            if row is None:
                return
            yield row

    def _check(self) -> None:
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

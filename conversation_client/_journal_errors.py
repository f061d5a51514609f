"""What may be wrong with a journal, as errors of this library."""

import errno
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from conversation_client.errors import (
    JournalCorruptError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalReadOnlyError,
)

try:
    import sqlite3
except ImportError:  # some Pythons are built without it
    sqlite3 = None  # type: ignore[assignment]

_FULL = JournalFullError, "there is no space left for it: make room and go on with it"
_READ_ONLY = JournalReadOnlyError, "it or its directory cannot be written to: change that"
_LOCKED = JournalLockedError, "it is in use: wait for the batch that uses it"
_CORRUPT = JournalCorruptError, "it is damaged: begin with a new one"
_FAILING = JournalError, "its disk does not work as it should"

_BY_SQLITE_CODE: Mapping[int, tuple[type[JournalError], str]] = {
    13: _FULL,  # SQLITE_FULL
    8: _READ_ONLY,  # SQLITE_READONLY
    14: _READ_ONLY,  # SQLITE_CANTOPEN
    3: _READ_ONLY,  # SQLITE_PERM
    5: _LOCKED,  # SQLITE_BUSY
    15: _LOCKED,  # SQLITE_PROTOCOL
    10 | 3 << 8: _FULL,  # SQLITE_IOERR_WRITE, what a quota or a limit of the process gives
    10 | 19 << 8: _FULL,  # SQLITE_IOERR_SHMSIZE
    10: _FAILING,  # SQLITE_IOERR
}
"""All others are those of a damaged file."""
_BY_ERRNO: Mapping[int | None, tuple[type[JournalError], str]] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
    errno.ENOENT: (JournalError, "its directory does not exist"),
    errno.ENAMETOOLONG: (JournalError, "its name is too long: choose a shorter one"),
}


@contextmanager
def errors_of(path: str) -> Generator[None, None, None]:
    """Raise what goes wrong with a journal as an error of this library."""
    if sqlite3 is None:
        raise JournalError(
            f"{path}: journals need sqlite3, which this Python was built without: use another"
            " Python, or no journal"
        )
    try:
        yield
    except sqlite3.Error as error:
        # Without a code it is Python that cannot make sense of what SQLite read. Names are not for
        # all codes on PyPy.
        code = getattr(error, "sqlite_errorcode", 0)
        primary = code & 0xFF  # the rest tells it more precisely, as SQLITE_BUSY_SNAPSHOT does
        kind, text = _BY_SQLITE_CODE.get(code) or _BY_SQLITE_CODE.get(primary) or _CORRUPT
        raise kind(f"{path}: {text} ({error})") from error
    except OSError as error:
        kind, text = _BY_ERRNO.get(error.errno, (JournalError, "it cannot be opened"))
        raise kind(f"{path}: {text} ({error.strerror})") from error


def locked(path: str) -> JournalLockedError:
    """Make the error of a journal that somebody else has."""
    kind, text = _LOCKED
    return kind(f"{path}: {text}")


def damaged(path: str, what: str) -> JournalCorruptError:
    """Make the error of a file with which SQLite itself is content."""
    kind, text = _CORRUPT
    return kind(f"{path}: {text} ({what})")

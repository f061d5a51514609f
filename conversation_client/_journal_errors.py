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

_BY_SQLITE_NAME: Mapping[str, tuple[type[JournalError], str]] = {
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_CANTOPEN": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_PROTOCOL": _LOCKED,
    "SQLITE_IOERR_WRITE": _FULL,  # what a quota or a limit of the process gives
    "SQLITE_IOERR_SHMSIZE": _FULL,
    "SQLITE_IOERR": _FAILING,
}
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
        # Without a code it is Python that cannot make sense of what SQLite read.
        name = getattr(error, "sqlite_errorname", "SQLITE_CORRUPT")
        kind, text = _BY_SQLITE_NAME.get(name) or _BY_SQLITE_NAME.get(_primary(name)) or _CORRUPT
        raise kind(f"{path}: {text} ({error})") from error
    except OSError as error:
        kind, text = _BY_ERRNO.get(error.errno, (JournalError, "it cannot be opened"))
        raise kind(f"{path}: {text} ({error.strerror})") from error


def _primary(name: str) -> str:
    """Return the name of an error that SQLite tells more precisely, as `SQLITE_BUSY_SNAPSHOT`."""
    return "_".join(name.split("_")[:2])


def locked(path: str) -> JournalLockedError:
    """Make the error of a journal that somebody else has."""
    kind, text = _LOCKED
    return kind(f"{path}: {text}")


def damaged(path: str, what: str) -> JournalCorruptError:
    """Make the error of a file with which SQLite itself is content."""
    kind, text = _CORRUPT
    return kind(f"{path}: {text} ({what})")

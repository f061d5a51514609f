"""Which of several batches a journal belongs to: the one that has the claim to it.

The claim is a lock on an empty file beside the journal, which is there as long as the batch, or
longer after a kill. It is had before there is a journal, it is had or refused at once, and no
reader is in its way; none of that is true of SQLite's own locks. The system takes it back when the
process ends, however it ends, and no forked child inherits it.
"""

import errno
import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from conversation_client._fork import call_after_fork
from conversation_client._journal_errors import errors_of, locked

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_REFUSALS = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
"""What systems say when somebody else has the lock."""

ENDING = "-claim"
"""What is appended to the path of a journal for the file that is locked."""
Identity = tuple[int, int]
"""Device and inode of a file."""


class _Ours:
    """What this process has locked.

    Locks like these keep other processes out, not this one; and to open one of these files as an
    ordinary file, and close it, would release them. So whoever is about to looks here first.
    """

    def __init__(self) -> None:
        self.after_fork()
        call_after_fork(self)

    def after_fork(self) -> None:
        """Forget all of it: a child has none of its parent's locks."""
        self.guard = threading.Lock()
        self.claims: set[Identity] = set()
        self.journals: set[Identity] = set()
        """Those that are open for writing, on which SQLite has locks."""


ours = _Ours()


def identity_of(found: os.stat_result) -> Identity:
    """Return what tells a file from all others, whatever its name."""
    return found.st_dev, found.st_ino


class Claim:
    """The claim to a journal, until it is released.

    Args:
        path: Where the journal is, or is to be made.

    Raises:
        JournalLockedError: Somebody else has it.
        JournalError: Nothing can be written beside the journal.
    """

    def __init__(self, path: str) -> None:
        self._descriptor: int | None = None
        self._was_there = False
        with errors_of(path):
            real = os.path.realpath(path)
            self._file = Path(f"{real}{ENDING}")
            self.beginning = Path(f"{real}{ENDING}-new")
            """Where a journal is made; it goes to the path when it is whole."""
            with ours.guard:
                while self._descriptor is None:
                    self._descriptor = self._locked(path)
                self._identity = identity_of(os.fstat(self._descriptor))
                ours.claims.add(self._identity)
        call_after_fork(self)

    def _locked(self, path: str) -> int | None:
        """Open and lock the file; `None` if whoever had it has just removed it."""
        with suppress(FileNotFoundError):
            if identity_of(self._file.stat()) in ours.claims:
                raise locked(path)
            self._was_there = True
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
            if identity_of(os.fstat(descriptor)) == identity_of(self._file.stat()):
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException as error:
            os.close(descriptor)
            if isinstance(error, OSError) and error.errno in _REFUSALS:
                raise locked(path) from None
            raise
        os.close(descriptor)
        return None

    def release(self, *, unused: bool = False) -> None:
        """Let others have the journal; releasing twice does nothing.

        Args:
            unused: Whether the journal was refused, so that what lies beside it is to stay, too.
        """
        if self._descriptor is None:
            return
        files = () if unused and self._was_there else (self._file, self.beginning)
        with ours.guard:
            descriptor, self._descriptor = self._descriptor, None
            ours.claims.discard(self._identity)
            if sys.platform != "win32":
                _remove(files)  # as long as nobody else can have the lock
            os.close(descriptor)
            if sys.platform == "win32":
                _remove(files)  # which fails as long as anybody has it open

    def after_fork(self) -> None:
        """Leave the claim to the parent."""
        self._descriptor = None


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        with suppress(OSError):
            file.unlink()

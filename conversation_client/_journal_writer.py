"""A journal that is being written: by nobody else, to last, and only as long as it is in its place."""

import math
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from conversation_client._journal_claim import Claim, Identity, identity_of, ours
from conversation_client._journal_errors import errors_of
from conversation_client._journal_file import VERSION, Database, look_into
from conversation_client.errors import JournalError, JournalLockedError

PATIENCE = 1.0
"""Seconds for which somebody who reads the journal is waited for."""
LASTING_AFTER = 0.4
"""Seconds after which what was written has to survive a power cut."""


class Writer(Database):
    """A connection that keeps everybody else out until it is closed.

    A kill costs nothing that was written. A power cut does, for some tenths of a second: to wait
    for the disk each time would take longer than the requests.

    Args:
        path: Where the journal is.
        claim: That to it, which is released with it.

    Raises:
        JournalError: It cannot be used.
    """

    def __init__(self, path: str, claim: Claim) -> None:
        self._claim: Claim | None = None
        self._identity = look_into(path, for_writing=True)
        self._log_identity: Identity | None = None
        self._lasted = -math.inf
        """When all that was written until then was on disk, by the monotonic clock."""
        self._owes = False
        """Whether something was written since."""
        with ours.guard:
            ours.journals.add(self._identity)
        try:
            super().__init__(path, "rw")
            with errors_of(path):
                self._place = Path(path).absolute()
                self._lock()
                self.index.unlink(missing_ok=True)  # of somebody who read it after a kill
            self.query("PRAGMA journal_mode = WAL")
        except BaseException:
            self.close()
            raise
        self._claim = claim

    def _lock(self) -> None:
        """Keep everybody else out.

        There is no rollback journal beside the file, which a kill might leave there. What is
        written before there is a write-ahead log can be written anew.
        """
        self.query("PRAGMA synchronous = FULL")
        self.query("PRAGMA fullfsync = 1")
        end = monotonic() + PATIENCE
        while True:
            try:
                self.query("PRAGMA locking_mode = EXCLUSIVE")
                self.query("PRAGMA journal_mode = MEMORY")
                self.query("BEGIN EXCLUSIVE")
            except JournalLockedError:
                if monotonic() > end:
                    raise
                sleep(PATIENCE / 50)
            else:
                self.query("COMMIT")
                return

    def close(self) -> None:
        """Close the journal, which is one file then, wherever it is."""
        if self._connection is not None:
            with suppress(JournalError):  # as after a kill, then: two files, and nothing is lost
                self._become_one_file()
            super().close()
        if not self._is_parents:
            with ours.guard:
                ours.journals.discard(self._identity)
        if self._claim is not None:
            self._claim.release()

    def _become_one_file(self) -> None:
        self.query("PRAGMA synchronous = FULL")
        if self._is_in_place() or self._log_is_there():
            self.query("PRAGMA journal_mode = MEMORY")
        else:  # a log of that name would be somebody else's, and be removed
            self.query("PRAGMA wal_checkpoint(TRUNCATE)")

    # How long what is written lasts

    @contextmanager
    def writing(self, *, lasting: bool = False) -> Generator[None, None, None]:
        """Keep all that is written within, or nothing of it.

        Args:
            lasting: Whether it has to survive a power cut from now on, with all before. If not, it
                does if it is time for that.
        """
        lasting = lasting or monotonic() - self._lasted >= LASTING_AFTER
        self.query(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
        with self.transaction():
            yield
            if lasting:  # without any change, nothing before would be brought to the disk, either
                self.query(f"PRAGMA user_version = {VERSION}")
        self._owes = not lasting
        if lasting:
            self._lasted = monotonic()

    def keep_up(self) -> None:
        """Make what was written last, if it is time for that."""
        if self._owes and monotonic() - self._lasted >= LASTING_AFTER:
            with self.writing():
                pass

    # Whether it is in its place

    def check_place(self) -> None:
        """See that whoever looks for the journal finds this one.

        Raises:
            JournalError: It is gone, or another file is there.
        """
        if not self._is_in_place():
            raise JournalError(
                f"{self.path}: it was removed, renamed or replaced while a batch used it: go on"
                " with it if it has another name, or begin anew"
            )
        if not self._log_is_there():
            raise JournalError(
                f"{self.path}: its log, {self._log.name}, was removed while a batch"
                " used it: go on with it"
            )

    def _is_in_place(self) -> bool:
        return _is_at(self._place, self._identity)

    @property
    def _log(self) -> Path:
        return Path(f"{self._file}-wal")

    def _log_is_there(self) -> bool:
        if self._log_identity is None:
            with suppress(OSError):
                self._log_identity = identity_of(self._log.stat())
        return self._log_identity is None or _is_at(self._log, self._log_identity)


def _is_at(file: Path, identity: Identity) -> bool:
    try:
        return identity_of(file.stat()) == identity
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:  # nobody can tell
        return True

"""How a journal comes to its path: whole and on disk, or not at all."""

import os
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from conversation_client._journal_claim import Claim
from conversation_client._journal_errors import errors_of
from conversation_client._journal_file import BESIDE, SCHEMA, Database, Job


def is_new(path: str) -> bool:
    """Tell whether there is no file yet, or an empty one."""
    with errors_of(path):
        try:
            found = Path(path).stat()
        except FileNotFoundError:
            return True
        return stat.S_ISREG(found.st_mode) and found.st_size == 0


def create(path: str, job: Job, claim: Claim) -> None:
    """Make a journal without items where there is no file, or an empty one.

    Raises:
        JournalError: It cannot be made.
    """
    with errors_of(path):
        real = Path(os.path.realpath(path))
        _take_away(claim.beginning, *(Path(f"{real}{end}") for end in BESIDE))
        try:
            os.close(os.open(claim.beginning, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            _fill(path, job, claim.beginning)
            claim.beginning.replace(real)
        except BaseException:
            claim.beginning.unlink(missing_ok=True)
            raise
        _sync(real.parent)


def _take_away(*files: Path) -> None:
    """Remove for good what is left of somebody who was killed.

    The log of a journal that was removed would be taken for that of the next one.
    """
    there = [file for file in files if file.exists()]
    for file in there:
        file.unlink()
    if there:
        _sync(there[0].parent)


def _fill(path: str, job: Job, file: Path) -> None:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    values = (job.operation.id, job.conversation, job.base_url, created)
    with Database(path, "rw", file=file) as database:
        database.query("PRAGMA journal_mode = MEMORY")  # nothing beside it: a kill leaves one file
        database.query("PRAGMA fullfsync = 1")
        with database.transaction():
            for statement in SCHEMA:
                database.query(statement)
            database.query("INSERT INTO job VALUES (?, ?, ?, ?, NULL)", *values)


def _sync(directory: Path) -> None:
    """Have the names in a directory survive a power cut, where the system can do that."""
    if os.name == "nt":
        return
    with suppress(OSError):  # as of a file system that knows no such thing
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

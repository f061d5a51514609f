"""Looking into the journal of a batch: how far it is, and what failed."""

import os
from collections.abc import Iterator
from typing import Literal

import attrs

from conversation_client._journal_errors import damaged
from conversation_client._journal_file import BLOCK, Reader, path_of
from conversation_client.operations import AssociationOperation, Material, Verb


@attrs.frozen(kw_only=True)
class JournalSummary:
    """What a journal is for, and how far it is."""

    operation: str
    """Id of the operation in the reference."""
    verb: Verb | Literal["delete"]
    """What is done with the items."""
    conversation: str
    """Empty where the items are conversations themselves."""
    material: Material | None
    """What the ids are ids of; `None` for conversations."""
    base_url: str
    """Where the server was when the batch began, without credentials."""
    total: int
    """Number of items in the journal."""
    done: int
    """Items that the server confirmed."""
    failed: int
    queued: int
    """Items that have not ended."""
    complete: bool
    """Whether the input was read to its end; if not, the call that began it has to be repeated."""


@attrs.frozen
class JournalFailure:
    """An item that failed, and why."""

    position: int
    """Its place in the input, counted from 1."""
    item: str
    """The id, or what the input held in its place."""
    error: str


def read_journal(path: str | os.PathLike[str]) -> JournalSummary:
    """Read what a journal is for, and how far it is; the journal is not changed.

    Args:
        path: Where it is.

    Raises:
        InvalidArgumentError: The path is none.
        JournalError: There is no journal, it is in use or damaged, or a newer version wrote it.
    """
    with Reader(path_of(path)) as reader:
        job, total = reader.read_job()
        _, done, failed, queued = reader.counts()
    row = job.operation
    return JournalSummary(
        operation=row.id,
        verb=row.verb if isinstance(row, AssociationOperation) else "delete",
        conversation=job.conversation,
        material=row.material if isinstance(row, AssociationOperation) else None,
        base_url=job.base_url,
        total=done + failed + queued,
        done=done,
        failed=failed,
        queued=queued,
        complete=total is not None,
    )


def journal_failures(path: str | os.PathLike[str]) -> Iterator[JournalFailure]:
    """Read which items of a journal failed and why, in the order of the input.

    The journal cannot be written while they are read, and is not changed.

    Args:
        path: Where it is.

    Raises:
        InvalidArgumentError: The path is none.
        JournalError: There is no journal, it is in use or damaged, or a newer version wrote it.
    """
    read_journal(path)  # raises what is wrong here rather than with the first failure
    return _failures(path_of(path))


def _failures(path: str) -> Iterator[JournalFailure]:
    number, ids = -1, list[object]()
    with Reader(path) as reader:
        for position, error in reader.failures():
            block, offset = divmod(position - 1, BLOCK)
            if block != number:
                number, ids = block, reader.ids(block)
            if offset >= len(ids):
                raise damaged(path, f"a failure of item {position}")
            yield JournalFailure(position, str(ids[offset]), error)

"""`rm`: conversations are deleted, once somebody has agreed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import BinaryIO

import click

from conversation_client.batch import BatchReport
from conversation_client.cli.asking import agrees, check_can_ask
from conversation_client.cli.batches import Sending, activity, carry_out
from conversation_client.cli.ids import IdFile
from conversation_client.cli.layout import Listed
from conversation_client.cli.prefixes import AmbiguousIdError, Finder, UnknownIdError, is_full
from conversation_client.cli.program import SOME_FAILED
from conversation_client.cli.progress import TOLD, Watch, watch
from conversation_client.cli.running import run
from conversation_client.cli.text import cell, complain
from conversation_client.client import AsyncConversationClient
from conversation_client.errors import GoneError

VERB = "delete"


def remove(
    names: Sequence[str], file: BinaryIO | None, sending: Sending, *, is_agreed: bool
) -> None:
    """Delete conversations.

    Nothing is deleted before all `names` are known to be ids; a line of the file that is none fails
    alone.

    Args:
        names: What names them.
        file: More of them, one a line; None if there is none.
        sending: How the calls are sent.
        is_agreed: Whether there is no need to ask.

    Raises:
        UsageError: There is nobody to ask.
        SystemExit: Not all of them were deleted.
        ConversationClientError: There is no server, or a name is not that of one conversation.
    """
    if not is_agreed:
        check_can_ask(is_input_taken=file is not None)
    ids: Sequence[str] = list(dict.fromkeys(names))
    if not all(map(is_full, ids)):
        ids = run(lambda client: _find(client, names), sending.target, 1)
    if not is_agreed and not _ask(ids, sending):
        complain("nothing was deleted")
        raise SystemExit(SOME_FAILED)
    watching = watch(activity(VERB), len(ids) if file is None else None)

    async def batch(client: AsyncConversationClient) -> BatchReport:
        return await client.conversations.delete_many(
            ids if file is None else _all(client, ids, file, watching),
            concurrency=sending.concurrency,
            give_up_after=sending.give_up_after,
            journal=sending.journal,
            on_progress=watching,
        )

    carry_out(batch, VERB, watching, sending)


async def _find(client: AsyncConversationClient, names: Sequence[str]) -> Sequence[str]:
    finder = Finder(client)
    return list(dict.fromkeys([await finder.find(name) for name in names]))


async def _all(
    client: AsyncConversationClient, ids: Sequence[str], file: BinaryIO, watching: Watch
) -> AsyncIterator[str]:
    for id_ in ids:
        yield id_
    finder = Finder(client)
    lines = IdFile(file, Listed(), name="conversation", on_problem=watching.refuse)
    async for text in lines.awaited():
        try:
            yield await finder.find(text, in_full=True)
        except (AmbiguousIdError, UnknownIdError) as error:
            watching.reject(str(error))


def _ask(ids: Sequence[str], sending: Sending) -> bool:
    """Show what is to be deleted, and return whether that is agreed to."""
    shown = run(lambda client: _names(client, ids[:TOLD]), sending.target, 1)
    for id_, name in shown.items():
        click.echo(f"{cell(id_)}  {name}", err=True)
    if len(ids) > len(shown):
        click.echo(f"and {len(ids) - len(shown):,} more", err=True)
    what = "this conversation" if len(ids) == 1 else f"these {len(ids):,} conversations"
    return agrees(f"Delete {what}?")


async def _names(client: AsyncConversationClient, ids: Sequence[str]) -> Mapping[str, str]:
    names = dict[str, str]()
    for id_ in ids:
        try:
            found = await client.get_conversation(id_, transferables=False)
        except GoneError:
            names[id_] = "(gone already)"
        else:
            names[id_] = cell(found.name or "(no name)")
    return names

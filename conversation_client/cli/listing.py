"""`ls`: the conversations of a server, those first that were changed last."""

import shutil
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import click

from conversation_client._tables import moment_of
from conversation_client.cli.calls import show_json
from conversation_client.cli.running import connect
from conversation_client.cli.table import table
from conversation_client.cli.target import Target
from conversation_client.cli.text import cell, complain, is_terminal
from conversation_client.models.base import documents_in
from conversation_client.models.conversation import Conversation
from conversation_client.models.search import SearchedConversation
from conversation_client.sync import ConversationClient

LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""When something was whose time cannot be read."""


def show(target: Target, query: str | None, *, as_json: bool) -> None:
    """List conversations.

    Args:
        target: The server.
        query: What they are to have in them; None for all.
        as_json: Whether to print them as JSON Lines.
    """
    with connect(target) as client:
        found = sorted(_wanted(client, query), key=_age, reverse=True)
    if as_json:
        for conversation in found:
            show_json(conversation)
    elif not is_terminal(sys.stdout):
        for conversation in found:
            click.echo(_line(conversation))
    elif found:
        for line in table(found, shutil.get_terminal_size().columns, sys.stdout.encoding):
            click.echo(line)
    else:
        complain("no conversations")


def _wanted(client: ConversationClient, query: str | None) -> Iterable[Conversation]:
    if query is None:
        return documents_in(client.conversations.list(transferables=False), Conversation)
    return _matching(client, query)


def _matching(client: ConversationClient, query: str) -> Iterator[Conversation]:
    found = client.conversations.search(query, transferables=False)
    for match in documents_in(found, SearchedConversation):
        held = match.conversation
        yield held or client.get_conversation(match.identifier, transferables=False)


def _age(conversation: Conversation) -> tuple[datetime, datetime]:
    updated, created = moment_of(conversation.updated), moment_of(conversation.created)
    return updated or LONG_AGO, created or LONG_AGO


def _line(conversation: Conversation) -> str:
    updated = moment_of(conversation.updated)
    changed = updated.isoformat(timespec="seconds") if updated else ""
    return "\t".join(map(cell, (conversation.id, changed, conversation.name or "")))

"""`ls`: the conversations of a server, those first that were changed last."""

import shutil
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime

import click

from conversation_client.cli.calls import show_json
from conversation_client.cli.running import connect
from conversation_client.cli.table import table
from conversation_client.cli.target import Target
from conversation_client.cli.text import cell, complain, is_terminal
from conversation_client.models.conversation import Conversation
from conversation_client.sync import ConversationClient


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
        return client.conversations.list(transferables=False).iterable
    return _matching(client, query)


def _matching(client: ConversationClient, query: str) -> Iterator[Conversation]:
    for match in client.conversations.search(query, transferables=False).iterable:
        held = match.conversation
        yield held or client.get_conversation(match.identifier, transferables=False)


def _age(conversation: Conversation) -> tuple[datetime, datetime]:
    return conversation.updated.value, conversation.created.value


def _line(conversation: Conversation) -> str:
    changed = conversation.updated.value.isoformat(timespec="seconds")
    return "\t".join(map(cell, (conversation.id, changed, conversation.name or "")))

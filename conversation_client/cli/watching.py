"""Watching conversations: a line for each change, as soon as it comes."""

import json

import attrs
import click

from conversation_client.changes import ConversationChange
from conversation_client.cli.running import run
from conversation_client.cli.streams import write_json
from conversation_client.cli.target import Target
from conversation_client.cli.text import one_line, printable_json
from conversation_client.client import AsyncConversationClient


def show(target: Target, *, as_json: bool) -> None:
    """Print the changes until Ctrl-C, which is the way to end it.

    Args:
        target: The server.
        as_json: Whether each line is a JSON object.

    Raises:
        ConversationClientError: Nobody is there.
    """

    async def work(client: AsyncConversationClient) -> None:
        async for change in client.conversations.watch():
            _print(change, as_json=as_json)

    try:
        run(work, target, connections=1)
    except KeyboardInterrupt:
        return


def _print(change: ConversationChange, *, as_json: bool) -> None:
    if as_json:
        write_json(printable_json(json.dumps(attrs.asdict(change), ensure_ascii=False)))
    else:
        click.echo(f"{one_line(change.id)}\t{'deleted' if change.deleted else 'changed'}")

"""`new`, `add` and `name`: what a person writes into the conversations."""

import sys

import click

from conversation_client.cli.calls import show_json, show_name
from conversation_client.cli.prefixes import about, known
from conversation_client.cli.running import connect
from conversation_client.cli.streams import standard_input
from conversation_client.cli.target import Target
from conversation_client.cli.text import is_terminal, one_line
from conversation_client.models.conversation import Conversation
from conversation_client.models.message import ConversationMessage


def new(name: str, target: Target, *, as_json: bool) -> None:
    """Create a conversation, and print its id."""
    with connect(target) as client:
        made = client.conversations.create(name)
    _show_made(made, as_json=as_json)


def add(conversation: str, text: str | None, role: str, target: Target, *, as_json: bool) -> None:
    """Add a message to a conversation, and print the message's id.

    Args:
        conversation: What names the conversation.
        text: What the message says; `-` or None to read it from the standard input.
        role: Who it is from.
        target: The server.
        as_json: Whether to print the message as JSON instead.

    Raises:
        UsageError: There is no text.
        ConversationClientError: It failed.
    """
    said = _read(is_asked=text == "-") if text in (None, "-") else text
    if not said:
        raise click.UsageError("a text is needed: as TEXT or from the standard input")
    with connect(target) as client:
        made = client.messages.add(known(client, conversation), said, role=role)
    _show_made(made, as_json=as_json)


def name(conversation: str, name: str, target: Target, *, as_json: bool) -> None:
    """Give a conversation a name, and show it."""
    with connect(target) as client:
        document = about(client, conversation, lambda id_: client.set_name(id_, name))
    show_name(document, as_json=as_json)


def _show_made(made: Conversation | ConversationMessage, *, as_json: bool) -> None:
    show_json(made) if as_json else click.echo(one_line(made.id))


def _read(*, is_asked: bool) -> str | None:
    """Read a text from the standard input, without the end of its last line.

    Args:
        is_asked: Whether to wait for somebody to type it.
    """
    if is_terminal(sys.stdin) and not is_asked:
        return None
    try:
        text = standard_input().read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(
            f"standard input is not UTF-8 from byte {error.start + 1} on"
        ) from None
    return text.removesuffix("\n").removesuffix("\r")

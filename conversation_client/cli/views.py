"""Documents as people read them."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

import click

from conversation_client.cli.text import is_terminal, one_line, printable
from conversation_client.models.base import Document, fields
from conversation_client.models.conversation import Conversation
from conversation_client.models.message import ConversationMessage, ConversationMessages


def show_conversation(conversation: Conversation) -> None:
    """Print a conversation as a table: what it is called and how much of what it holds."""
    rows = [
        ("name", conversation.name or "(none)"),
        ("id", conversation.id),
        ("type", conversation.type),
        ("created", _time(conversation.created.value)),
        ("updated", _time(conversation.updated.value)),
        *((name, f"{count:,}") for name, count in _counts(conversation)),
    ]
    width = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        click.echo(f"{click.style(f'{name:{width}}', dim=True)}{one_line(value)}")


def show_messages(messages: ConversationMessages) -> None:
    """Print messages as a transcript, their Markdown rendered if this is a terminal."""
    for number, message in enumerate(messages.iterable):
        click.echo("\n" if number else "", nl=False)
        role = click.style(one_line(message.role), bold=True)
        click.echo(f"{role}  {_time(message.created.value)}")
        _show_markdown(printable(_text(message)))


def _counts(document: Document, prefix: str = "") -> Iterator[tuple[str, int]]:
    """Find the collections in a document, and in what it is made of."""
    for field in fields(type(document)):
        value: object = getattr(document, field.name)
        name = f"{prefix}{field.name.replace('_', ' ')}"
        collected: object = getattr(value, "iterable", None)
        if isinstance(collected, list):
            yield name, len(collected)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, Document):
            yield from _counts(value, f"{name} ")


def local(moment: datetime) -> datetime:
    """Return a time as the clock on the wall shows it."""
    with suppress(OverflowError):  # at both ends of the calendar
        return moment.astimezone()
    return moment


def _time(moment: datetime) -> str:
    return local(moment).isoformat(" ", "seconds")


def _text(message: ConversationMessage) -> str:
    fragment = message.fragment
    if fragment and fragment.string and fragment.string.raw is not None:
        return fragment.string.raw
    if fragment and fragment.bytes and fragment.bytes.raw is not None:
        return f"({len(fragment.bytes.raw):,} bytes)"
    return "(no text)"


def _show_markdown(text: str) -> None:
    if not is_terminal(sys.stdout):
        click.echo(text)
        return
    from rich.console import Console  # noqa: PLC0415  # takes longer than all the rest
    from rich.markdown import Markdown  # noqa: PLC0415

    # Links as text: a terminal's own would hide where they lead.
    Console().print(Markdown(text, hyperlinks=False))

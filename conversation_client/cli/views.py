"""Documents as people read them."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

import click

from conversation_client._tables import moment_of
from conversation_client.cli.text import is_terminal, one_line, printable
from conversation_client.models.base import Document, documents_in, fields
from conversation_client.models.conversation import Conversation
from conversation_client.models.message import ConversationMessage, ConversationMessages


def show_conversation(conversation: Conversation) -> None:
    """Print a conversation as a table: what it is called and how much of what it holds."""
    rows = [
        ("name", conversation.name or "(none)"),
        ("id", conversation.id),
        ("type", conversation.type),
        ("created", _time(moment_of(conversation.created))),
        ("updated", _time(moment_of(conversation.updated))),
        *((name, f"{count:,}") for name, count in _counts(conversation)),
    ]
    width = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        click.echo(f"{click.style(f'{name:{width}}', dim=True)}{one_line(value)}")


def show_messages(messages: ConversationMessages) -> None:
    """Print messages as a transcript, their Markdown rendered if this is a terminal."""
    for number, message in enumerate(documents_in(messages, ConversationMessage)):
        click.echo("\n" if number else "", nl=False)
        role = click.style(one_line(message.role or "(no role)"), bold=True)
        click.echo(f"{role}  {_time(moment_of(message.created))}")
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


def _time(moment: datetime | None) -> str:
    if moment is None:  # it was none that can be read
        return "(no time)"
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

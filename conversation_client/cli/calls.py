"""Single calls: what the server answers, as a document for machines or a view for people."""

from contextlib import suppress

import click

from conversation_client.cli.prefixes import about
from conversation_client.cli.running import connect
from conversation_client.cli.streams import write_bytes, write_json
from conversation_client.cli.target import Target
from conversation_client.cli.text import one_line, printable, printable_json
from conversation_client.cli.views import show_conversation, show_messages
from conversation_client.cli.waiting import spinner
from conversation_client.codec import encode
from conversation_client.errors import ConversationClientError
from conversation_client.models.annotation import ReferencedAnnotation
from conversation_client.models.base import Document, documents_in
from conversation_client.models.common import SeededScore, SeededScoreIncrement
from conversation_client.models.conversation import Conversation
from conversation_client.operations import GET_CONVERSATION
from conversation_client.sync import ConversationClient


def get(conversation: str, target: Target, *, as_json: bool) -> None:
    """Show a conversation."""
    with connect(target) as client:
        document = about(client, conversation, client.get_conversation)
    show_json(document) if as_json else show_conversation(document)


def get_raw(conversation: str, target: Target) -> None:
    """Print the document of a conversation as the server sent it."""
    with connect(target) as client:
        answer = about(client, conversation, lambda id_: client.call_raw(GET_CONVERSATION, id_))
    write_bytes(answer.content)


def messages(conversation: str, target: Target, *, as_json: bool) -> None:
    """Show the messages of a conversation."""
    with connect(target) as client:
        document = about(client, conversation, client.get_messages)
    show_json(document) if as_json else show_messages(document)


def rename(conversation: str, target: Target, *, as_json: bool) -> None:
    """Have the server name a conversation, and show the name."""
    with connect(target) as client, spinner("Naming the conversation"):
        document = about(client, conversation, client.rename_conversation)
    show_name(document, as_json=as_json)


def show_name(document: Conversation, *, as_json: bool) -> None:
    """Show the new name of a conversation."""
    show_json(document) if as_json else click.echo(f"new name: {one_line(document.name or '')}")


def summarize(conversation: str, target: Target, *, as_json: bool) -> None:
    """Have the server summarize a conversation, and show the summary."""
    with connect(target) as client:
        with spinner("Summarizing the conversation"):
            output = about(client, conversation, client.summarize_conversation)
        if as_json:
            show_json(output)
            return
        text = _text(client, output.conversation.id, output.annotation)
    click.echo(f"annotation: {one_line(output.annotation.id)}")
    if text is not None:
        click.echo(printable(text))


def increment(
    conversation: str, target: Target, *, kind: str, flags: dict[str, bool], as_json: bool
) -> None:
    """Add to the scores of a conversation.

    Args:
        conversation: Id of the conversation.
        target: The server.
        kind: What was used: a field of `SeededScoreIncrement`.
        flags: How: fields of `SeededScore`. Without any, the server counts the use alone.
        as_json: Whether to write the answer, which is empty, as JSON.
    """
    counters = SeededScore()
    for name, is_raised in flags.items():
        setattr(counters, name, is_raised or None)
    counted = SeededScoreIncrement()
    setattr(counted, kind, counters)
    with connect(target) as client:
        body = counted if any(flags.values()) else None
        about(client, conversation, lambda id_: client.increment_scores(id_, body))
    click.echo("null" if as_json else "incremented")


def show_json(document: Document) -> None:
    """Print a document as it came, on one line."""
    write_json(printable_json(encode(document).decode()))


def _text(
    client: ConversationClient, conversation: str, annotation: ReferencedAnnotation
) -> str | None:
    """Return the text of an annotation, which the server may send along or with a conversation."""
    references = [annotation]
    if annotation.reference is None:
        with suppress(ConversationClientError):  # the summary was made all the same
            held = client.get_conversation(conversation, transferables=False).annotations
            references = documents_in(held, ReferencedAnnotation)
    found = (each.reference for each in references if each.id == annotation.id)
    return next((reference.text for reference in found if reference), None)

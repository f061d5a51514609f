"""The verbs for the life of a conversation: `ls`, `new`, `add`, `name`, `rm`.

What they do is imported when they run.
"""

import click

from conversation_client.cli import options
from conversation_client.cli.streams import standard_input
from conversation_client.cli.target import Target


@click.command(
    help="""List the conversations, those first that were changed last.

    In a pipe each is a line of its id, when it was changed, and its name, with tabs between; on a
    terminal a table, with ids as short as it takes where there is little room.
    """
)
@click.option("--search", "query", metavar="TEXT", help="Only those in which TEXT is found.")
@options.as_json
@options.target
@options.prints
def ls(query: str | None, as_json: bool, target: Target) -> None:
    from conversation_client.cli import listing  # noqa: PLC0415

    listing.show(target, query, as_json=as_json)


@click.command(help="Create a conversation, and print its id.")
@click.argument("name")
@options.as_json
@options.target
@options.prints
def new(name: str, as_json: bool, target: Target) -> None:
    from conversation_client.cli import authoring  # noqa: PLC0415

    authoring.new(name, target, as_json=as_json)


@click.command(
    help=options.naming(
        """Add a message to a conversation, and print the message's id.

    Without TEXT, or with - in its place, the message is what comes from the standard input."""
    )
)
@options.conversation
@click.argument("text", required=False)
@click.option(
    "--role",
    type=click.Choice(options.roles(), case_sensitive=False),
    default="USER",
    show_default=True,
    help="Who it is from.",
)
@options.as_json
@options.target
@options.prints
def add(conversation: str, text: str | None, role: str, as_json: bool, target: Target) -> None:
    from conversation_client.cli import authoring  # noqa: PLC0415

    authoring.add(conversation, text, role, target, as_json=as_json)


@click.command(help=options.naming("Give a conversation a name."))
@options.conversation
@click.argument("name")
@options.as_json
@options.target
def name(conversation: str, name: str, as_json: bool, target: Target) -> None:
    from conversation_client.cli import authoring  # noqa: PLC0415

    authoring.name(conversation, name, target, as_json=as_json)


@click.command(
    help=options.naming(
        """Delete conversations.

    - reads full ids from the standard input, one a line, also as `ls` prints them in a pipe. One
    that is gone already counts as deleted. Where there is no terminal to ask on, --yes is needed."""
    )
)
@click.argument("conversations", metavar="CONVERSATION...", nargs=-1, required=True)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@options.keeps_journal
@options.concurrency
@options.give_up_after
@options.target
def rm(
    *,
    conversations: tuple[str, ...],
    yes: bool,
    journal: str | None,
    concurrency: int,
    give_up_after: float,
    target: Target,
) -> None:
    from conversation_client.cli import batches, deleting  # noqa: PLC0415

    sending = batches.Sending(
        target=target, concurrency=concurrency, give_up_after=give_up_after, journal=journal
    )
    names = [text for text in conversations if text != "-"]
    file = standard_input() if len(names) < len(conversations) else None
    deleting.remove(names, file, sending, is_agreed=yes)


VERBS = (ls, new, add, name, rm)

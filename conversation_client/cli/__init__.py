"""The command `conversation-client`: its verbs and their options.

What a verb does is imported when it runs, so that `--help` does not wait for aiohttp.
"""

import sys
from collections.abc import Callable
from typing import TextIO, TypeVar

try:
    import click
    import rich  # noqa: F401  # pyright: ignore[reportUnusedImport]  # some verbs need it
except ImportError as _missing:
    sys.stderr.write(
        f"conversation-client: the command needs {_missing.name}, which comes with an extra:"
        " pip install 'conversation-client[cli]'\n"
    )
    raise SystemExit(2) from None

from conversation_client.cli import lifecycle, materials, options
from conversation_client.cli.materials import Input
from conversation_client.cli.program import Program
from conversation_client.cli.streams import StandardOrFile, check_output
from conversation_client.cli.target import Target
from conversation_client.models.base import fields
from conversation_client.models.common import SeededScore, SeededScoreIncrement

F = TypeVar("F", bound=Callable[..., object])

# Texts of help are arguments rather than docstrings, which `python -OO` takes away.


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Talk to the Conversation API of Pieces OS.

    It is where --server or the environment variable CONVERSATION_CLIENT_BASE_URL says; without them
    it is looked for on this machine, and `doctor` tells what is wrong if it is not found. Exit
    codes: 0 done, 1 some failed, 2 misuse, 3 no server.
    """,
)
@click.version_option(package_name="conversation-client")
def main() -> None:
    pass


for _verb in lifecycle.VERBS:
    main.add_command(_verb)


def _add_batch(verb: str, does: str) -> None:
    """Add `associate` or `disassociate`, which take the same options."""

    @main.command(
        verb,
        help=options.naming(
            f"""{does}.

        {materials.FILES} A line without a usable id is reported and counts as failed; the others
        go on."""
        ),
    )
    @options.conversation
    @materials.source
    @options.keeps_journal
    @options.concurrency
    @options.give_up_after
    @options.target
    @click.option(
        "--dry-run",
        is_flag=True,
        help="Read and check FILE, and send none of it; with --server, ask that server for CONVERSATION.",
    )
    def command(
        *,
        conversation: str,
        source: Input,
        journal: str | None,
        concurrency: int,
        give_up_after: float,
        target: Target,
        dry_run: bool,
    ) -> None:
        from conversation_client.cli import batches  # noqa: PLC0415

        sending = batches.Sending(
            target=target, concurrency=concurrency, give_up_after=give_up_after, journal=journal
        )
        if dry_run:
            batches.check(source, conversation, target)
        else:
            batches.send(verb, conversation, source, sending)


_add_batch("associate", "Associate materials with a conversation")
_add_batch("disassociate", "Take materials out of a conversation")


@main.command(
    help=options.naming(
        f"""See to it that a conversation has just these materials, and write only what differs.

        {materials.FILES} So is one with a line without a usable id."""
    )
)
@options.conversation
@materials.source
@click.option("--no-remove", is_flag=True, help="Take nothing out.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Write nothing; print what would be added (+ ID) and removed (- ID). Exit code 1 if any.",
)
@click.option(
    "--yes", "is_agreed", is_flag=True, help="Do not ask before more than half are removed."
)
@options.as_json
@options.concurrency
@options.give_up_after
@options.target
def reconcile(
    *,
    conversation: str,
    source: Input,
    no_remove: bool,
    dry_run: bool,
    is_agreed: bool,
    as_json: bool,
    concurrency: int,
    give_up_after: float,
    target: Target,
) -> None:
    from conversation_client.cli import batches, reconciling  # noqa: PLC0415

    if dry_run or as_json:
        check_output()
    sending = batches.Sending(
        target=target, concurrency=concurrency, give_up_after=give_up_after, journal=None
    )
    plan = reconciling.plan(conversation, source, target, remove=not no_remove)
    if dry_run:
        reconciling.show(plan, as_json=as_json)
    else:
        reconciling.carry_out(plan, sending, is_agreed=is_agreed, as_json=as_json)


@main.command(
    help="""Finish the job of a journal.

    It goes to the server that the job was begun on, unless --server names another.
    """
)
@options.journal
@options.concurrency
@options.give_up_after
@options.target
def resume(journal: str, concurrency: int, give_up_after: float, target: Target) -> None:
    from conversation_client.cli import batches  # noqa: PLC0415

    sending = batches.Sending(
        target=target, concurrency=concurrency, give_up_after=give_up_after, journal=journal
    )
    batches.resume(journal, sending)


@main.command(help="Tell how far the job of a journal is.")
@options.journal
@click.option(
    "--failures",
    metavar="FILE",
    type=StandardOrFile("w", encoding="utf-8", errors="backslashreplace"),
    help="Write position, id and error of what failed, as CSV; as JSON Lines if FILE ends in .jsonl.",
)
@options.as_json
def journal(journal: str, failures: TextIO | None, as_json: bool) -> None:
    from conversation_client.cli import journals  # noqa: PLC0415

    if failures is None:
        check_output()
    journals.tell(journal, failures, as_json=as_json)


@main.command(help=options.naming("Show a conversation."))
@options.conversation
@options.as_json
@click.option(
    "--raw", is_flag=True, help="Print what the server sent, byte for byte, whatever is in it."
)
@options.target
@options.prints
def get(conversation: str, as_json: bool, raw: bool, target: Target) -> None:
    from conversation_client.cli import calls  # noqa: PLC0415

    if raw and as_json:
        raise click.UsageError("--raw and --json exclude each other")
    if raw:
        calls.get_raw(conversation, target)
    else:
        calls.get(conversation, target, as_json=as_json)


@main.command(help=options.naming("Show the messages of a conversation."))
@options.conversation
@options.as_json
@options.target
@options.prints
def messages(conversation: str, as_json: bool, target: Target) -> None:
    from conversation_client.cli import calls  # noqa: PLC0415

    calls.messages(conversation, target, as_json=as_json)


@main.command(help=options.naming("Have a conversation named after what is said in it."))
@options.conversation
@options.as_json
@options.patient_target
def rename(conversation: str, as_json: bool, target: Target) -> None:
    from conversation_client.cli import calls  # noqa: PLC0415

    calls.rename(conversation, target, as_json=as_json)


@main.command(help=options.naming("Have a conversation summarized."))
@options.conversation
@options.as_json
@options.patient_target
@options.prints
def summarize(conversation: str, as_json: bool, target: Target) -> None:
    from conversation_client.cli import calls  # noqa: PLC0415

    calls.summarize(conversation, target, as_json=as_json)


@main.command(
    help="""Watch the conversations: a line for each there is, then for each that changes.

    A line is an id and `changed` or `deleted`, with a tab between. When the server has been away,
    all that are there come again. Ctrl-C ends it.
    """
)
@options.as_json
@options.target
@options.prints
def watch(as_json: bool, target: Target) -> None:
    from conversation_client.cli import watching  # noqa: PLC0415

    watching.show(target, as_json=as_json)


_KINDS = [field.name for field in fields(SeededScoreIncrement) if "SeededScore" in field.annotation]
_FLAGS = [field.name for field in fields(SeededScore) if "bool" in field.annotation]


def _flags(command: F) -> F:
    for name in reversed(_FLAGS):
        option = click.option(f"--{name}", is_flag=True, help=f"Raise the counter `{name}`.")
        command = option(command)
    return command


@main.command(help=options.naming("Add to the scores of a conversation; each call adds again."))
@options.conversation
@click.option(
    "--kind",
    metavar="KIND",
    type=click.Choice(_KINDS),
    default="conversation",
    show_default=True,
    help="Whose counters they are.",
)
@_flags
@options.as_json
@options.target
def increment(conversation: str, kind: str, as_json: bool, target: Target, **flags: bool) -> None:
    from conversation_client.cli import calls  # noqa: PLC0415

    calls.increment(conversation, target, kind=kind, flags=flags, as_json=as_json)


@main.command(
    help="""Say whether Pieces OS can be used, and what to do if not.

    Exit code 0 is for a Pieces OS that is running where it was asked for.
    """
)
@options.server
@options.ports
@options.as_json
@options.prints
def doctor(server: str | None, ports: frozenset[int] | None, as_json: bool) -> None:
    from conversation_client.cli import examining  # noqa: PLC0415

    examining.examine(server, ports, as_json=as_json)


@main.command(
    help="Run a local server that behaves like Pieces OS.",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True},
    options_metavar="",
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS]")
def emulator(options: tuple[str, ...]) -> None:
    from conversation_client.testing import __main__ as program  # noqa: PLC0415

    raise SystemExit(program.main(options, name="conversation-client emulator"))


@main.command(
    help="""See it work.

    Makes a conversation, associates many assets with it, reads it back and summarizes it, on an
    emulator of its own unless --server names another.
    """
)
@click.option(
    "--assets", default=10_000, show_default=True, type=click.IntRange(min=1), help="How many."
)
@options.concurrency
@options.target
@options.prints
def demo(assets: int, concurrency: int, target: Target) -> None:
    from conversation_client.cli import demonstration  # noqa: PLC0415

    demonstration.show(target, assets, concurrency)

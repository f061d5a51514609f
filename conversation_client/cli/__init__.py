"""The command `conversation-client`: its verbs and their options.

What a verb does is imported when it runs, so that `--help` does not wait for aiohttp.
"""

import sys
from collections.abc import Callable
from typing import BinaryIO, TextIO, TypeVar

try:
    import click
    import rich  # noqa: F401  # pyright: ignore[reportUnusedImport]  # some verbs need it
except ImportError as _missing:
    sys.stderr.write(
        f"conversation-client: the command needs {_missing.name}, which comes with an extra:"
        " pip install 'conversation-client[cli]'\n"
    )
    raise SystemExit(2) from None

from conversation_client.cli import lifecycle, options
from conversation_client.cli.layout import Format, Layout
from conversation_client.cli.program import Program
from conversation_client.cli.streams import StandardOrFile
from conversation_client.cli.target import Target
from conversation_client.models.base import fields
from conversation_client.models.common import SeededScore, SeededScoreIncrement
from conversation_client.operations import Material

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


def _plural(material: Material) -> str:
    name = material.replace("_", "-")
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def _file_of(material: Material) -> Callable[[F], F]:
    plural = _plural(material)
    text = f"Ids of {plural.replace('-', ' ')}."
    return click.option(
        f"--{plural}", material, metavar="FILE", type=StandardOrFile("rb"), help=text
    )


def _files(command: F) -> F:
    for material in reversed(Material):
        command = _file_of(material)(command)
    return command


def _chosen(files: dict[str, BinaryIO | None]) -> tuple[Material, BinaryIO]:
    given = [(Material(name), file) for name, file in files.items() if file is not None]
    if len(given) != 1:
        options = ", ".join(f"--{_plural(material)}" for material in Material)
        raise click.UsageError(f"exactly one of {options} is needed")
    return given[0]


def _checked(layout: Layout) -> Layout:
    if layout.field is not None and layout.format is not Format.JSONL:
        raise click.UsageError("--field is for JSON Lines")
    if layout.format is not Format.CSV:
        if layout.header is not None:
            raise click.UsageError("--header is for CSV")
        if layout.delimiter is not None:
            raise click.UsageError("--delimiter is for CSV")
    return layout


def _delimiter(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    delimiter = {"\\t": "\t", "tab": "\t"}.get(value or "", value)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise click.BadParameter("one character is needed, or \\t for a tab")
    return delimiter


def _add_batch(verb: str, does: str) -> None:
    """Add `associate` or `disassociate`, which take the same options."""

    @main.command(
        verb,
        help=options.naming(
            f"""{does}.

        FILE holds their ids, one a line. By its name (.csv, .jsonl, .ndjson), --format or --field
        it may also be a CSV, whose first column is taken, or JSON Lines; a JSON array, gzip and
        UTF-16 are known by their content. - is standard input. A line without a usable id is
        reported and counts as failed; the others go on. A file that is something else, or may be,
        is refused, and nothing is sent."""
        ),
    )
    @options.conversation
    @_files
    @click.option(
        "--format",
        "asked",
        type=click.Choice([each.value for each in Format]),
        help="What FILE is.",
    )
    @click.option("--field", metavar="NAME", help="Field of the JSON objects that holds the id.")
    @click.option(
        "--header/--no-header",
        default=None,
        help="Skip the first record of a CSV, or take it though it looks like a header.",
    )
    @click.option(
        "--delimiter",
        metavar="CHARACTER",
        callback=_delimiter,
        help="What separates the columns of a CSV, if its first line does not tell.",
    )
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
        asked: str | None,
        field: str | None,
        header: bool | None,
        delimiter: str | None,
        journal: str | None,
        concurrency: int,
        give_up_after: float,
        target: Target,
        dry_run: bool,
        **files: BinaryIO | None,
    ) -> None:
        material, file = _chosen(files)
        name = getattr(file, "name", "")
        layout = _checked(Layout.of(name, asked, field, header=header, delimiter=delimiter))
        from conversation_client.cli import batches  # noqa: PLC0415

        source = batches.Input(material=material, file=file, layout=layout)
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

    journals.tell(journal, failures, as_json=as_json)


@main.command(help=options.naming("Show a conversation."))
@options.conversation
@options.as_json
@options.target
def get(conversation: str, as_json: bool, target: Target) -> None:
    from conversation_client.cli import calls  # noqa: PLC0415

    calls.get(conversation, target, as_json=as_json)


@main.command(help=options.naming("Show the messages of a conversation."))
@options.conversation
@options.as_json
@options.target
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
def watch(as_json: bool, target: Target) -> None:
    from conversation_client.cli import watching  # noqa: PLC0415

    watching.show(target, as_json=as_json)


_KINDS = [field.name for field in fields(SeededScoreIncrement) if "SeededScore" in str(field.type)]
_FLAGS = [field.name for field in fields(SeededScore) if "bool" in str(field.type)]


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
def demo(assets: int, concurrency: int, target: Target) -> None:
    from conversation_client.cli import demonstration  # noqa: PLC0415

    demonstration.show(target, assets, concurrency)

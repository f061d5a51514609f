"""Batches: read the ids, send them, show how far it is, and say what became of them."""

import os
import shlex
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from uuid import UUID

import attrs
import click
from click.core import ParameterSource

from conversation_client.batch import BatchReport
from conversation_client.cli.ids import survey
from conversation_client.cli.looking import look
from conversation_client.cli.materials import Input
from conversation_client.cli.prefixes import full_id
from conversation_client.cli.program import COMMAND_LINE, INTERRUPTED, NO_SERVER, SOME_FAILED
from conversation_client.cli.progress import TOLD, Watch, watch
from conversation_client.cli.running import run
from conversation_client.cli.target import Target
from conversation_client.cli.text import complain, counted, without_credentials
from conversation_client.client import AsyncConversationClient
from conversation_client.errors import JournalError, ResponseError
from conversation_client.journal import read_journal

NOBODY = UUID(int=0)
"""Id of no conversation."""


UNREADABLE = ("line that holds no id", "lines that hold no id")


@attrs.frozen(kw_only=True)
class Sending:
    """How a batch is sent."""

    target: Target
    concurrency: int
    give_up_after: float
    journal: str | None


def send(verb: str, conversation: str, source: Input, sending: Sending) -> None:
    """Associate the ids of a file with a conversation, or take them out of it.

    Args:
        verb: "associate" or "disassociate".
        conversation: What names the conversation.
        source: The ids.
        sending: How they are sent.

    Raises:
        SystemExit: Not all of them were done.
        ConversationClientError: There is no server, or the batch could not begin.
    """
    watching = watch(activity(verb), survey(source.file, source.layout, source.material))
    ids = source.ids(watching.refuse).as_they_come()

    async def batch(client: AsyncConversationClient) -> BatchReport:
        id_ = await full_id(client, conversation)
        many = client.associate_many if verb == "associate" else client.disassociate_many
        return await many(
            id_,
            source.material,
            ids,
            concurrency=sending.concurrency,
            give_up_after=sending.give_up_after,
            journal=sending.journal,
            on_progress=watching,
        )

    carry_out(batch, verb, watching, sending)


def resume(journal: str, sending: Sending) -> None:
    """Finish the job of a journal, on the server where it was begun unless another is named.

    Raises:
        SystemExit: Not all of it was done.
        ConversationClientError: There is no server, or the journal cannot be resumed.
    """
    summary = read_journal(journal)
    watching = watch(activity(summary.verb))

    async def batch(client: AsyncConversationClient) -> BatchReport:
        return await client.resume(
            journal,
            concurrency=sending.concurrency,
            give_up_after=sending.give_up_after,
            on_progress=watching,
        )

    target = sending.target
    target = attrs.evolve(target, server=target.server or summary.base_url)
    carry_out(batch, summary.verb, watching, attrs.evolve(sending, target=target))


def check(source: Input, conversation: str, target: Target) -> None:
    """Read a file to its end and say how many ids it holds, and which of its lines hold none.

    Args:
        source: The ids.
        conversation: What names the conversation.
        target: The server that is to have it, if one is named; else none is asked.

    Raises:
        SystemExit: There are lines that hold none.
        ConversationClientError: The file is refused, or there is no such server or conversation.
    """
    watching = watch("Reading", survey(source.file, source.layout, source.material))
    with watching:
        good = sum(1 for _ in source.ids(watching.refuse).read())
    tell_more(watching.unreadable, *UNREADABLE)
    ids = f"{counted(good, 'ids')} {'is' if good == 1 else 'are'} good"
    bad = (
        f"{counted(watching.unreadable, 'lines')} {'holds' if watching.unreadable == 1 else 'hold'}"
    )
    click.echo(f"{ids}, {bad} none; nothing was sent")
    if target.server is not None:
        run(lambda client: _look(client, conversation), target, 1)
    if watching.unreadable:
        raise SystemExit(SOME_FAILED)


async def _look(client: AsyncConversationClient, conversation: str) -> None:
    await look(client, await full_id(client, conversation))


def activity(verb: str) -> str:
    """Say what a batch does while it does it."""
    return f"{verb.capitalize()[:-1]}ing"


def carry_out(
    batch: Callable[[AsyncConversationClient], Awaitable[BatchReport]],
    verb: str,
    watching: Watch,
    sending: Sending,
) -> None:
    """Run a batch, and say what has become of it.

    Args:
        batch: Given the client.
        verb: What the batch does.
        watching: What it is told to.
        sending: How it is sent.

    Raises:
        SystemExit: Not all of it was done.
        ConversationClientError: There is no server, or the batch could not begin.
    """

    async def begin(client: AsyncConversationClient) -> BatchReport:
        with suppress(ResponseError):
            # Any answer of Pieces OS will do; then a batch waits for a server that is gone.
            await look(client, NOBODY)
        return await batch(client)

    try:
        with watching:
            report = run(begin, sending.target, sending.concurrency)
    except KeyboardInterrupt:
        complain(f"interrupted; {watching.done}")
        _tell_how_to_go_on(sending)
        raise SystemExit(INTERRUPTED) from None
    _conclude(report, verb, watching.unreadable, sending)


def _conclude(report: BatchReport, verb: str, unreadable: int, sending: Sending) -> None:
    tell_failures(report)
    tell_more(unreadable, *UNREADABLE)
    counts = {
        f"{verb}d": report.succeeded,
        "done before": report.skipped,
        "failed": report.failed + unreadable,
        "not started": report.not_started,
    }
    told = [f"{count:,} {name}" for name, count in counts.items() if count]
    if report.not_started is None:
        told.append("the rest not started")
    click.echo(", ".join(told) or f"0 {verb}d")
    if report.ended_by is not None:
        complain(f"gave up: {report.ended_by}")
        _tell_how_to_go_on(sending)
        raise SystemExit(NO_SERVER)
    if report.failed + unreadable:
        raise SystemExit(SOME_FAILED)


def tell_failures(report: BatchReport) -> None:
    """Say what failed, the first of it one by one."""
    for failure in report.failures[:TOLD]:
        complain(failure.error)
    tell_more(report.failed, "failure", "failures")


def tell_more(count: int, one: str, many: str) -> None:
    """Say how many there are beyond those that were told one by one."""
    if count > TOLD:
        more = count - TOLD
        complain(f"and {more:,} more {one if more == 1 else many}")


def _tell_how_to_go_on(sending: Sending) -> None:
    """Say which command finishes the job."""
    context = click.get_current_context()
    if sending.journal is None:
        complain("with --journal FILE, what is not done yet could be resumed")
        return
    # A name that begins as options do would be taken for one.
    is_plain = not sending.journal.startswith("-")
    arguments = [
        "resume",
        sending.journal if is_plain else f"{os.curdir}{os.sep}{sending.journal}",
    ]
    for name in ("server", "timeout", "concurrency", "give_up_after"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            arguments += [f"--{name.replace('_', '-')}", str(context.params[name])]
    try:
        is_complete = read_journal(sending.journal).complete
    except JournalError:
        is_complete = False
    if not is_complete:  # the ids that were not read yet are nowhere else
        arguments = list(context.meta[COMMAND_LINE])
    shown = [without_credentials(word) for word in arguments]
    complain(f"to go on: {context.find_root().info_name} {command_line(shown)}")
    if shown != arguments:
        complain("the credentials of the URL, which are not shown, have to be put back into it")


def command_line(words: Sequence[str], *, system: str = os.name) -> str:
    """Spell a command as the shell of a system takes it, named as by `os.name`."""
    return subprocess.list2cmdline(words) if system == "nt" else shlex.join(words)

"""`reconcile`: what a conversation lacks or has too much of is shown, agreed to, and mended."""

import json

import attrs
import click

from conversation_client import reconciliation
from conversation_client.batch import BatchReport, ReconcileReport
from conversation_client.cli.asking import agrees, check_can_ask
from conversation_client.cli.batches import UNREADABLE, Sending, tell_failures, tell_more
from conversation_client.cli.materials import Input
from conversation_client.cli.prefixes import full_id
from conversation_client.cli.program import INTERRUPTED, NO_SERVER, SOME_FAILED
from conversation_client.cli.progress import Watch, watch
from conversation_client.cli.running import run
from conversation_client.cli.streams import write_json
from conversation_client.cli.target import Target
from conversation_client.cli.text import cell, complain, printable_json, without_credentials
from conversation_client.client import AsyncConversationClient
from conversation_client.errors import InvalidArgumentError

AGAIN = "the same command does the rest"


@attrs.frozen(kw_only=True)
class Plan:
    """What is to be done."""

    conversation: str
    """Its id in full."""
    source: Input
    report: ReconcileReport
    """As a dry run gives it."""
    watching: Watch

    @property
    def empties(self) -> bool:
        """Whether more than half of what the conversation has is to be removed."""
        return len(self.report.to_remove) > self.report.kept


def plan(conversation: str, source: Input, target: Target, *, remove: bool) -> Plan:
    """Find out what is to be done.

    Args:
        conversation: What names the conversation.
        source: The ids that it is to have.
        target: The server.
        remove: Whether it is to have no others.

    Raises:
        InvalidArgumentError: A line holds no id, so that it is not known what is wanted.
        ConversationClientError: The file is refused, or the conversation cannot be read.
    """
    watching = watch("Reconciling")

    async def compare(client: AsyncConversationClient) -> Plan:
        ids = [id_ async for id_ in source.ids(watching.refuse).awaited()]
        if watching.unreadable:
            tell_more(watching.unreadable, *UNREADABLE)
            raise InvalidArgumentError("nothing was sent: it is not certain which ids are wanted")
        known = await full_id(client, conversation)
        report = await client.reconcile(known, source.material, ids, remove=remove, dry_run=True)
        return Plan(conversation=known, source=source, report=report, watching=watching)

    return run(compare, target, 1)


def show(planned: Plan, *, as_json: bool) -> None:
    """Print what is to be done.

    Raises:
        SystemExit: There is something.
    """
    report = planned.report
    if as_json:
        _show_json(report)
    else:
        for sign, ids in (("+", report.to_add), ("-", report.to_remove)):
            click.echo("".join(f"{sign} {cell(id_)}\n" for id_ in ids), nl=False)
    if report.to_add or report.to_remove:
        raise SystemExit(SOME_FAILED)


def carry_out(planned: Plan, sending: Sending, *, is_agreed: bool, as_json: bool) -> None:
    """Do what is to be done, once somebody has agreed if much is to be removed.

    Args:
        planned: What is to be done.
        sending: How it is sent.
        is_agreed: Whether there is no need to ask.
        as_json: Whether to say what became of it in JSON.

    Raises:
        UsageError: There is nobody to ask.
        SystemExit: Not all of it was done.
        ConversationClientError: There is no server.
    """
    if planned.empties and not is_agreed:
        _ask(planned)

    async def work(client: AsyncConversationClient) -> ReconcileReport:
        return await reconciliation.carry_out(
            client,
            planned.conversation,
            planned.source.material,
            planned.report,
            concurrency=sending.concurrency,
            on_progress=planned.watching,
            give_up_after=sending.give_up_after,
        )

    try:
        with planned.watching:
            report = run(work, sending.target, sending.concurrency)
    except KeyboardInterrupt:
        complain(f"interrupted; {planned.watching.done}; {AGAIN}")
        raise SystemExit(INTERRUPTED) from None
    _conclude(report, as_json=as_json)


def _ask(planned: Plan) -> None:
    report = planned.report
    removed, all_ = len(report.to_remove), report.kept + len(report.to_remove)
    complain(f"{removed:,} of the {all_:,} that the conversation has would be removed")
    check_can_ask(is_input_taken=getattr(planned.source.file, "name", None) == "<stdin>")
    if not agrees(f"Remove {removed:,} and add {len(report.to_add):,}?"):
        complain("nothing was added or removed")
        raise SystemExit(SOME_FAILED)


def _conclude(report: ReconcileReport, *, as_json: bool) -> None:
    added, removed = report.associated, report.disassociated
    if added is None or removed is None:
        return
    both = added + removed
    tell_failures(both)
    counts = {
        "added": added.succeeded,
        "removed": removed.succeeded,
        "kept": report.kept,
        "failed": both.failed,
        "not started": both.not_started,
    }
    if as_json:
        _show_json(report)
    else:
        always = ("added", "removed", "kept")
        told = (f"{count:,} {what}" for what, count in counts.items() if count or what in always)
        click.echo(", ".join(told))
    if both.ended_by is not None:
        complain(f"gave up: {both.ended_by}; {AGAIN}")
        raise SystemExit(NO_SERVER)
    if both.failed:
        raise SystemExit(SOME_FAILED)


def _show_json(report: ReconcileReport) -> None:
    document = {
        "to_add": report.to_add,
        "to_remove": report.to_remove,
        "kept": report.kept,
        "associated": _facts(report.associated),
        "disassociated": _facts(report.disassociated),
    }
    write_json(printable_json(json.dumps(document, ensure_ascii=False)))


def _facts(report: BatchReport | None) -> dict[str, object] | None:
    if report is None:
        return None
    return {
        "succeeded": report.succeeded,
        "failed": report.failed,
        "failures": [
            {"id": str(each.item), "error": without_credentials(str(each.error))}
            for each in report.failures
        ],
        "not_started": report.not_started,
    }

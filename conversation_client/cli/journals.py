"""Looking into the journal of a batch."""

import csv
import json
from typing import TextIO

import attrs
import click

from conversation_client._journal_file import is_of_journal
from conversation_client.cli.text import one_line, printable
from conversation_client.journal import JournalSummary, journal_failures, read_journal


def tell(path: str, failures: TextIO | None, *, as_json: bool) -> None:
    """Show what job a journal is of and how far it is, or write what failed as CSV.

    Args:
        path: Where the journal is.
        failures: Where to write what failed; what else there is to say is left out if that is the
            standard output.
        as_json: Whether to show it for machines.

    Raises:
        UsageError: The failures would be written over the journal.
        JournalError: It cannot be read.
    """
    if failures is not None and is_of_journal(failures.name, path):
        raise click.UsageError("--failures: that is the journal itself")
    summary = read_journal(path)
    if failures is not None:
        _write_failures(path, failures)
    if failures is None or failures.name != "<stdout>":
        _show_json(summary) if as_json else _show(summary)


def _show_json(summary: JournalSummary) -> None:
    click.echo(json.dumps(attrs.asdict(summary)))


def _show(summary: JournalSummary) -> None:
    if summary.material is None:
        click.echo(f"{summary.verb} conversations")
    else:
        name = summary.material.replace("_", " ")
        click.echo(f"{summary.verb} {name} ids, conversation {one_line(summary.conversation)}")
    click.echo(f"begun on {one_line(summary.base_url)}")
    counts = f"{summary.done:,} done, {summary.failed:,} failed, {summary.queued:,} to do"
    click.echo(f"{counts}, {summary.total:,} in all")
    if not summary.complete:
        click.echo("the ids were not read to their end: repeat the command that began the job")


def _write_failures(path: str, file: TextIO) -> None:
    show = printable if file.isatty() else str
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["position", "id", "error"])
    for failure in journal_failures(path):
        rows.writerow([failure.position, show(failure.item), show(failure.error)])

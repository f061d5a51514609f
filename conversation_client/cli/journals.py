"""Looking into the journal of a batch."""

import csv
import io
import json
import sys
from typing import TextIO

import attrs
import click

from conversation_client._journal_file import is_of_journal
from conversation_client.cli.layout import Format, Layout
from conversation_client.cli.text import one_line, printable
from conversation_client.journal import JournalSummary, journal_failures, read_journal


def tell(path: str, failures: TextIO | None, *, as_json: bool) -> None:
    """Show what job a journal is of and how far it is, or write what failed.

    Args:
        path: Where the journal is.
        failures: Where to write what failed, as JSON Lines if it is a file that is named as those
            are; what else there is to say is left out if that is the standard output.
        as_json: Whether to show it for machines.

    Raises:
        UsageError: The failures would be written over the journal.
        JournalError: It cannot be read.
    """
    is_shown = failures is sys.stdout
    if failures is not None and not is_shown and is_of_journal(failures.name, path):
        raise click.UsageError("--failures: that is the journal itself")
    summary = read_journal(path)
    if failures is not None:
        is_jsonl = not is_shown and Layout.of(failures.name, None, None).format is Format.JSONL
        (_write_jsonl if is_jsonl else _write_csv)(path, failures)
    if not is_shown or failures is None:
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


def _write_csv(path: str, file: TextIO) -> None:
    show = printable if file.isatty() else str
    file.write(_record("position", "id", "error"))
    for failure in journal_failures(path):
        texts = map(_cell, map(show, (failure.item, failure.error)))
        file.write(_record(str(failure.position), *texts))


def _record(*cells: str) -> str:
    """Spell a record of a CSV; with another end of line, a CR in a cell would not be quoted."""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n") + "\n"


def _cell(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula, which may do anything."""
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) else text


_BEGINS_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""Characters that do for some spreadsheet, in their wide forms, too."""


def _write_jsonl(path: str, file: TextIO) -> None:
    for failure in journal_failures(path):
        row = {"position": failure.position, "id": failure.item, "error": failure.error}
        file.write(f"{json.dumps(row)}\n")

"""Asking somebody on the terminal, before what cannot be undone."""

import sys

import click

from conversation_client.cli.text import is_terminal


def check_can_ask(*, is_input_taken: bool) -> None:
    """Refuse to go on where there is nobody to ask.

    Args:
        is_input_taken: Whether the standard input is read for something else.

    Raises:
        UsageError: There is no terminal, or its input is taken.
    """
    if is_input_taken or not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise click.UsageError("--yes is needed where there is no terminal to ask on")


def agrees(question: str) -> bool:
    """Ask a question, and return whether the answer is yes."""
    click.echo(f"{question} [y/N] ", nl=False, err=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")

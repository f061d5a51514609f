"""A spinner, while somebody waits for a model."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

from conversation_client.cli.text import is_terminal


@contextmanager
def spinner(activity: str) -> Generator[None]:
    """Show on standard error that something goes on, and for how long, if that is a terminal.

    Args:
        activity: What goes on, such as "Summarizing".
    """
    if not is_terminal(sys.stderr):
        yield
        return
    from rich.console import Console  # noqa: PLC0415  # takes longer than all the rest
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    from conversation_client.cli.progress import NarrowProgress  # noqa: PLC0415

    with NarrowProgress(
        SpinnerColumn("line"),  # in characters that any terminal has
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True, highlight=False),
        refresh_per_second=5,
        transient=True,
    ) as progress:
        progress.add_task(activity, total=None)
        yield

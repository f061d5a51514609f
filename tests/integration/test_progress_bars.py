"""Bars of tqdm and rich for a batch, in one line each."""

import io

import pytest
from rich.console import Console
from rich.progress import Progress

from conversation_client import ConversationClient, Material
from conversation_client.testing import STARTING_CONVERSATION, Emulator

IDS = ["", *(f"a{number}" for number in range(499))]
"""The first one fails."""


def test_a_bar_of_tqdm_follows_a_batch(server: Emulator) -> None:
    tqdm = pytest.importorskip("tqdm", reason="needs the extra `integration`").tqdm
    screen = io.StringIO()
    with ConversationClient(server.url) as client, tqdm(total=len(IDS), file=screen) as bar:
        report = client.associate_many(
            STARTING_CONVERSATION,
            Material.ASSET,
            IDS,
            on_progress=lambda p: bar.update(p.done + p.failed + p.skipped - bar.n),
        )
    assert (report.succeeded, report.failed) == (499, 1)
    assert screen.getvalue().rsplit("\r", 1)[-1].startswith("100%|")
    assert " 500/500 [" in screen.getvalue()


def test_a_bar_of_rich_follows_a_batch(server: Emulator) -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=80)
    with ConversationClient(server.url) as client, Progress(console=console) as bars:
        bar = bars.add_task("assets", total=None)
        client.associate_many(
            STARTING_CONVERSATION,
            Material.ASSET,
            IDS,
            on_progress=lambda p: bars.update(
                bar, total=p.total, completed=p.done + p.failed + p.skipped
            ),
        )
    line = screen.getvalue().splitlines()[-1]
    assert line.startswith("assets ")
    assert " 100% " in line

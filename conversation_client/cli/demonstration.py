"""The demo: a conversation, many assets, its name and its summary."""

import contextlib
import subprocess
import sys
import uuid
from collections.abc import Generator

import attrs
import click

from conversation_client import operations
from conversation_client.cli.program import SOME_FAILED
from conversation_client.cli.progress import watch
from conversation_client.cli.running import run
from conversation_client.cli.target import Target
from conversation_client.cli.text import one_line, without_credentials
from conversation_client.client import AsyncConversationClient
from conversation_client.models.conversation import ConversationTypeEnum, SeededConversation
from conversation_client.models.message import (
    FragmentFormat,
    QGPTConversationMessageRoleEnum,
    SeededConversationMessage,
)
from conversation_client.operations import Material

CLOCK = 0.001
"""Seconds that a batch counts as having taken at least: some clocks stand still for longer."""
MESSAGES = (
    ("USER", "How do I retry a request without sending it twice?"),
    ("ASSISTANT", "Repeat only what a repeat does not change, and only after a passing failure."),
    ("USER", "And how many requests may be under way at once?"),
    ("ASSISTANT", "As many as the server answers without falling behind; 32 is a good start."),
)


def show(target: Target, count: int, concurrency: int) -> None:
    """Run the demo.

    Args:
        target: A running server; without one, an emulator of its own.
        count: How many assets.
        concurrency: Requests at the same time, at most.

    Raises:
        SystemExit: The server does not hold every asset in the end.
        ConversationClientError: It failed in another way.
    """

    async def work(client: AsyncConversationClient) -> bool:
        return await _show(client, url, count, concurrency)

    with contextlib.nullcontext(target.server) if target.server else _emulator() as url:
        if not run(work, attrs.evolve(target, server=url), concurrency):
            raise SystemExit(SOME_FAILED)


@contextlib.contextmanager
def _emulator() -> Generator[str]:
    """Run an emulator in a process of its own; its first line is its URL."""
    command = [sys.executable, "-m", "conversation_client.testing", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None  # noqa: S101
            url = process.stdout.readline().strip()
            if not url:
                raise click.ClickException("the emulator did not start")
            yield url
        finally:
            process.terminate()


async def _show(client: AsyncConversationClient, url: str, count: int, concurrency: int) -> bool:
    """Do it; tell whether the server holds every asset."""
    conversation = await client.call(operations.CREATE_CONVERSATION, body=_seed())
    click.echo(
        f"Created conversation {one_line(conversation.id)} on {one_line(without_credentials(url))}"
    )
    assets = [str(uuid.uuid4()) for _ in range(count)]
    with watch("Associating") as watching:
        report = await client.associate_many(
            conversation.id,
            Material.ASSET,
            assets,
            concurrency=concurrency,
            on_progress=watching,
        )
    held = await client.get_conversation(conversation.id)
    named = await client.rename_conversation(conversation.id)
    output = await client.summarize_conversation(conversation.id)
    here = {asset.id for asset in (held.assets and held.assets.iterable) or ()}
    rate = report.succeeded / max(report.elapsed, CLOCK)
    click.echo(f"Associated {report.succeeded:,} assets, {rate:,.0f} a second")
    click.echo(f"Failures: {report.failed:,}")
    for failure in report.failures[:3]:
        click.echo(f"  {one_line(str(failure.error))}")
    click.echo(f"Name: {one_line(named.name or '')}")
    click.echo(f"Summary: annotation {one_line(output.annotation.id)}")
    click.echo(f"The server holds {len(here):,} of {count:,} assets")
    return here.issuperset(assets)


def _seed() -> SeededConversation:
    return SeededConversation(
        type=ConversationTypeEnum.COPILOT,
        messages=[
            SeededConversationMessage(
                role=QGPTConversationMessageRoleEnum(role),
                fragment=FragmentFormat.from_text(text),
            )
            for role, text in MESSAGES
        ],
    )

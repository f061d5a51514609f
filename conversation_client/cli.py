"""The command `conversation-client`."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Generator

    from conversation_client import AsyncConversationClient, BatchProgress, BatchReport
    from conversation_client.models.conversation import Conversation, SeededConversation

try:
    import click
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
except ImportError as _missing:
    sys.stderr.write(
        f"conversation-client: the command needs {_missing.name}, which comes with an extra:"
        " pip install 'conversation-client[cli]'\n"
    )
    raise SystemExit(2) from None

SOME_FAILED = 1
NO_SERVER = 3

DEMO_MESSAGES = (
    ("USER", "How do I retry a request without sending it twice?"),
    ("ASSISTANT", "Repeat only what a repeat does not change, and only after a passing failure."),
    ("USER", "And how many requests may be under way at once?"),
    ("ASSISTANT", "As many as the server answers without falling behind; 32 is a good start."),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="conversation-client")
def main() -> None:
    """Talk to the Conversation API of Pieces OS."""


@main.command()
@click.option(
    "--assets", default=10_000, show_default=True, type=click.IntRange(min=1), help="How many."
)
@click.option(
    "--concurrency",
    default=32,
    show_default=True,
    type=click.IntRange(min=1),
    help="Requests at the same time.",
)
@click.option(
    "--server", metavar="URL", help="A running server, instead of an emulator of the demo's own."
)
def demo(assets: int, concurrency: int, server: str | None) -> None:
    """Make a conversation, associate many assets with it, read it back and summarize it."""
    from conversation_client import (  # noqa: PLC0415
        ConversationClientError,
        InvalidArgumentError,
        ServerNotRunningError,
    )

    try:
        with contextlib.nullcontext(server) if server else _emulator() as url:
            complete = asyncio.run(_demo(url, assets, concurrency))
    except ServerNotRunningError as error:
        _fail(error, NO_SERVER)
    except InvalidArgumentError as error:
        raise click.UsageError(str(error)) from error
    except ConversationClientError as error:
        _fail(error, SOME_FAILED)
    if not complete:
        raise SystemExit(SOME_FAILED)


def _fail(error: Exception, code: int) -> NoReturn:
    click.echo(f"conversation-client: {error}", err=True)
    raise SystemExit(code)


@contextlib.contextmanager
def _emulator() -> Generator[str, None, None]:
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


async def _demo(url: str, count: int, concurrency: int) -> bool:
    """Run the demo; tell whether the server holds every asset."""
    from conversation_client import AsyncConversationClient, operations  # noqa: PLC0415

    console = Console()
    async with AsyncConversationClient(url, max_connections=concurrency) as client:
        conversation = await client.call(operations.CREATE_CONVERSATION, body=_seed())
        console.print(f"Created conversation {conversation.id} on {url}", soft_wrap=True)
        assets = [str(uuid.uuid4()) for _ in range(count)]
        report = await _associate(client, conversation, assets, concurrency, console)
        held = await client.get_conversation(conversation.id)
        named = await client.rename_conversation(conversation.id)
        output = await client.summarize_conversation(conversation.id)
    here = {asset.id for asset in (held.assets and held.assets.iterable) or ()}
    rate = report.succeeded / report.elapsed
    console.print(f"Associated {report.succeeded:,} assets, {rate:,.0f} a second")
    console.print(f"Failures: {report.failed:,}")
    for failure in report.failures[:3]:
        console.print(f"  {failure.error}", markup=False)
    console.print(f"Name: {named.name}", markup=False)
    console.print(f"Summary: annotation {output.annotation.id}")
    console.print(f"The server holds {len(here):,} of {count:,} assets")
    return here.issuperset(assets)


def _seed() -> SeededConversation:
    from conversation_client.models.common import TransferableString  # noqa: PLC0415
    from conversation_client.models.conversation import (  # noqa: PLC0415
        ConversationTypeEnum,
        SeededConversation,
    )
    from conversation_client.models.message import (  # noqa: PLC0415
        FragmentFormat,
        QGPTConversationMessageRoleEnum,
        SeededConversationMessage,
    )

    return SeededConversation(
        type=ConversationTypeEnum.COPILOT,
        messages=[
            SeededConversationMessage(
                role=QGPTConversationMessageRoleEnum(role),
                fragment=FragmentFormat(string=TransferableString(raw=text)),
            )
            for role, text in DEMO_MESSAGES
        ],
    )


async def _associate(
    client: AsyncConversationClient,
    conversation: Conversation,
    assets: list[str],
    concurrency: int,
    console: Console,
) -> BatchReport:
    from conversation_client import Material  # noqa: PLC0415

    columns = (
        TextColumn("Associating"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TextColumn("{task.fields[failed]} failed"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=len(assets), rate=0.0, failed=0)

        def show(progress: BatchProgress) -> None:
            ended = progress.done + progress.failed
            rate = ended / progress.elapsed if progress.elapsed else 0.0
            bar.update(task, completed=ended, rate=rate, failed=progress.failed)

        return await client.associate_many(
            conversation.id, Material.ASSET, assets, concurrency=concurrency, on_progress=show
        )


if __name__ == "__main__":
    main()

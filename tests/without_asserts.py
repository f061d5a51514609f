"""Uses the package where asserts and docstrings are gone.

    python -OO without_asserts.py WAY

pytest needs the asserts, so this is a program of its own; it ends with 0 if all is as it should be.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from conversation_client import (
    AsyncConversationClient,
    ConversationChange,
    ConversationClient,
    ConversationClientError,
    DeadlineExceededError,
    DecodeError,
    GoneError,
    InvalidArgumentError,
    Material,
    ServerNotRunningError,
    decode,
    encode,
    find_servers,
    from_dict,
    journal_failures,
    problems,
    read_journal,
    to_dict,
)
from conversation_client.models import Conversation
from conversation_client.testing import STARTING_CONVERSATION as CONVERSATION
from conversation_client.testing import Emulator

DOCUMENT = """{"id": "i", "name": "n", "type": "NEW", "more": [1.5], "messages": {"iterable": []},
    "created": {"value": "2026-01-02T03:04:05+00:00"}, "updated": {"value": 5}}"""


def check(found: object, expected: object) -> None:
    """Tell where a value is another than it should be."""
    if found != expected:
        raise SystemExit(f"{found!r} is not {expected!r}")


def refused(error: type[ConversationClientError], call: Callable[[], object]) -> None:
    try:
        call()
    except error:
        return
    raise SystemExit(f"{error.__name__} was not raised")


def use_no_assert() -> None:
    assert sys.flags.optimize == 2, "asserts are to be gone"
    check(check.__doc__, None)
    check(AsyncConversationClient.get_conversation.__doc__, None)


def use_calls() -> None:
    with Emulator() as server, ConversationClient(server.url) as client:
        made = client.conversations.create("a name").id
        check(client.get_conversation(made).name, "a name")
        client.associate_asset(made, "a1")
        check(server.associations(made, Material.ASSET), ("a1",))
        client.messages.add(made, "How?")
        (message,) = client.messages.of(made)
        check(to_dict(message)["fragment"]["string"]["raw"], "How?")
        client.conversations.delete(made)
        refused(GoneError, lambda: client.get_conversation(made))
        refused(InvalidArgumentError, lambda: client.get_conversation("a\nb"))
        refused(InvalidArgumentError, lambda: client.associate_many("c", "nothing", []))  # type: ignore[arg-type]


def use_async_calls() -> None:
    async def work() -> None:
        async with Emulator() as server, AsyncConversationClient(server.url) as client:
            watching = client.conversations.watch()
            check(await anext(watching), ConversationChange(CONVERSATION, deleted=False))
            await watching.aclose()
            server.fail_next(503, times=2)
            check((await client.get_conversation(CONVERSATION)).id, CONVERSATION)
            reading = client.conversations.iter_get([CONVERSATION] * 3)
            check([outcome.error async for outcome in reading], [None] * 3)
            server.delay_next(5.0)
            hurried = client.with_options(timeout=0.2)
            try:
                await hurried.get_conversation(CONVERSATION)
            except DeadlineExceededError as error:
                check(error.attempts, 1)
            else:
                raise SystemExit("a deadline passed without a word")

    asyncio.run(work())


def use_batches() -> None:
    ids = [f"a{number}" for number in range(1000)]
    with Emulator() as server, ConversationClient(server.url) as client:
        server.fail_next(404, times=3, operation="conversation_associate_asset")
        report = client.associate_many(CONVERSATION, Material.ASSET, ids, journal="j")
        check((report.succeeded, report.failed), (997, 3))
        check(sum(1 for _ in journal_failures("j")), 3)
        check((read_journal("j").done, read_journal("j").complete), (997, True))
        check(client.resume("j").skipped, 997)
        reconciled = client.reconcile(CONVERSATION, Material.ASSET, ids[:10])
        check(len(reconciled.to_add) + reconciled.kept, 10)
        check(set(server.associations(CONVERSATION, Material.ASSET)), set(ids[:10]))


def use_models() -> None:
    model = decode(DOCUMENT, Conversation)
    check((model.name, str(model.type)), ("n", "NEW"))
    check(len(problems(model)), 1)
    check(json.loads(encode(model)), json.loads(DOCUMENT))
    check(from_dict(Conversation, to_dict(model)), model)
    refused(DecodeError, lambda: decode(DOCUMENT, Conversation, strict=True))


def use_discovery() -> None:
    with Emulator() as server:
        port = int(server.url.rpartition(":")[2])
        (found,) = asyncio.run(find_servers(ports={port}))
        check(found.url, server.url)
        with ConversationClient.discover(ports={port}) as client:
            check(client.get_conversation(CONVERSATION).id, CONVERSATION)
    refused(ServerNotRunningError, lambda: ConversationClient.discover(ports={port}))


def use_command() -> None:
    with Emulator() as server:

        def told(*arguments: str) -> str:
            command = [sys.executable, "-OO", "-m", "conversation_client", *arguments]
            command += ["--server", server.url]
            return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

        made = told("new", "a name").strip()
        check(made in told("ls"), True)
        Path("ids").write_text("a\nb\n")
        batch = told("associate", made, "--assets", "ids", "--journal", "of-the-command")
        check(batch, "2 associated\n")
        check(json.loads(told("doctor", "--json", "--ports", "9"))["state"], "running")
    told_at_last = subprocess.run(
        [sys.executable, "-OO", "-m", "conversation_client", "demo", "--assets", "5"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    check("The server holds 5 of 5 assets" in told_at_last, True)


if __name__ == "__main__":
    use_no_assert()
    use_calls()
    use_async_calls()
    use_batches()
    use_models()
    use_discovery()
    use_command()

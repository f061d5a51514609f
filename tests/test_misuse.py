"""What is used wrongly, or where it cannot work: each is told as what it is, by our own errors."""

import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from command import LIMIT

from conversation_client import (
    Association,
    AsyncConversationClient,
    ConversationClient,
    ConversationClientError,
    InvalidArgumentError,
    Material,
    TransportError,
)
from conversation_client.operations import GET_CONVERSATION
from conversation_client.testing import STARTING_CONVERSATION, Emulator

NOBODY = "http://127.0.0.1:9"


def ended(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program in an interpreter of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )


AT_THE_END = """
import asyncio, atexit, sys
from conversation_client import *

def blocking():
    return ConversationClient(sys.argv[1], timeout=5).get_conversation(sys.argv[2])

def used_before():
    return client.get_conversation(sys.argv[2])

async def call():
    async with AsyncConversationClient(sys.argv[1], timeout=5) as client:
        return await client.get_conversation(sys.argv[2])

@atexit.register
def last():
    for work in (blocking, used_before, lambda: asyncio.run(call())):
        try:
            print("done", work().id)
        except ConversationClientError as error:
            print(type(error).__name__, error.effect, error.attempts, error)

client = ConversationClient(sys.argv[1], timeout=5)
"""


def test_a_call_at_the_end_of_the_program_is_made_or_told_as_an_error_of_ours(
    server: Emulator,
) -> None:
    run = ended(AT_THE_END, server.url, STARTING_CONVERSATION)
    assert (run.stderr, run.stdout) == ("", f"done {STARTING_CONVERSATION}\n" * 3)
    named = server.url.replace("127.0.0.1", "localhost")
    run = ended(AT_THE_END, named, STARTING_CONVERSATION)
    assert run.stderr == ""
    for line in run.stdout.splitlines():
        assert line.startswith("ConversationClientError none 0 conversation_get_specific")
        assert "the program is ending" in line
    assert run.stdout.count("\n") == 3


def test_a_lack_of_threads_is_a_passing_failure_of_which_nothing_was_sent(
    server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    named = server.url.replace("127.0.0.1", "localhost")
    with ConversationClient(named, timeout=5) as client:
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refuse)
            with pytest.raises(TransportError, match="no thread can be started") as caught:
                client.associate_asset(STARTING_CONVERSATION, "a")
        assert (caught.value.effect, caught.value.attempts) == ("none", 0)
        client.associate_asset(STARTING_CONVERSATION, "a")


def anext_of(client: AsyncConversationClient) -> Coroutine[Any, Any, Any]:
    outcomes = client.iter_associate_many("c", Material.ASSET, ["a"])

    async def first() -> object:
        return await anext(outcomes)

    return first()


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.get_conversation("c"),
        lambda client: client.associate_many("c", Material.ASSET, ["a"]),
        lambda client: client.associate_many("c", Material.ASSET, ["a"], journal="j"),
        lambda client: client.apply([Association("c", Material.ASSET, "a")]),
        lambda client: client.resume("j"),
        anext_of,
    ],
    ids=["call", "batch", "journal", "apply", "resume", "iterator"],
)
def test_under_another_loop_than_asyncios_it_is_said_what_to_do(
    call: Callable[[AsyncConversationClient], Coroutine[Any, Any, Any]], tmp_path: Path
) -> None:
    coroutine = call(AsyncConversationClient(NOBODY))
    with pytest.raises(ConversationClientError, match="no event loop of asyncio is running here"):
        coroutine.send(None)  # as trio would begin it
    assert not (tmp_path / "j").exists()


# Arguments


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retry", True),
        ("retry", 3),
        ("session", 5),
        ("headers", 5),
        ("headers", "X-Name: value"),
        ("headers", [("X-Name", "value")]),
        ("headers", []),
    ],
)
@pytest.mark.parametrize("kind", [AsyncConversationClient, ConversationClient])
def test_an_option_of_another_type_is_refused_by_its_name(
    kind: Callable[..., Any], name: str, value: object
) -> None:
    with pytest.raises(InvalidArgumentError, match=rf"^{name}: "):
        kind(NOBODY, **{name: value})
    if name != "session":
        with pytest.raises(InvalidArgumentError, match=rf"^{name}: "):
            kind(NOBODY).with_options(**{name: value})


async def test_an_operation_is_a_row(client: AsyncConversationClient) -> None:
    for value in (GET_CONVERSATION.id, None):
        operation: Any = value
        with pytest.raises(InvalidArgumentError, match=r"^operation: "):
            await client.call(operation, "c")


@pytest.mark.parametrize("value", [True, "print", 0])
def test_progress_that_cannot_be_called_is_refused_before_anything_is_sent(
    server: Emulator, blocking_client: ConversationClient, value: Any, tmp_path: Path
) -> None:
    journal = tmp_path / "j"
    for many in (blocking_client.associate_many, blocking_client.disassociate_many):
        with pytest.raises(InvalidArgumentError, match=r"^on_progress: a function or None"):
            many("c", Material.ASSET, ["a"], on_progress=value, journal=journal)
    with pytest.raises(InvalidArgumentError, match=r"^on_progress: a function or None"):
        blocking_client.apply([], on_progress=value)
    with pytest.raises(InvalidArgumentError, match=r"^on_progress: a function or None"):
        blocking_client.resume(journal, on_progress=value)
    assert not server.requests
    assert not journal.exists()


async def test_progress_that_cannot_be_called_is_refused_by_the_async_client(
    server: Emulator, client: AsyncConversationClient
) -> None:
    value: Any = True
    with pytest.raises(InvalidArgumentError, match=r"^on_progress: a function or None"):
        await client.associate_many("c", Material.ASSET, ["a"], on_progress=value)
    assert not server.requests


async def test_a_coroutine_function_is_told_of_progress(
    client: AsyncConversationClient, blocking_client: ConversationClient
) -> None:
    told = []

    async def on_progress(progress: object) -> None:
        told.append(progress)

    ids = (STARTING_CONVERSATION, Material.ASSET, ["a"])
    await client.associate_many(*ids, on_progress=on_progress)
    count = len(told)
    blocking_client.associate_many(*ids, on_progress=on_progress)
    assert 0 < count < len(told)


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda c: c.associate_many("c", ["a"]), r"Client\.associate_many\(\): missing .*'ids'"),
        (lambda c: c.iter_associate_many(), r"Client\.iter_associate_many\(\): missing "),
        (lambda c: c.get_conversation(), r"Client\.get_conversation\(\): missing "),
        (lambda c: c.get_messages("c", name=3), r"Client\.get_messages\(\): got an unexpected "),
        (lambda c: c.conversations.delete_many(), r"sResource\.delete_many\(\): missing .*'ids'"),
        (lambda c: c.conversations.iter_get(), r"sResource\.iter_get\(\): missing .*'ids'"),
        (lambda c: c.conversations.delete(), r"sResource\.delete\(\): missing "),
    ],
)
def test_arguments_that_do_not_fit_are_told_of_the_method_that_was_called(
    blocking_client: Any, call: Callable[[Any], object], problem: str
) -> None:
    with pytest.raises(TypeError, match=rf"^Conversation{problem}") as caught:
        call(blocking_client)
    assert "Async" not in str(caught.value)


# Where the server is


def test_a_bad_url_in_the_environment_is_told_by_the_name_of_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for url in ("ftp://me:secret@here", "http://me:secret@here:99999", "here"):
        monkeypatch.setenv("CONVERSATION_CLIENT_BASE_URL", url)
        with pytest.raises(InvalidArgumentError, match="CONVERSATION_CLIENT_BASE_URL: ") as caught:
            ConversationClient()
        assert "base_url" not in str(caught.value)
        assert "secret" not in str(caught.value)
        with pytest.raises(InvalidArgumentError, match=r"^base_url: "):
            ConversationClient(url)
        ConversationClient(NOBODY).close()


@pytest.mark.parametrize("port", ["99999", "65536", "0", "1" * 9999])
def test_a_port_that_is_none_is_told_as_that(port: str) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^base_url: its port is not from 1 to 65535"):
        ConversationClient(f"http://me:secret@localhost:{port}")


# Tracebacks


def frames_of(error: BaseException) -> int:
    return "".join(traceback.format_exception(error)).count('\n  File "')


async def test_the_traceback_of_a_failed_call_is_short() -> None:
    async with AsyncConversationClient(NOBODY) as client:
        with pytest.raises(ConversationClientError) as caught:
            await client.get_conversation("c")
    assert frames_of(caught.value) <= 6
    assert caught.value.__cause__ is not None
    with ConversationClient(NOBODY) as blocking, pytest.raises(ConversationClientError) as caught:
        blocking.get_conversation("c")
    assert frames_of(caught.value) <= 6


def test_what_was_being_handled_keeps_its_traceback() -> None:
    def handle() -> None:
        try:
            dict[str, str]()["missing"]
        except KeyError as error:
            handled.append(error)
            lost.get_conversation("c")

    handled: list[KeyError] = []
    with ConversationClient(NOBODY, retry=None) as lost, pytest.raises(ConversationClientError):
        handle()
    assert frames_of(handled[0]) == 1


def test_the_traceback_of_what_an_input_raises_is_whole(
    blocking_client: ConversationClient,
) -> None:
    def broken() -> Any:
        yield "a"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        blocking_client.associate_many(STARTING_CONVERSATION, Material.ASSET, broken())
    assert "in broken" in "".join(traceback.format_exception(caught.value))


def test_seconds_that_no_float_can_hold_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="timeout"):
        ConversationClient(NOBODY, timeout=10**400)
    with ConversationClient(NOBODY) as client:
        with pytest.raises(InvalidArgumentError, match="timeout"):
            client.with_options(timeout=10**400)
        with pytest.raises(InvalidArgumentError, match="timeout"):
            client.wait_ready(timeout=10**400)
        with pytest.raises(InvalidArgumentError, match="give_up_after"):
            client.associate_many("c", Material.ASSET, [], give_up_after=10**400)

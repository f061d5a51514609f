"""How programs end: exits, forks, interrupts and threads, each in a process of its own."""

import os
import subprocess
import time

import pytest
from children import completed
from needs import needs_forks, needs_signals

from conversation_client.testing import STARTING_CONVERSATION, Emulator

PRELUDE = """
import asyncio, atexit, gc, multiprocessing, os, signal, sys, threading, time, warnings
from conversation_client import *
URL, ID = sys.argv[1:]
warnings.filterwarnings("ignore", "This process", DeprecationWarning)  # of a fork with threads

def name(client):
    return client.get_conversation(ID).name

def in_running_loop(client):
    async def call():
        name(client)
    asyncio.run(call())

def interrupt_after(seconds):
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()

def interrupted(call):
    interrupt_after(0.2)
    try:
        call()
    except KeyboardInterrupt:
        return True

def fork(child):
    pid = os.fork()
    if pid == 0:
        child()
        sys.exit(0)
    return pid

def join(pid):
    assert os.waitpid(pid, 0)[1] == 0

def slow(client):
    client.associate_asset(ID, "slow")
"""
EPILOGUE = """
print(time.time())
"""

SOON = 5.0
"""Seconds within which a program has ended that waits for nothing."""

SCENARIOS = {
    "client never used": "client = ConversationClient(URL)",
    "exit without close": "client = ConversationClient(URL); name(client)",
    "exit without close, loop on its thread": (
        "client = ConversationClient(URL); in_running_loop(client)"
    ),
    "closed twice": "client = ConversationClient(URL); name(client); client.close(); client.close()",
    "collected without close": (
        "client = ConversationClient(URL); name(client); del client; gc.collect()\n"
        "assert threading.active_count() == 1"
    ),
    "collected without close, loop on its thread": (
        "client = ConversationClient(URL); in_running_loop(client); del client; gc.collect()\n"
        "assert threading.active_count() == 1"
    ),
    "exit while a daemon thread waits for a reply": (
        "client = ConversationClient(URL)\n"
        "threading.Thread(target=slow, args=(client,), daemon=True).start()\n"
        "time.sleep(0.1)"
    ),
    "32 threads, exit without close": (
        "client = ConversationClient(URL); names = []\n"
        "threads = [threading.Thread(target=lambda: names.append(name(client)))"
        " for _ in range(32)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "assert len(names) == 32 and set(names) == {name(client)}"
    ),
    "used at exit by a handler registered later": (
        "client = ConversationClient(URL)\natexit.register(name, client)"
    ),
    "async client closed": (
        "async def main():\n"
        "    async with AsyncConversationClient(URL) as client:\n"
        "        await client.get_conversation(ID)\n"
        "asyncio.run(main())"
    ),
    "async client not closed": (
        "async def main():\n"
        "    await AsyncConversationClient(URL).get_conversation(ID)\n"
        "asyncio.run(main())"
    ),
    "async client alive after its loop": (
        "client = AsyncConversationClient(URL)\n"
        "asyncio.run(client.get_conversation(ID))\n"
        "try:\n    asyncio.run(client.get_conversation(ID))\n"
        "except ConversationClientError as error:\n    assert 'event loop' in str(error)"
    ),
    "async main interrupted": (
        "async def main():\n"
        "    async with AsyncConversationClient(URL) as client:\n"
        "        await client.associate_asset(ID, 'slow')\n"
        "assert interrupted(lambda: asyncio.run(main()))"
    ),
    "call interrupted, then used again": (
        "client = ConversationClient(URL)\nassert interrupted(lambda: slow(client))\nname(client)"
    ),
    "call interrupted on the loop's thread, then used again": (
        "client = ConversationClient(URL); in_running_loop(client)\n"
        "assert interrupted(lambda: slow(client))\n"
        "name(client)"
    ),
    "batch interrupted, then used again": (
        "client = ConversationClient(URL)\n"
        "assert interrupted(lambda: client.associate_many(ID, 'asset', ['slow'] * 100))\n"
        "name(client)"
    ),
    "child of a fork exits without using the client": (
        "client = ConversationClient(URL); name(client)\njoin(fork(lambda: None)); name(client)"
    ),
    "child of a fork uses the client": (
        "client = ConversationClient(URL); name(client)\n"
        "pid = fork(lambda: name(client)); name(client); join(pid); name(client)"
    ),
    "child of a fork uses the client, loop on its thread": (
        "client = ConversationClient(URL); in_running_loop(client)\n"
        "pid = fork(lambda: name(client)); name(client); join(pid); name(client)"
    ),
    "child of a fork keeps its own deadlines": (
        "client = ConversationClient(URL, timeout=0.3, retry=None); name(client)\n"
        "def late():\n"
        "    try:\n        name(client); slow(client)\n"
        "    except DeadlineExceededError:\n        return\n"
        "    raise AssertionError\n"
        "pid = fork(late); late(); join(pid)"
    ),
    "child of a fork closes the client": (
        "client = ConversationClient(URL); name(client)\njoin(fork(client.close)); name(client)"
    ),
    "child of a fork uses an async client of its parent": (
        "client = AsyncConversationClient(URL)\n"
        "runner = asyncio.Runner(); runner.run(client.get_conversation(ID))\n"
        "join(fork(lambda: asyncio.run(client.get_conversation(ID))))\n"
        "runner.run(client.get_conversation(ID)); runner.run(client.aclose()); runner.close()"
    ),
    "pool of forked workers": (
        "client = ConversationClient(URL); name(client)\n"
        "def work(_):\n    return name(client)\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    assert set(pool.map(work, range(50))) == {name(client)}"
    ),
}


def run(code: str, server: Emulator, *, is_new: bool = False) -> subprocess.CompletedProcess[str]:
    program = PRELUDE + code + EPILOGUE
    return completed(program, server.url, STARTING_CONVERSATION, seconds=60, is_new=is_new)


@pytest.fixture
def slow_server(server: Emulator) -> Emulator:
    """A server that answers reads at once and associations after five seconds."""
    server.delay_next(5.0, times=1000, operation="conversation_associate_asset")
    return server


NEEDS = {"interrupted(": needs_signals, "fork(": needs_forks, "'fork'": needs_forks}
"""By what a scenario calls."""


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(name, marks=[mark for call, mark in NEEDS.items() if call in code])
        for name, code in SCENARIOS.items()
    ],
)
def test_program_ends_at_once_and_in_silence(scenario: str, slow_server: Emulator) -> None:
    # What is imported late can no more be imported as Python ends.
    process = run(SCENARIOS[scenario], slow_server, is_new="exit" in scenario)
    ended = time.time()
    assert (process.returncode, process.stderr) == (0, "")
    assert ended - float(process.stdout) < SOON


def test_unhandled_exception_prints_its_own_traceback_alone(server: Emulator) -> None:
    process = run("client = ConversationClient(URL); name(client); raise SystemExit('bye')", server)
    assert (process.returncode, process.stderr) == (1, "bye\n")


@needs_forks
def test_parent_and_child_get_only_their_own_answers(server: Emulator) -> None:
    calls = int(os.environ.get("CONVERSATION_CLIENT_FORK_CALLS", "300"))
    mine, theirs = (server.seed({"name": name}) for name in ("parent", "child"))
    code = (
        "client = ConversationClient(URL); name(client)\n"
        "def calls(id_, expected):\n"
        f"    for _ in range({calls}):\n"
        "        assert client.get_conversation(id_).name == expected\n"
        f"pid = fork(lambda: calls('{theirs}', 'child'))\n"
        f"calls('{mine}', 'parent'); join(pid)"
    )
    process = run(code, server)
    assert (process.returncode, process.stderr) == (0, "")

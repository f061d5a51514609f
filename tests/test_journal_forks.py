"""Forks while a journal is open: the child leaves it to its parent, however the child ends."""

import os
from pathlib import Path

import pytest
from children import completed
from stub_server import stub

from conversation_client import read_journal, resume

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")

PRELUDE = """
import asyncio, gc, multiprocessing, os, signal, sqlite3, sys, threading, time, warnings
from conversation_client import *
warnings.filterwarnings("ignore", "This process", DeprecationWarning)  # of a fork with threads
url, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
parent = os.getpid()
ids = [f"a{number}" for number in range(count)]

def fork(child):
    pid = os.fork()
    if pid == 0:
        child()
    else:
        assert os.waitpid(pid, 0)[1] == 0

def close_all():
    for thing in gc.get_objects():
        if type(thing).__name__ in ("Journal", "Reader", "Claim"):
            getattr(thing, "close", lambda: None)()
            getattr(thing, "release", lambda: None)()
    sys.exit()

def collect_all():
    client.close()
    gc.collect()
    sys.exit()

def look():
    try:
        read_journal(path)
    except JournalLockedError:
        sys.exit()
    os._exit(1)

def use_another():
    with ConversationClient(url) as other:
        assert other.associate_many("c", "asset", ids[:9], journal=path + "2").succeeded == 9
    os.unlink(path + "2")
    sys.exit()

def raise_out():
    raise LookupError

def in_process():
    process = multiprocessing.get_context("fork").Process(target=gc.collect)
    process.start()
    process.join()

def in_thread():
    thread = threading.Thread(target=lambda: fork(lambda: os._exit(0)))
    thread.start()
    thread.join()
"""
WAYS = {
    "sys.exit": "fork(sys.exit)",
    "os._exit": "fork(lambda: os._exit(0))",
    "close": "fork(close_all)",
    "collect": "fork(collect_all)",
    "look": "fork(look)",
    "another journal": "fork(use_another)",
    "grandchild": "fork(lambda: (fork(sys.exit), sys.exit()))",
    "multiprocessing": "in_process()",
    "thread": "in_thread()",
    "exception": "fork(raise_out)",
}
USUAL = ("sys.exit", "close", "multiprocessing")
FROM_CALLBACK = """
has_forked = False

def on_progress(progress):
    global has_forked
    if progress.done and not has_forked:
        has_forked = True
        {way}
    if progress.done > count // 2:
        print(progress.done // 2, flush=True)
        {end}

client = ConversationClient(url, timeout=1.0)  # a child may take answers with it
try:
    report = client.associate_many("c", "asset", ids, journal=path, on_progress=on_progress)
except LookupError:
    assert os.getpid() != parent
    sys.exit()
assert report.succeeded == count
"""
FROM_INPUT = """
def read():
    yield from ids[: count // 2]
    {way}
    yield from ids[count // 2 :]

def on_progress(progress):
    if progress.done > count // 2:
        print(progress.done // 2, flush=True)
        {end}

client = ConversationClient(url, timeout=1.0)  # a child may take answers with it
try:
    report = client.associate_many("c", "asset", read(), journal=path, on_progress=on_progress)
except LookupError:
    assert os.getpid() != parent
    sys.exit()
assert report.succeeded == count
"""
KILL = "os.kill(os.getpid(), signal.SIGKILL)"
COUNT = 2_000


@pytest.mark.parametrize("program", [FROM_CALLBACK, FROM_INPUT], ids=["callback", "input"])
@pytest.mark.parametrize(
    "way",
    [
        pytest.param(way, id=name, marks=() if name in USUAL else pytest.mark.heavy)
        for name, way in WAYS.items()
    ],
)
def test_a_forked_child_leaves_the_journal_to_its_parent(
    tmp_path: Path, way: str, program: str
) -> None:
    path = tmp_path / "j"
    for end, code in (("pass", 0), (KILL, -9)):
        path.unlink(missing_ok=True)
        script = PRELUDE + program.format(way=way, end=end)
        with stub() as url:
            ended = completed(script, url, str(path), str(COUNT))
            assert (ended.returncode, ended.stderr) == (code, "")
            summary = read_journal(path)
            if code == 0:
                assert summary.done == COUNT
            else:
                assert int(ended.stdout) <= summary.done <= COUNT
                assert resume(path, url).skipped == summary.done
        assert [file.name for file in tmp_path.iterdir()] == ["j"]

"""Processes that die while they use a journal, or race for it: a program that forks them.

    python journal_forks.py URL DIRECTORY TASK ARGUMENT

It prints a line of JSON for each round. Its children begin where everything is imported, so that a
round takes some milliseconds.
"""

import ctypes
import gc
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from stub_server import ONLY_SOME

from conversation_client import (
    BatchProgress,
    BatchReport,
    ConversationClient,
    JournalError,
    JournalLockedError,
    Material,
    read_journal,
)
from conversation_client.testing import STARTING_CONVERSATION

COUNT = 300
IDS = [f"a{number}" for number in range(COUNT)]


def batch(
    url: str, path: Path, headers: Mapping[str, str] | None = None, **options: Any
) -> BatchReport:
    with ConversationClient(url, headers=headers) as client:
        return client.associate_many(
            STARTING_CONVERSATION, Material.ASSET, IDS, journal=path, **options
        )


def begin(url: str, folder: Path) -> None:
    """Import and make what children need, in memory that they then share."""
    folder.mkdir()
    batch(url, folder / "j")
    read_journal(folder / "j")
    shutil.rmtree(folder)
    gc.collect()
    if hasattr(gc, "freeze"):  # PyPy has no need of it
        gc.freeze()


def forked(child: Callable[[], object]) -> int:
    """Run something in a child, and return its process id."""
    pid = os.fork()
    if pid == 0:
        try:
            child()
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return pid


def end_of(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def heard(child: Callable[[], object]) -> Any:
    """Run something in a child, and return what it returned."""
    reading, writing = os.pipe()

    def tell() -> None:
        try:
            told = child()
        except JournalError as error:
            told = f"{type(error).__name__}: {error}"
        os.write(writing, json.dumps(told).encode())

    pid = forked(tell)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    end_of(pid)
    return json.loads(told or b'"nothing"')


def done_in(path: Path) -> int:
    return read_journal(path).done


def again(url: str, path: Path) -> dict[str, object]:
    """Repeat the call after a kill, and tell what came of it and of the files."""
    left = sorted(file.name for file in path.parent.iterdir())

    def repeat() -> dict[str, object]:
        report = batch(url, path)
        return {
            "ended": [report.succeeded + report.skipped, report.failed],
            "done": read_journal(path).done,
        }

    told = heard(repeat)
    files = sorted(file.name for file in path.parent.iterdir())
    return {"left": left, "told": told, "files": files}


# Kills


def kill_at_each_point(url: str, directory: Path, begun: bool, half: bool) -> Iterator[Any]:
    """Kill the call at its first write, sync or name, at the second, and so on to its end."""
    disk = ctypes.CDLL(None)
    template = killed_half_way(url, directory / "template") if begun else None
    for point in range(1, 10_000):
        folder = directory / str(point)
        shutil.copytree(template, folder) if template else folder.mkdir()

        def call(folder: Path = folder, point: int = point) -> None:
            disk.disk_arm(ctypes.c_long(point), ctypes.c_int(half))
            batch(url, folder / "j")

        ended = end_of(forked(call))
        yield {"point": point, "exit": ended, **again(url, folder / "j")}
        shutil.rmtree(folder)
        if ended != -signal.SIGKILL:
            return


def killed_half_way(url: str, directory: Path) -> Path:
    """Make the journal of a batch that was killed when some of it was done."""
    directory.mkdir()
    path = directory / "j"

    def end(progress: BatchProgress) -> None:
        if progress.done:  # which has been written down
            os.kill(os.getpid(), signal.SIGKILL)

    end_of(forked(lambda: batch(url, path, ONLY_SOME, concurrency=1, on_progress=end)))
    done = heard(partial(done_in, path))
    assert 0 < done < COUNT, done
    return directory


def kill_at_random(url: str, directory: Path, rounds: int) -> Iterator[Any]:
    """Kill the call at random moments, up to three times before it may end."""
    began = time.monotonic()
    end_of(forked(lambda: batch(url, directory / "whole")))
    length = time.monotonic() - began
    for number in range(rounds):
        folder = directory / str(number)
        folder.mkdir()
        for _ in range(random.randint(1, 3)):
            pid = forked(partial(batch, url, folder / "j"))
            time.sleep(random.uniform(0, length))
            os.kill(pid, signal.SIGKILL)
            end_of(pid)
        yield again(url, folder / "j")
        shutil.rmtree(folder)


# Races


def race(url: str, directory: Path, rounds: int, runners: int) -> Iterator[Any]:
    """Have several begin the same journal, or go on with it, at once."""
    template = killed_half_way(url, directory / "template")
    for number in range(rounds):
        folder = directory / str(number)
        what = ("new", "dangling", "killed", "resumed")[number % 4]
        path = folder / "j"
        if what in ("new", "dangling"):
            folder.mkdir()
        else:
            shutil.copytree(template, folder)
        if what == "dangling":
            path.symlink_to(folder / "elsewhere")
        told = run_race(url, path, runners, resumes=what == "resumed")
        done = heard(partial(done_in, path))
        yield {"what": what, "told": sorted(told), "done": done}
        shutil.rmtree(folder)


def run_race(url: str, path: Path, runners: int, *, resumes: bool) -> list[str]:
    start, go = os.pipe()
    end, finish = os.pipe()
    results, tell = os.pipe()

    def hold(_: object) -> None:
        """Keep the journal until all the others have been refused."""
        if not holding:
            holding.append(True)
            os.write(tell, b"holds\n")
            os.read(end, 1)

    def run() -> None:
        os.close(go)
        os.close(finish)
        os.read(start, 1)
        try:
            if resumes and os.getpid() % 2:
                with ConversationClient(url) as client:
                    client.resume(path, on_progress=hold)
            else:
                batch(url, path, on_progress=hold)
        except JournalLockedError:
            os.write(tell, b"locked\n")
        except BaseException as error:
            os.write(tell, f"{type(error).__name__}: {error}\n".encode())

    holding: list[bool] = []
    pids = [forked(run) for _ in range(runners)]
    os.close(tell)
    os.close(go)
    with os.fdopen(results) as pipe:
        told = [pipe.readline().strip() for _ in pids]
        os.close(finish)
        for pid in pids:
            end_of(pid)
        told += pipe.read().splitlines()
    for descriptor in (start, end):
        os.close(descriptor)
    return told


TASKS: dict[str, Callable[[str, Path, str], Iterator[Any]]] = {
    "points": lambda url, folder, how: kill_at_each_point(
        url, folder, begun="begun" in how, half="half" in how
    ),
    "moments": lambda url, folder, rounds: kill_at_random(url, folder, int(rounds)),
    "races": lambda url, folder, how: race(url, folder, *map(int, how.split("x"))),
}


def main() -> None:
    url, folder, task, argument = sys.argv[1:]
    begin(url, Path(folder) / "first")
    for told in TASKS[task](url, Path(folder), argument):
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()

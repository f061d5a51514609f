"""Where journals are: what happens when one is removed, and names and places that are not plain."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest
from children import without_coverage
from needs import needs_unordered_sets
from waiting import LONG, wait_until

from conversation_client import (
    AsyncConversationClient,
    BatchProgress,
    ConversationClient,
    InvalidArgumentError,
    JournalError,
    JournalMismatchError,
    Material,
    journal_failures,
    read_journal,
)
from conversation_client._journal_file import LONGEST, uri_of
from conversation_client.testing import STARTING_CONVERSATION, Emulator

ASSET = Material.ASSET
HERE = STARTING_CONVERSATION
COUNT = 800


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path for a journal, in a directory of its own."""
    directory = tmp_path / "journals"
    directory.mkdir()
    return directory / "j"


def names(count: int) -> list[str]:
    return [f"a{number}" for number in range(count)]


def files(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


KILLED = """
import os, signal, sys
from conversation_client import ConversationClient
url, path = sys.argv[1:]
with ConversationClient(url) as client:
    ids = [f"a{number}" for number in range(1000)]
    client.associate_many("%s", "asset", [*ids, ""], journal=path, concurrency=4)
""".replace("%s", HERE)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the journal of a batch that was killed: 1,000 assets, some done."""
    path = tmp_path_factory.mktemp("killed") / "j"
    with Emulator(delay=0.002) as server:
        command = [sys.executable, "-c", KILLED, server.url, str(path)]
        with subprocess.Popen(command) as process:
            log = Path(f"{path}-wal")
            wait_until(lambda: log.exists() and b"d" * 200 in log.read_bytes())
            process.kill()
    return path.parent


@pytest.fixture
def left(killed: Path, path: Path) -> Path:
    """A journal as `killed`."""
    shutil.copytree(killed, path.parent, dirs_exist_ok=True)
    return path


# Removed under the batch


def remove(path: Path) -> None:
    path.unlink()


def rename(path: Path) -> None:
    path.rename(path.with_name("other"))


def replace(path: Path) -> None:
    path.with_name("new").write_bytes(path.read_bytes())
    path.with_name("new").replace(path)


def rename_directory(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def remove_all(path: Path) -> None:
    shutil.rmtree(path.parent)


REMOVALS = [remove, rename, replace, rename_directory, remove_all]


@pytest.mark.parametrize("remove_it", REMOVALS)
def test_a_journal_that_is_removed_under_the_batch_is_told_and_what_was_done_is_counted(
    server: Emulator, blocking_client: ConversationClient, path: Path, remove_it: Any
) -> None:
    removed: list[int] = []

    def on_progress(progress: BatchProgress) -> None:
        if progress.done > 50 and not removed:
            remove_it(path)
            removed.append(progress.done)

    server.delay = 0.005
    with pytest.raises(JournalError, match="removed, renamed or replaced") as caught:
        blocking_client.associate_many(
            HERE,
            ASSET,
            names(COUNT),
            journal=path,
            concurrency=4,
            on_progress=on_progress,
        )
    assert type(caught.value) is JournalError
    assert str(caught.value).startswith(f"{path}: ")
    done = set(server.associations(HERE, ASSET))
    assert caught.value.__notes__ == [f"batch: {len(done)} succeeded, 0 failed"]
    assert removed[0] <= len(done) < COUNT
    moved = {
        rename: path.with_name("other"),
        rename_directory: path.parent.with_name("elsewhere") / "j",
    }.get(remove_it)
    if moved is not None:
        assert read_journal(moved).done == len(done)
        assert blocking_client.resume(moved).skipped == len(done)
        assert files(moved) == [moved.name]
    if remove_it is remove:
        report = blocking_client.associate_many(HERE, ASSET, names(COUNT), journal=path)
        assert (report.skipped, report.succeeded) == (0, COUNT)
        assert files(path) == ["j"]


def test_a_symbolic_link_to_a_journal_that_is_removed_under_the_batch_is_told(
    server: Emulator, blocking_client: ConversationClient, path: Path
) -> None:
    link = path.with_name("link")
    link.symlink_to(path)

    def on_progress(progress: BatchProgress) -> None:
        link.unlink(missing_ok=True)

    server.delay = 0.05
    with pytest.raises(JournalError, match="removed, renamed or replaced"):
        blocking_client.associate_many(
            HERE, ASSET, names(99), journal=link, concurrency=2, on_progress=on_progress
        )
    assert files(path) == ["j"]
    assert blocking_client.resume(path).failed == 0


def test_a_log_that_is_removed_under_the_batch_is_told_and_nothing_is_lost(
    server: Emulator, blocking_client: ConversationClient, path: Path
) -> None:
    def on_progress(progress: BatchProgress) -> None:
        Path(f"{path}-wal").unlink(missing_ok=True)

    server.delay = 0.005
    with pytest.raises(JournalError, match="its log, j-wal, was removed") as caught:
        blocking_client.associate_many(
            HERE, ASSET, names(COUNT), journal=path, concurrency=4, on_progress=on_progress
        )
    done = read_journal(path).done
    assert caught.value.__notes__ == [f"batch: {done} succeeded, 0 failed"]
    assert files(path) == ["j"]
    assert blocking_client.resume(path).skipped == done


async def test_a_journal_that_is_removed_while_its_input_is_read_is_told_before_anything_is_sent(
    server: Emulator, client: AsyncConversationClient, path: Path
) -> None:
    async def ids() -> AsyncIterator[str]:
        for id_ in names(600):
            yield id_
        remove(path)
        for id_ in names(600):
            yield id_

    with pytest.raises(JournalError, match="removed, renamed or replaced"):
        await client.associate_many(HERE, ASSET, ids(), journal=path)
    assert not server.counts
    assert files(path) == []


def test_a_journal_is_still_found_after_a_change_of_directory(
    server: Emulator,
    blocking_client: ConversationClient,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(path.parent)

    def on_progress(progress: BatchProgress) -> None:
        monkeypatch.chdir("/")

    server.delay = 0.05
    report = blocking_client.associate_many(
        HERE, ASSET, names(40), journal="j", concurrency=4, on_progress=on_progress
    )
    assert report.succeeded == 40
    assert read_journal(path).done == 40
    assert files(path) == ["j"]


def test_what_is_left_beside_a_removed_journal_is_not_taken_for_that_of_the_next(
    server: Emulator, blocking_client: ConversationClient, left: Path
) -> None:
    left.unlink()
    Path(f"{left}-claim-new").write_bytes(b"unfinished")
    report = blocking_client.associate_many(HERE, ASSET, ["x", "y"], journal=left)
    assert (report.succeeded, report.skipped) == (2, 0)
    assert read_journal(left).total == 2
    assert files(left) == ["j"]


# Links


def test_a_dangling_link_is_followed(
    server: Emulator, blocking_client: ConversationClient, path: Path
) -> None:
    link = path.with_name("link")
    link.symlink_to("further")
    path.with_name("further").symlink_to(path)
    for skipped in (0, 9):
        report = blocking_client.associate_many(HERE, ASSET, names(9), journal=link)
        assert (report.succeeded, report.skipped) == (9 - skipped, skipped)
    assert link.is_symlink()
    assert not path.is_symlink()
    assert files(path) == ["further", "j", "link"]
    link.unlink()
    link.symlink_to(path.parent / "missing" / "j")
    with pytest.raises(JournalError, match="its directory does not exist"):
        blocking_client.associate_many(HERE, ASSET, names(9), journal=link)
    link.unlink()
    link.symlink_to(link)
    with pytest.raises(JournalError, match="cannot be opened"):
        blocking_client.associate_many(HERE, ASSET, names(9), journal=link)


# Names


@pytest.mark.parametrize("length", [240, 246, 250, 255, 256, 5000])
def test_a_name_is_taken_or_said_to_be_too_long(
    server: Emulator, blocking_client: ConversationClient, path: Path, length: int
) -> None:
    long = path.with_name("j" * length)
    if length == 240:
        assert blocking_client.associate_many(HERE, ASSET, ["a"], journal=long).succeeded == 1
        long = long.rename(path.with_name("j" * 255))
        assert read_journal(long).done == 1  # for which nothing has to be made beside it
        with pytest.raises(JournalError, match="its name is too long"):
            blocking_client.resume(long)
        return
    for use in (
        lambda: blocking_client.associate_many(HERE, ASSET, ["a"], journal=long),
        lambda: blocking_client.resume(long),
        lambda: read_journal(long),
        lambda: journal_failures(long),
    ):
        with pytest.raises(JournalError) as caught:
            use()
        assert type(caught.value) is JournalError
        assert str(caught.value).startswith(f"{long}: ")
    with pytest.raises(JournalError, match="its name is too long"):
        blocking_client.associate_many(HERE, ASSET, ["a"], journal=long)
    assert files(path) == []
    assert not server.counts


@pytest.mark.parametrize("length", [480, 493, 496, 504, 505, 600, 900])
def test_a_path_is_taken_or_said_to_be_too_long(
    server: Emulator, blocking_client: ConversationClient, path: Path, length: int
) -> None:
    folder = path.parent
    while length - len(str(folder)) > 200:
        folder /= "d" * 98
    folder.mkdir(parents=True, exist_ok=True)
    long = folder / ("j" * (length - len(str(folder)) - 1))
    assert len(str(long)) == length
    if length < LONGEST - len("-claim-new"):
        report = blocking_client.associate_many(HERE, ASSET, ["a"], journal=long)
        assert report.succeeded == read_journal(long).done == 1
        assert files(long) == [long.name]
    else:
        with pytest.raises(JournalError, match="its name is too long"):
            blocking_client.associate_many(HERE, ASSET, ["a"], journal=long)
        assert files(long) == []


def test_undecodable_names_and_two_slashes_are_names_like_others(
    server: Emulator, blocking_client: ConversationClient, path: Path
) -> None:
    for name in (os.fsdecode(b"\xff\xfe"), "ä 😀", "%41?mode=ro#", "file:x", "a&b=c"):
        odd = path.with_name(name)
        try:
            odd.touch()
        except (OSError, UnicodeError):  # a file system that wants characters
            continue
        for given in (str(odd), f"/{odd}"):
            assert blocking_client.associate_many(HERE, ASSET, ["a"], journal=given).failed == 0
            assert read_journal(given).done == 1
        assert files(path) == [name]
        odd.unlink()
    with pytest.raises(InvalidArgumentError, match=r"^journal: a path is needed"):
        blocking_client.associate_many(HERE, ASSET, ["a"], journal="\ud800")


@pytest.mark.parametrize(
    "name",
    [
        "\\\\server\\share\\a b\\j",
        "\\\\?\\C:\\folder\\j",
        "\\\\?\\UNC\\server\\share\\j",
        "\\\\.\\C:\\j",
        "C:\\folder\\j#1?.db",
        "C:relative\\%41",
    ],
)
def test_sqlite_gets_names_of_windows_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(sqlite3.connect(uri_of(PureWindowsPath(name), "rwc"), uri=True)) as connection:
        connection.execute("CREATE TABLE made (here)")
    assert [file.name for file in tmp_path.iterdir()] == [name]  # to others than Windows it is one


# Places that cannot be written to

READ = """
import encodings.idna, json, os, sys
from conversation_client import *
from conversation_client.errors import JournalReadOnlyError
path, user = sys.argv[1:]
if user:
    os.setuid(int(user))
summary = read_journal(path)
print(json.dumps([summary.done, summary.failed, summary.queued, summary.complete]))
print(json.dumps([failure.item for failure in journal_failures(path)]))
for use in (
    lambda: resume(path, "http://127.0.0.1:9"),
    lambda: ConversationClient().associate_many("c", "asset", ["a"], journal=path),
):
    try:
        use()
    except JournalReadOnlyError:
        print("read-only")
"""
NAMESPACE = ("unshare", "--map-root-user", "--mount")


def has_namespaces() -> bool:
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


own_mounts = pytest.mark.skipif(not has_namespaces(), reason="needs mounts of its own")


def look(wrapper: list[str], path: Path, user: str = "") -> list[str]:
    ended = subprocess.run(
        [*wrapper, sys.executable, "-c", READ, str(path), user],
        env=without_coverage(),  # whose file is not the user's to write
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.splitlines()


def read_only_mount(directory: Path) -> list[str]:
    mounts = f"mount --bind '{directory}' '{directory}'; mount -o remount,bind,ro '{directory}'"
    return [*NAMESPACE, "sh", "-c", f'{mounts}; exec "$@"', "-"]


def as_it_was(path: Path) -> tuple[dict[str, bytes], list[Any]]:
    summary = read_journal(path)
    counts = [summary.done, summary.failed, summary.queued, summary.complete]
    return {file.name: file.read_bytes() for file in path.parent.iterdir()}, counts


@own_mounts
def test_the_journal_of_a_killed_batch_can_be_looked_at_where_nothing_can_be_written(
    left: Path,
) -> None:
    before, counts = as_it_was(left)
    assert 200 <= counts[0] < 1000
    temporary = set(Path("/tmp").glob("journal-*"))
    told = look(read_only_mount(left.parent), left)
    assert told == [str(counts).replace("True", "true"), "[]", "read-only", "read-only"]
    assert as_it_was(left) == (before, counts)
    assert set(Path("/tmp").glob("journal-*")) <= temporary


@own_mounts
def test_a_journal_killed_before_its_first_request_can_be_looked_at_there_too(left: Path) -> None:
    Path(f"{left}-wal").unlink()
    told = look(read_only_mount(left.parent), left)
    assert told == ["[0, 0, 0, false]", "[]", "read-only", "read-only"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_the_journal_of_somebody_elses_killed_batch_can_be_looked_at(killed: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        theirs = Path(directory) / "j"
        shutil.copytree(killed, directory, dirs_exist_ok=True)
        Path(directory).chmod(0o755)
        for file in theirs.parent.iterdir():
            file.chmod(0o644)
        before, counts = as_it_was(theirs)
        told = look([], theirs, "65534")
        assert told == [str(counts).replace("True", "true"), "[]", "read-only", "read-only"]
        assert as_it_was(theirs) == (before, counts)


# The order of a set

BEGIN = """
import sys
from conversation_client import *
url, path = sys.argv[1:]
try:
    with ConversationClient(url) as client:
        report = client.associate_many("%s", "asset", {ids}, journal=path, give_up_after=0.1)
except JournalMismatchError as error:
    print(error)
""".replace("%s", HERE)


def begin(url: str, path: Path, ids: str, seed: int) -> str:
    return subprocess.run(
        [sys.executable, "-c", BEGIN.replace("{ids}", ids), url, str(path)],
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        capture_output=True,
        text=True,
        check=True,
        timeout=LONG,
    ).stdout


@needs_unordered_sets
@pytest.mark.parametrize(
    "ids",
    [
        "{f'a{n}' for n in range(300)}",
        "frozenset(f'a{n}' for n in range(300))",
        "(id for id in {f'a{n}' for n in range(300)})",
        "dict.fromkeys({f'a{n}' for n in range(300)}).keys()",
    ],
    ids=["set", "frozenset", "generator of a set", "keys of a set"],
)
def test_ids_whose_order_has_changed_are_to_be_resumed(
    server: Emulator, blocking_client: ConversationClient, path: Path, ids: str
) -> None:
    assert begin("http://127.0.0.1:9", path, ids, 1) == ""
    told = begin(server.url, path, ids, 2)
    assert "use resume, which needs no ids" in told
    assert "another path" not in told
    assert blocking_client.resume(path).succeeded == 300


def test_ids_whose_order_has_changed_before_anything_was_sent_are_to_be_sorted(
    server: Emulator, blocking_client: ConversationClient, path: Path
) -> None:
    def failing(ids: list[str]) -> Iterator[str]:
        yield from ids
        raise LookupError

    ids = [str(uuid.uuid4()) for _ in range(256 * 16)]
    with pytest.raises(LookupError):
        blocking_client.associate_many(HERE, ASSET, failing(ids), journal=path)
    assert not read_journal(path).complete
    with pytest.raises(JournalMismatchError, match="begin anew with the ids sorted"):
        blocking_client.associate_many(HERE, ASSET, reversed(ids), journal=path)
    assert not server.counts

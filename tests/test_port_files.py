"""The port that a file of Pieces OS names, and what else may be in its place."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from children import run
from machines import (
    STRANGERS,
    asked,
    by_port,
    discovered,
    nobody,
    note_port,
    only_its_health_was_asked,
    pieces,
    port_of,
)
from namespaces import network_of_its_own
from raw_server import RawServer

from conversation_client._port_files import port_files

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="about the place on Linux")

pytestmark = pytest.mark.usefixtures("unnamed")


DISCOVER = """
import sys
from conversation_client import ConversationClient
sys.platform = {platform!r}
with ConversationClient.discover(ports={ports!r}) as client:
    print(repr(client).split("'")[1], end="")
"""


@LINUX_ONLY
@pytest.mark.parametrize(
    ("platform", "place"),
    [
        ("linux", ".local/share"),
        ("linux", "Documents"),
        ("darwin", "Library"),
        ("darwin", "Documents"),
    ],
)
@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_port_file_comes_before_the_ports(
    tmp_path: Path, platform: str, place: str, ending: bytes
) -> None:
    with pieces() as one, pieces() as other:
        low, high = by_port(one, other)
        note_port(tmp_path, str(port_of(high.url)).encode() + ending, place)
        ports = [port_of(low.url), port_of(high.url)]
        code = DISCOVER.format(platform=platform, ports=ports)
        assert run(code, HOME=str(tmp_path)) == high.url
        assert asked(low) == []


@LINUX_ONLY
def test_a_port_file_alone_is_enough_for_a_port_that_is_not_usual(tmp_path: Path) -> None:
    with network_of_its_own(), pieces("10.0.1") as server:
        note_port(tmp_path, str(port_of(server.url)).encode())
        home = {"HOME": str(tmp_path)}
        assert run(DISCOVER.format(platform="linux", ports=None), **home) == server.url
        code = "import asyncio, conversation_client as c; print(asyncio.run(c.find_servers()))"
        assert f"FoundServer(url='{server.url}', version='10.0.1'" in run(code, **home)


@LINUX_ONLY
async def test_of_a_stale_port_file_the_ports_are_asked_next(home: Path) -> None:
    with nobody() as free, pieces() as server:
        note_port(home, b"%d" % free)
        assert await discovered(free, port_of(server.url)) == server.url


@LINUX_ONLY
async def test_a_port_file_that_names_a_squatter_costs_it_no_more(home: Path) -> None:
    with RawServer(STRANGERS["404"]) as squatter, pieces() as server:
        note_port(home, b"%d" % port_of(squatter.url))
        assert await discovered(port_of(squatter.url), port_of(server.url)) == server.url
        assert only_its_health_was_asked(squatter)


@LINUX_ONLY
async def test_where_ports_are_given_a_port_file_leads_to_no_other(home: Path) -> None:
    with pieces() as own, pieces() as server:
        note_port(home, b"%d" % port_of(own.url))
        assert await discovered(port_of(server.url)) == server.url
        assert own.connections == 0


def _fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _unreadable(file: Path) -> None:
    file.chmod(0)


def _loop(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


def _huge(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(2**40)


RUBBISH: list[bytes | Callable[[Path], None]] = [
    *(b"", b"port", b"0", b"65536", b"-1", b"+5", b"1e3", b"39300 39301", b"1000\x00", b"\xff"),
    *(
        b"000000000000000000000000000000000000001000",
        "\u0661\u0660\u0660\u0660".encode(),
        b"http://localhost:1000",
    ),
    *(_directory, _loop, _huge),
    *((_fifo,) if hasattr(os, "mkfifo") else ()),
]


@LINUX_ONLY
@pytest.mark.parametrize("content", RUBBISH)
async def test_rubbish_in_a_port_file_is_passed_over(
    home: Path, content: bytes | Callable[[Path], None]
) -> None:
    if isinstance(content, bytes):
        note_port(home, content)
    else:
        content(note_port(home, b""))
    with pieces() as server:
        assert await discovered(port_of(server.url)) == server.url


@LINUX_ONLY
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
async def test_a_port_file_that_cannot_be_read_is_passed_over(home: Path) -> None:
    with pieces() as one, pieces() as other:
        low, high = by_port(one, other)
        _unreadable(note_port(home, b"%d" % port_of(high.url)))
        assert await discovered(port_of(low.url), port_of(high.url)) == low.url


@LINUX_ONLY
def test_a_process_without_a_home_finds_its_server_all_the_same() -> None:
    with pieces() as server:
        code = DISCOVER.format(platform="linux", ports=[port_of(server.url)])
        assert run(code, HOME="") == server.url


def test_the_files_of_windows_are_where_its_documents_say() -> None:
    local = r"C:\Users\me\AppData\Local"
    assert port_files("win32", r"C:\Users\me", {"LOCALAPPDATA": local}) == (
        rf"{local}\Mesh Intelligent Technologies, Inc\Pieces OS\com.pieces.os\production\Config"
        r"\.port.txt",
        r"C:\Users\me\Documents\com.pieces.os\production\Config\.port.txt",
    )
    assert len(port_files("win32", r"C:\Users\me", {})) == 1

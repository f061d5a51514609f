"""What is taken for the ids of a batch, and what is refused before anything is sent."""

import io
import os
from collections import ChainMap, Counter, UserDict, UserList, UserString, deque
from collections.abc import Callable, Iterator
from email.message import Message
from itertools import groupby
from types import MappingProxyType
from typing import Any

import pytest

from conversation_client import (
    AsyncConversationClient,
    ConversationClient,
    InvalidArgumentError,
    Material,
)
from conversation_client.testing import STARTING_CONVERSATION, Emulator

IDS = ["asset-1", "asset-2"]


class Frame:
    """As pandas, polars and their kin have it: iterating gives the names of columns, or columns."""

    columns = property(lambda self: ["id", "name"])
    agg = groups = None

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)


class Groups:
    """As pandas has it: a name and a frame for each group."""

    agg = groups = dtype = property(lambda self: None)

    def __iter__(self) -> Iterator[object]:
        return iter([("g", Frame())])


class PlainGroups:
    """The same, as polars has it."""

    agg = property(lambda self: None)
    __iter__ = Groups.__iter__


class Array:
    """As numpy has it."""

    dtype = "str"

    def __init__(self, *items: object, ndim: int = 1) -> None:
        self._items, self._ndim = items, ndim

    @property
    def ndim(self) -> int:
        return self._ndim

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of unsized object")
        return len(self._items)

    def __iter__(self) -> Iterator[object]:
        return iter(self._items)


class Column(Array):
    """As pandas has it: it can be aggregated, and its labels are attributes."""

    agg = keys = items = print
    values = property(lambda self: self)

    def __getattr__(self, name: str) -> str:
        return name


class Result:
    """As SQLAlchemy has it: columns are chosen by a method."""

    def columns(self) -> object:
        raise AssertionError

    def __iter__(self) -> Iterator[str]:
        return iter(IDS)


def letter(**fields: str) -> Message:
    message = Message()
    for name, value in fields.items():
        message[name] = value
    return message


REFUSED: dict[str, Callable[[], Any]] = {
    "dict": lambda: dict.fromkeys(IDS),
    "Counter": lambda: Counter(IDS),
    "ChainMap": lambda: ChainMap({"id": "a"}),
    "UserDict": lambda: UserDict(id="a"),
    "mappingproxy": lambda: MappingProxyType({"id": "a"}),
    "_Environ": lambda: os.environ,
    "Message": lambda: letter(id="a"),
    "Frame": Frame,
    "Groups": Groups,
    "PlainGroups": PlainGroups,
    "groupby": lambda: groupby(IDS),
    "Array": lambda: Array(["a"], ndim=2),
    "Array of no dimension": lambda: Array("a", ndim=0),
    "UserString": lambda: UserString("asset-1"),
    "str": lambda: "asset-1",
    "bytes": lambda: b"asset-1",
    "bytearray": lambda: bytearray(b"asset-1"),
    "memoryview": lambda: memoryview(b"asset-1"),
    "int": lambda: 7,
}
TAKEN: dict[str, Callable[[], Any]] = {
    "keys": lambda: dict.fromkeys(IDS).keys(),
    "values": lambda: dict(enumerate(IDS)).values(),
    "tuple": lambda: tuple(IDS),
    "set": lambda: set(IDS),
    "deque": lambda: deque(IDS),
    "UserList": lambda: UserList(IDS),
    "map": lambda: map(str.strip, io.StringIO("asset-1\nasset-2\n")),
    "array": lambda: Array(*IDS),
    "column": lambda: Column(*IDS),
    "result": Result,
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_gives_no_ids_is_refused_and_nothing_is_sent(
    client: AsyncConversationClient, server: Emulator, name: str
) -> None:
    kind = name.partition(" ")[0]
    for many in (client.associate_many, client.disassociate_many):
        with pytest.raises(InvalidArgumentError, match=rf"^ids: .*\b{kind}\b"):
            await many(STARTING_CONVERSATION, Material.ASSET, REFUSED[name]())
    with pytest.raises(InvalidArgumentError, match=r"^associations: "):
        await client.apply(REFUSED[name]())
    with pytest.raises(InvalidArgumentError, match=r"^ids: "):
        client.iter_associate_many(STARTING_CONVERSATION, Material.ASSET, REFUSED[name]())
    assert not server.requests


@pytest.mark.parametrize("name", REFUSED)
def test_what_gives_no_ids_is_refused_by_the_blocking_client(
    blocking_client: ConversationClient, server: Emulator, name: str
) -> None:
    for many in (blocking_client.associate_many, blocking_client.iter_associate_many):
        with pytest.raises(InvalidArgumentError, match=r"^ids: "):
            many(STARTING_CONVERSATION, Material.ASSET, REFUSED[name]())
    assert not server.requests


@pytest.mark.parametrize("name", TAKEN)
async def test_what_gives_ids_is_taken(
    client: AsyncConversationClient, server: Emulator, name: str
) -> None:
    report = await client.associate_many(STARTING_CONVERSATION, Material.ASSET, TAKEN[name]())
    assert (report.succeeded, report.failed) == (2, 0)
    assert set(server.associations(STARTING_CONVERSATION, Material.ASSET)) == set(IDS)


def test_a_mapping_is_refused_with_what_to_pass_instead(
    blocking_client: ConversationClient,
) -> None:
    with pytest.raises(InvalidArgumentError, match=r"`values\(\)`, or its `keys\(\)`"):
        blocking_client.associate_many(STARTING_CONVERSATION, Material.ASSET, {"a": 1})
    frame: Any = Frame()
    with pytest.raises(InvalidArgumentError, match="pass the column that holds the ids"):
        blocking_client.associate_many(STARTING_CONVERSATION, Material.ASSET, frame)


@pytest.mark.parametrize("problem", [TypeError("no len"), ValueError(), NotImplementedError()])
async def test_an_input_that_does_not_know_its_length_has_none(
    client: AsyncConversationClient, server: Emulator, problem: Exception
) -> None:
    class Bar:
        def __iter__(self) -> Iterator[str]:
            return iter(IDS)

        def __len__(self) -> int:
            raise problem

    totals = []
    report = await client.associate_many(
        STARTING_CONVERSATION,
        Material.ASSET,
        Bar(),
        on_progress=lambda progress: totals.append(progress.total),
    )
    assert report.succeeded == 2
    assert set(totals) == {None}


@pytest.mark.parametrize("length", [None, -1, "two", 2**80])
def test_a_length_that_makes_no_sense_is_none(
    blocking_client: ConversationClient, server: Emulator, length: Any
) -> None:
    class Bar:
        def __iter__(self) -> Iterator[str]:
            return iter(IDS)

        def __len__(self) -> Any:
            return length

    report = blocking_client.associate_many(STARTING_CONVERSATION, Material.ASSET, Bar())
    assert report.succeeded == 2


@pytest.mark.parametrize("library", ["pandas", "polars"])
async def test_a_frame_is_refused_and_its_column_taken(
    client: AsyncConversationClient, server: Emulator, library: str
) -> None:
    frames = pytest.importorskip(library)
    frame = frames.DataFrame({"id": IDS, "columns": ["x", "y"]})
    by = frame.groupby if library == "pandas" else frame.group_by
    for refused in (frame, by("columns")):
        with pytest.raises(InvalidArgumentError, match=r"^ids: a .* gives"):
            await client.associate_many(STARTING_CONVERSATION, Material.ASSET, refused)
    assert not server.requests
    report = await client.associate_many(STARTING_CONVERSATION, Material.ASSET, frame["id"])
    assert report.succeeded == 2
    assert set(server.associations(STARTING_CONVERSATION, Material.ASSET)) == set(IDS)


def test_a_bar_over_a_generator_is_taken(
    blocking_client: ConversationClient, server: Emulator
) -> None:
    tqdm = pytest.importorskip("tqdm")
    bar = tqdm.tqdm((id_ for id_ in IDS), file=io.StringIO())
    assert blocking_client.associate_many(STARTING_CONVERSATION, Material.ASSET, bar).succeeded == 2

"""Desired state: a conversation has what it is to have, whatever it had and whatever fails."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from cases import minimal
from fickle_server import CUT, DONE, cut, names, serving, shapes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from needs import needs_proc
from raw_server import RawServer, json_reply, reply
from waiting import LONG, until, wait_until

from conversation_client import (
    AsyncConversationClient,
    BatchError,
    BatchProgress,
    BodyTooLargeError,
    ConnectionLostError,
    ConversationClient,
    ConversationClientError,
    DecodeError,
    GoneError,
    InvalidArgumentError,
    Material,
    ReconcileReport,
    RetryPolicy,
    operations,
)
from conversation_client._http.wire import MAX_DOCUMENT
from conversation_client.testing import STARTING_CONVERSATION, Emulator
from conversation_client.testing.documents import Entry as Listed
from conversation_client.testing.documents import attach, listing

ASSET = Material.ASSET
C = STARTING_CONVERSATION
EXAMPLES = settings(
    deadline=None, database=None, max_examples=60, suppress_health_check=list(HealthCheck)
)
IDS = st.lists(st.sampled_from(names(9)), max_size=12)
MANY = int(os.environ.get("CONVERSATION_CLIENT_RECONCILE_IDS", "2000"))
"""Ids that a conversation has, and is to have, where the process that sees to it is killed."""


def conversation(material: Material, entries: Sequence[Listed]) -> dict[str, Any]:
    document: dict[str, Any] = minimal("Conversation") | {"id": "c"}
    attach(document, material.collection, entries)
    return document


def writes(server: Emulator) -> int:
    return sum(server.counts.values()) - server.counts[operations.GET_CONVERSATION.id]


def has_written(server: Emulator, count: float) -> bool:
    return writes(server) >= count


@pytest.mark.parametrize("material", Material)
@shapes
async def test_conversation_has_what_it_is_to_have(
    server: Emulator, client: AsyncConversationClient, material: Material, shape: Any
) -> None:
    before = server.seed()
    for id_ in ("gone", "first", "second", "third"):
        await client.call(operations.ASSOCIATIONS[material], before, id_)
    await client.call(operations.DISASSOCIATIONS[material], before, "gone")
    asked, written = server.counts, writes(server)
    wanted = ["new", "third", UUID(int=7), "third", "first", "new"]
    report = await client.reconcile(before, material, shape(wanted))
    assert report.to_add == ("new", str(UUID(int=7)))
    assert report.to_remove == ("second",)
    assert report.kept == 2
    assert report.associated is not None
    assert report.disassociated is not None
    assert (report.associated.succeeded, report.disassociated.succeeded) == (2, 1)
    report.raise_if_failed()
    assert set(server.associations(before, material)) == set(map(str, wanted))
    assert writes(server) - written == 3
    read = operations.GET_CONVERSATION.id
    assert server.counts[read] - asked[read] == 1
    assert server.requests[-4].target == f"/conversation/{before}?transferables=false"

    again = await client.reconcile(before, str(material), shape(wanted))  # type: ignore[arg-type]
    assert (again.to_add, again.to_remove, again.kept) == ((), (), 4)
    assert (again.associated, again.disassociated) == (again.associated, again.disassociated)
    assert writes(server) - written == 3


async def test_dry_run_says_what_would_be_done_and_does_nothing(
    server: Emulator, client: AsyncConversationClient
) -> None:
    await client.associate_many(C, ASSET, ["a", "b"])
    written = writes(server)
    report = await client.reconcile(C, ASSET, ["b", "c"], dry_run=True)
    assert report == ReconcileReport(("c",), ("a",), 1)
    report.raise_if_failed()
    assert writes(server) == written
    kept = await client.reconcile(C, ASSET, ["b", "c"], dry_run=True, remove=False)
    assert kept == ReconcileReport(("c",), (), 1)


def test_blocking_client_does_it_in_the_thread_of_the_call(
    server: Emulator, blocking_client: ConversationClient
) -> None:
    told: list[BatchProgress] = []
    blocking_client.associate_many(C, ASSET, ["x", "y"], concurrency=1)
    report = blocking_client.reconcile(C, ASSET, iter(names(50)), on_progress=told.append)
    assert (len(report.to_add), report.to_remove) == (50, ("x", "y"))
    assert set(server.associations(C, ASSET)) == set(names(50))
    assert (told[-1].done, told[-1].failed, told[-1].total) == (52, 0, 52)
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert [each.elapsed for each in told] == sorted(each.elapsed for each in told)
    assert {each.total for each in told} == {52}


# What is refused


BAD_CALLS: dict[str, Any] = {
    "an id that is none": {"ids": ["a", ""]},
    "an id of another kind": {"ids": ["a", 5]},
    "a text": {"ids": "abc"},
    "a material that is none": {"material": "assets"},
    "a conversation that is none": {"conversation": ".."},
    "something to remove": {"remove": "no"},
    "a dry run that is neither": {"dry_run": 1},
    "no concurrency": {"concurrency": 0},
    "no time": {"give_up_after": 0},
    "progress that is not told": {"on_progress": 5},
}


@pytest.mark.parametrize("bad", BAD_CALLS.values(), ids=BAD_CALLS)
async def test_what_cannot_be_sent_is_refused_before_anything_is(
    server: Emulator, client: AsyncConversationClient, bad: dict[str, Any]
) -> None:
    call: dict[str, Any] = {"conversation": C, "material": ASSET, "ids": ["a"]}
    with pytest.raises(InvalidArgumentError):
        await client.reconcile(**call | bad)
    assert not server.requests


async def test_id_that_cannot_be_sent_is_told_by_its_place(client: AsyncConversationClient) -> None:
    with pytest.raises(InvalidArgumentError, match=r"asset 1501: an id cannot be empty"):
        await client.reconcile(C, ASSET, [*names(1500), ""])


async def test_version_that_lacks_the_material_is_told_before_anything_is_sent(
    server: Emulator,
) -> None:
    async with AsyncConversationClient(server.url, api_version="2.2") as client:
        with pytest.raises(InvalidArgumentError, match=r"4\.3"):
            await client.reconcile(C, Material.ANNOTATION, ["a"])
    assert not server.requests


async def test_what_the_input_raises_is_raised_as_it_is(
    server: Emulator, client: AsyncConversationClient
) -> None:
    def ids() -> Iterator[str]:
        yield "a"
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        await client.reconcile(C, ASSET, ids())
    assert not server.requests


UNREADABLE: dict[str, tuple[bytes, type[ConversationClientError], str]] = {
    "gone": (reply(410, "no such"), GoneError, "no such"),
    "no JSON": (reply(200, b"oops"), DecodeError, "no JSON"),
    "no object": (json_reply(["c"]), DecodeError, r"\$: not an object"),
    "an error": (json_reply({"error": "x"}), DecodeError, r"\$\.id: required field missing"),
    "an id": (json_reply({"id": "c"}), DecodeError, r"\$\.created: required field missing"),
    "a text": (json_reply("c"), DecodeError, r"\$: not an object"),
    "nested": (reply(200, b"[" * 100_000), DecodeError, "nested"),
    "a page": (reply(200, "<p>", content_type="text/html"), ConversationClientError, "html"),
    "large": (
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n{" % (MAX_DOCUMENT + 1),
        BodyTooLargeError,
        f"more than {MAX_DOCUMENT}: the conversation has too much to be compared",
    ),
}


@pytest.mark.parametrize(("answer", "kind", "told"), UNREADABLE.values(), ids=UNREADABLE)
async def test_conversation_that_cannot_be_read_is_not_written_to(
    answer: bytes, kind: type[ConversationClientError], told: str
) -> None:
    with RawServer(answer) as server:
        async with AsyncConversationClient(server.url, retry=None) as client:
            with pytest.raises(kind, match=told) as caught:
                await client.reconcile("c", ASSET, ["a"])
        assert [request.method for request in server.requests] == ["GET"]
    assert caught.value.operation == operations.GET_CONVERSATION.id
    assert caught.value.ids == {"conversation": "c"}
    assert caught.value.attempts == 1
    if isinstance(caught.value, DecodeError):
        assert caught.value.content == answer.partition(b"\r\n\r\n")[2]


async def test_strict_client_refuses_a_document_of_which_a_part_does_not_fit() -> None:
    document = json_reply(minimal("Conversation") | {"id": "c", "assets": "none"})
    with RawServer(document) as server:
        async with AsyncConversationClient(server.url, strict=True) as client:
            with pytest.raises(DecodeError, match=r"\$\.assets"):
                await client.reconcile("c", ASSET, [])


# What a document tells


TELLS: dict[str, tuple[Any, set[str]]] = {
    "nothing of it": (None, set()),
    "no object": ("assets", set()),
    "no list": ({"iterable": "abc"}, set()),
    "indices alone": ({"indices": {"a": 0, "b": -1}}, {"a"}),
    "a list alone": ({"iterable": [{"id": "a"}, {"id": "b", "reference": {}}]}, {"a", "b"}),
    "a list, and who is gone": ({"iterable": [{"id": "a"}], "indices": {"a": -1}}, set()),
    "a list with other things": ({"iterable": [{"id": 5}, 7, None, {}, {"id": "a"}]}, {"a"}),
    "more in either": ({"iterable": [{"id": "a"}], "indices": {"b": 0}}, {"a", "b"}),
    "indices that are none": ({"iterable": [{"id": "a"}], "indices": ["a"]}, {"a"}),
    "whole indices": ({"iterable": [], "indices": {"a": 1.0, "b": -1.0, "c": True}}, {"a"}),
    "an index that is none": ({"iterable": [], "indices": {"a": "0", "b": 1}}, {"b"}),
}


@pytest.mark.parametrize(("part", "has"), TELLS.values(), ids=TELLS)
async def test_what_the_document_tells_is_there_and_nothing_else(part: Any, has: set[str]) -> None:
    document = minimal("Conversation") | {"id": "c", "assets": part}
    with RawServer(lambda request: json_reply(document) if request.method == "GET" else DONE) as at:
        async with AsyncConversationClient(at.url) as client:
            report = await client.reconcile("c", ASSET, ["new"])
    assert set(report.to_remove) == has
    assert report.to_add == ("new",)
    assert len(at.requests) == 2 + len(has)


async def test_ids_are_compared_as_the_server_spells_them() -> None:
    held = ["ABC", "caf\u00e9", "a/b ?"]
    document = conversation(ASSET, [Listed(id_) for id_ in held])
    with RawServer(json_reply(document)) as at:
        async with AsyncConversationClient(at.url) as client:
            report = await client.reconcile("c", ASSET, ["abc", *held[1:]], dry_run=True)
    assert report == ReconcileReport(("abc",), ("ABC",), 2)


async def test_what_the_server_lists_and_cannot_be_sent_fails_alone() -> None:
    document = conversation(ASSET, [Listed("a"), Listed(".."), Listed("b")])
    with RawServer(lambda request: json_reply(document) if request.method == "GET" else DONE) as at:
        async with AsyncConversationClient(at.url) as client:
            report = await client.reconcile("c", ASSET, [])
    assert report.disassociated is not None
    assert [each.item for each in report.disassociated.failures] == [".."]
    assert report.disassociated.succeeded == 2
    with pytest.raises(BatchError, match="1 of 3 items failed"):
        report.raise_if_failed()


def test_report_of_many_shows_how_many() -> None:
    report = ReconcileReport(tuple(names(9000)), (), 3)
    assert "to_add=<9000 ids>" in repr(report)
    assert str(report) == "9,000 to add, 0 to remove, 3 kept"
    assert "<td>9,000</td>" in report._repr_html_()


async def test_report_tells_what_became_of_the_ids(client: AsyncConversationClient) -> None:
    report = await client.reconcile(C, ASSET, ["a"])
    counts, associated, disassociated = str(report).splitlines()
    assert counts == "1 to add, 0 to remove, 0 kept"
    assert associated.startswith("associated: 1 succeeded in ")
    assert disassociated.startswith("disassociated: 0 succeeded in ")
    html = report._repr_html_()
    assert "<td>associated</td><td>1 succeeded in " in html
    assert "<td>disassociated</td><td>0 succeeded in " in html


# Whatever it had, whatever is wanted, whatever fails


def test_any_start_becomes_any_target() -> None:
    with Emulator() as server, ConversationClient(server.url) as client:

        @EXAMPLES
        @given(st.sampled_from(Material), IDS, IDS, IDS, st.booleans())
        def check(
            material: Material, start: list[str], gone: list[str], target: list[str], remove: bool
        ) -> None:
            known = server.seed()
            client.associate_many(known, material, [*start, *gone])
            client.disassociate_many(known, material, gone)
            had = set(start) - set(gone)
            assert set(server.associations(known, material)) == had
            written = writes(server)
            planned = client.reconcile(known, material, target, remove=remove, dry_run=True)
            assert writes(server) == written
            report = client.reconcile(known, material, target, remove=remove)
            report.raise_if_failed()
            expected = set(target) if remove else had | set(target)
            assert set(server.associations(known, material)) == expected
            assert (report.to_add, report.to_remove) == (planned.to_add, planned.to_remove)
            assert writes(server) - written == len(had ^ expected)
            client.reconcile(known, material, target, remove=remove)
            assert writes(server) - written == len(had ^ expected)

        check()


class Fickle:
    """A conversation whose server fails as a test says, one request after the other."""

    def __init__(self, start: list[str], faults: list[str]) -> None:
        self.has = dict.fromkeys(start)
        self.gone = dict[str, None]()
        self.written: list[str] = []
        """The targets of the requests that were carried out."""
        self.faults = iter(faults)

    async def answer(self, target: str) -> bytes:
        fault = next(self.faults, "none")
        if fault == "cut before":
            return CUT
        if fault.isdecimal():
            return reply(int(fault))
        if "?" in target:
            entries = [*map(Listed, self.has), *(Listed(id_, removed=True) for id_ in self.gone)]
            answer = json_reply(conversation(ASSET, entries))
        else:
            self._write(target)
            answer = DONE
        return CUT if fault == "cut after" else answer

    def _write(self, target: str) -> None:
        self.written.append(target)
        path, _, id_ = target.rpartition("/")
        if path.endswith("/associate"):
            self.has[id_] = None
            self.gone.pop(id_, None)
        else:
            self.has.pop(id_, None)
            self.gone[id_] = None


FAULTS = st.lists(
    st.sampled_from(["none", "none", "500", "503", "429", "cut before", "cut after"]), max_size=30
)
POLICY = RetryPolicy(wait_initial=0.001, wait_max=0.002)


@pytest.mark.usefixtures("fast_probes")
def test_whatever_fails_the_report_names_what_differs() -> None:
    @EXAMPLES
    @given(IDS, IDS, FAULTS, st.booleans(), st.sampled_from([None, POLICY]))
    def check(
        start: list[str], target: list[str], faults: list[str], remove: bool, retry: Any
    ) -> None:
        fickle = Fickle(start, faults)
        asyncio.run(asyncio.wait_for(tell(fickle, target, remove, retry), LONG))

    async def tell(fickle: Fickle, target: list[str], remove: bool, retry: Any) -> None:
        expected = set(target) if remove else set(fickle.has) | set(target)
        async with (
            serving(fickle.answer, str) as site,
            AsyncConversationClient(site.url, retry=retry) as client,
        ):
            try:
                report = await client.reconcile("c", ASSET, target, remove=remove, concurrency=3)
            except ConversationClientError:
                assert not fickle.written
                return
            assert report.associated is not None
            assert report.disassociated is not None
            both = report.associated + report.disassociated
            assert (both.ended_by, both.not_started) == (None, 0)
            named = {str(failure.item) for failure in both.failures}
            assert named >= set(fickle.has) ^ expected
            if both.failed == 0:
                fickle.written.clear()
                fickle.faults = iter(())
                again = await client.reconcile("c", ASSET, target, remove=remove)
                again.raise_if_failed()
                assert not fickle.written

    check()


@pytest.mark.usefixtures("fast_probes")
async def test_removals_are_not_begun_where_the_additions_had_to_end() -> None:
    document = json_reply(conversation(ASSET, [Listed("old")]))

    async def answer(target: str) -> bytes:
        return document if "?" in target else await cut(target)

    async with serving(answer, str) as site, AsyncConversationClient(site.url) as client:
        report = await client.reconcile("c", ASSET, names(5), concurrency=1, give_up_after=0.1)
        assert not [target for target in site.requests if target.endswith("/old")]
    assert report.associated is not None
    assert report.disassociated is not None
    assert isinstance(report.associated.ended_by, ConnectionLostError)
    assert report.disassociated.ended_by is report.associated.ended_by
    assert (report.disassociated.not_started, report.disassociated.succeeded) == (1, 0)
    with pytest.raises(BatchError, match="not started"):
        report.raise_if_failed()


async def test_cancelled_in_the_middle_it_sends_no_more(
    server: Emulator, client: AsyncConversationClient
) -> None:
    server.delay = 0.01
    task = asyncio.create_task(client.reconcile(C, ASSET, names(5000)))
    await until(lambda: writes(server) > 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await client.get_conversation(C)
    sent = writes(server)
    assert sent < 5000
    await client.get_conversation(C)
    assert writes(server) == sent


# The process is killed


PROGRAM = """
import re, sys
from pathlib import Path
from conversation_client import ConversationClient

url, conversation, first, last = sys.argv[1:]
with ConversationClient(url, timeout=None) as client:
    ids = (f"a{number}" for number in range(int(first), int(last)))
    report = client.reconcile(conversation, "asset", ids)
    report.raise_if_failed()
    # Of this process alone: what `getrusage` tells begins with what its parent had.
    kibibytes = re.search(r"VmHWM:\\s+([0-9]+)", Path("/proc/self/status").read_text())[1]
    print(len(report.to_add), len(report.to_remove), report.kept, kibibytes)
"""


@needs_proc
def test_killed_and_run_again_it_writes_nothing_twice_but_what_was_under_way(
    server: Emulator,
) -> None:
    half, kills, until_killed = MANY // 2, 2, LONG + MANY / 500
    known = server.seed({"id": "many", "assets": listing(map(Listed, names(MANY)))})
    command = [sys.executable, "-c", PROGRAM, server.url, known, str(half), str(half + MANY)]
    for share in (0.3, 0.7):  # amid the additions, and amid the removals
        with subprocess.Popen(command) as process:
            wait_until(partial(has_written, server, share * MANY), until_killed)
            process.kill()
        assert process.returncode  # it was killed
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    added, removed, kept, kibibytes = map(int, ended.stdout.split())
    assert added == 0
    assert 0 < removed < half
    assert kept == MANY
    assert kibibytes < 400 * 1024
    assert set(server.associations(known, ASSET)) == set(names(half + MANY)[half:])
    assert MANY <= writes(server) <= MANY + 32 * kills
    assert server.counts[operations.GET_CONVERSATION.id] == 1 + kills

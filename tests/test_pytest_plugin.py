"""The pytest plugin, in a run of its own as a user's project has it."""

import subprocess
import sys
from pathlib import Path

import pytest

PRELUDE = """
import asyncio
import pytest, pytest_asyncio
from hypothesis import HealthCheck, given, settings, strategies as st
from conversation_client import AsyncConversationClient, ClientClosedError, ConversationClient
from conversation_client.testing import STARTING_CONVERSATION, Emulator

several = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

@pytest.fixture(autouse=True)
def closed_last(request):
    yield
    client = request.node.funcargs.get("conversation_client")
    if isinstance(client, AsyncConversationClient):
        with pytest.raises(ClientClosedError):
            client.__aenter__().send(None)
"""
TESTS = """
def test_blocking(conversation_client, conversation_server):
    assert type(conversation_client) is ConversationClient
    assert type(conversation_server) is Emulator
    assert conversation_client.get_conversation(STARTING_CONVERSATION).id
    assert conversation_server.counts["conversation_get_specific_conversation"] == 1

{mark}
async def test_async(conversation_client, conversation_server):
    assert type(conversation_client) is AsyncConversationClient
    assert (await conversation_client.get_conversation(STARTING_CONVERSATION)).id
    assert conversation_server.counts["conversation_get_specific_conversation"] == 1

class TestMethods:
    {mark}
    async def test_async(self, conversation_client):
        await conversation_client.get_messages(STARTING_CONVERSATION)

{mark}
async def test_unused(conversation_client):
    pass

{mark}
async def test_failing(conversation_client):
    await conversation_client.get_messages(STARTING_CONVERSATION)
    assert False
"""
FIXTURES = """
class Service:
    def __init__(self, client):
        self.client = client

{fixture}
async def seeded({backend}conversation_client, conversation_server):
    conversation = conversation_server.seed(messages=["Hello"])
    await conversation_client.associate_asset(conversation, "a")
    yield conversation
    await conversation_client.disassociate_asset(conversation, "a")
    assert conversation_server.associations(conversation, "asset") == ()

{fixture}
async def returned({backend}conversation_client):
    return (await conversation_client.get_conversation(STARTING_CONVERSATION)).id

@pytest.fixture
def service(conversation_client):
    return Service(conversation_client)

{mark}
async def test_teardown(seeded):
    pass

{mark}
async def test_all_of_them(seeded, returned, service, conversation_client):
    assert service.client is conversation_client
    await conversation_client.get_conversation(seeded)

def test_of_a_test_that_is_not_async(seeded):
    assert seeded

def test_that_returns(returned, service):
    assert returned == STARTING_CONVERSATION
    assert type(service.client) is AsyncConversationClient

def test_of_a_fixture_that_is_not_async(service):
    assert type(service.client) is ConversationClient

def test_both_kinds(seeded, conversation_client):
    pass

{decorators}
async def test_hypothesis(asset, conversation_client, conversation_server):
    conversation = conversation_server.seed(messages=["Hello"])
    await conversation_client.associate_asset(conversation, asset)

{decorators}
async def test_hypothesis_with_a_fixture(asset, seeded, conversation_client):
    await conversation_client.get_conversation(seeded)

@several
@given(st.sampled_from("ab"))
def test_hypothesis_that_is_not_async(conversation_client, asset):
    conversation_client.associate_asset(STARTING_CONVERSATION, asset)

class TestMethods:
    {mark}
    async def test_async(self, seeded, conversation_client):
        await conversation_client.get_conversation(seeded)

{both}
def test_a_factory(conversation_server_factory):
    servers = [conversation_server_factory(strict=True), conversation_server_factory()]
    for server in servers:
        with ConversationClient(server.url) as client:
            assert client.get_conversation(STARTING_CONVERSATION).id
"""
SCOPES = """
@pytest_asyncio.fixture(loop_scope="module")
async def seeded(conversation_client, conversation_server):
    yield conversation_server.seed(messages=["Hello"])
    await conversation_client.get_conversation(STARTING_CONVERSATION)

@pytest.mark.asyncio(loop_scope="module")
async def test_first(conversation_client, seeded):
    await conversation_client.get_conversation(seeded)

@pytest.mark.asyncio(loop_scope="module")
async def test_second(conversation_client):
    await conversation_client.get_conversation(STARTING_CONVERSATION)

@pytest.mark.asyncio(loop_scope="session")
async def test_third(conversation_client):
    await conversation_client.get_conversation(STARTING_CONVERSATION)

@pytest.mark.asyncio
async def test_fourth(conversation_client):
    await conversation_client.get_conversation(STARTING_CONVERSATION)
"""
UNITTEST = """
import unittest
from conversation_client import AsyncConversationClient, ConversationClient, Material
from conversation_client.testing import Emulator

class TagTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.server = await self.enterAsyncContext(Emulator())
        self.client = await self.enterAsyncContext(AsyncConversationClient(self.server.url))

    async def test_the_asset_is_associated(self):
        conversation = self.server.seed(messages=["Hello"])
        await self.client.associate_asset(conversation, "asset-1")
        self.assertEqual(self.server.associations(conversation, Material.ASSET), ("asset-1",))

    async def test_nothing_is_shared(self):
        self.assertFalse(self.server.requests)

class BlockingTagTest(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(Emulator())
        self.client = self.enterContext(ConversationClient(self.server.url))

    def test_the_asset_is_associated(self):
        conversation = self.server.seed(messages=["Hello"])
        self.client.associate_asset(conversation, "asset-1")
        self.assertEqual(self.server.associations(conversation, Material.ASSET), ("asset-1",))
"""
BACKEND = """
@pytest.fixture
def anyio_backend():
    return "asyncio"
"""


def run(
    path: Path, tests: str, *options: str, mode: str = "strict"
) -> subprocess.CompletedProcess[str]:
    """Run some tests, with warnings as errors: nothing may be left open."""
    (path / "test_service.py").write_text(PRELUDE + tests)
    scope = "asyncio_default_fixture_loop_scope = function\n"
    of_asyncio = "" if "no:asyncio" in options else f"asyncio_mode = {mode}\n{scope}"
    (path / "pytest.ini").write_text(f"[pytest]\nfilterwarnings = error\n{of_asyncio}")
    left_out = ["cacheprovider"] if "-n" in options else ["cacheprovider", "xdist"]
    plugins = [word for name in left_out for word in ("-p", f"no:{name}")]
    command = [sys.executable, "-m", "pytest", "-q", *plugins, *options]
    return subprocess.run(command, cwd=path, capture_output=True, text=True, check=False)


def spelled(tests: str, **parts: str) -> str:
    decorators = "\n".join(["@several", '@given(asset=st.sampled_from("ab"))', parts["mark"]])
    for name, text in {"decorators": decorators, "backend": "", "both": "", **parts}.items():
        tests = tests.replace(f"{{{name}}}", text)
    return tests


@pytest.mark.parametrize(("mode", "mark"), [("auto", ""), ("strict", "@pytest.mark.asyncio")])
def test_fixtures_serve_blocking_and_async_tests(tmp_path: Path, mode: str, mark: str) -> None:
    ended = run(tmp_path, spelled(TESTS, mark=mark), mode=mode)
    assert "1 failed, 4 passed" in ended.stdout, ended.stdout
    assert "assert False" in ended.stdout


@pytest.mark.parametrize(
    ("mode", "mark", "fixture"),
    [
        ("auto", "", "@pytest.fixture"),
        ("strict", "@pytest.mark.asyncio", "@pytest_asyncio.fixture"),
    ],
)
def test_the_client_is_of_the_right_kind_and_closed_last(
    tmp_path: Path, mode: str, mark: str, fixture: str
) -> None:
    ended = run(tmp_path, spelled(FIXTURES, mark=mark, fixture=fixture), mode=mode)
    assert "10 passed, 1 error" in ended.stdout, ended.stdout
    assert "both seeded, an async fixture, and the test" in ended.stdout


def test_the_client_is_closed_on_the_loop_that_a_test_asks_for(tmp_path: Path) -> None:
    ended = run(tmp_path, SCOPES)
    assert "4 passed" in ended.stdout, ended.stdout


def test_the_plugin_of_anyio_is_served_as_well(tmp_path: Path) -> None:
    pytest.importorskip("anyio")
    tests = spelled(
        BACKEND + FIXTURES,
        mark="@pytest.mark.anyio",
        fixture="@pytest.fixture",
        backend="anyio_backend, ",
    )
    for options in ((), ("-p", "no:asyncio")):
        ended = run(tmp_path, tests, *options)
        assert "10 passed, 1 error" in ended.stdout, ended.stdout


def test_without_a_plugin_for_coroutines_the_others_are_served(tmp_path: Path) -> None:
    ended = run(tmp_path, spelled(TESTS, mark=""), "-p", "no:asyncio", "-k", "test_blocking")
    assert "1 passed" in ended.stdout, ended.stdout


def test_processes_of_xdist_have_servers_of_their_own(tmp_path: Path) -> None:
    each = """
@pytest.mark.parametrize("n", range(12))
def test_a_server_of_a_test(n, conversation_client, conversation_server, conversation_server_factory):
    conversation_client.associate_asset(STARTING_CONVERSATION, f"a{n}")
    assert conversation_server.associations(STARTING_CONVERSATION, "asset") == (f"a{n}",)
    assert conversation_server_factory().url != conversation_server.url
"""
    ended = run(tmp_path, each, "-n", "2")
    assert "12 passed" in ended.stdout, ended.stdout


def test_an_emulator_serves_tests_of_unittest(tmp_path: Path) -> None:
    (tmp_path / "test_tagger.py").write_text(UNITTEST)
    for runner in (["unittest"], ["pytest", "-p", "no:asyncio", "-p", "no:cacheprovider"]):
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-m", *runner, "test_tagger.py"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "Ran 3 tests" in ended.stderr or "3 passed" in ended.stdout

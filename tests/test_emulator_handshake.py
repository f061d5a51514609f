"""What the released clients ask of a server beside the table, over sockets with no client between."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from multidict import CIMultiDictProxy

from conversation_client import operations
from conversation_client.operations import OPERATIONS
from conversation_client.testing import STARTING_CONVERSATION, Emulator
from conversation_client.testing.__main__ import main
from conversation_client.testing.documents import readable

HEALTH = "/.well-known/health"
VERSION = "/.well-known/version"
APPLICATION = {"name": "OPEN_SOURCE", "platform": "LINUX", "version": "5.0.1"}
STARTING = f"/conversation/{STARTING_CONVERSATION}"


class Asker:
    """Sends requests and reads what comes, without any library of ours."""

    def __init__(self, server: Emulator, session: aiohttp.ClientSession) -> None:
        self.server = server
        self._session = session

    async def __call__(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, CIMultiDictProxy[str], Any]:
        """Return the status, the header fields and the body, which is decoded if it is JSON."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, str | None) else json.dumps(body)
        async with self._session.request(
            method, self.server.url + path, data=data, headers=fields
        ) as response:
            text = await response.text()
            if response.content_type == "application/json" and text:
                return response.status, response.headers, json.loads(text)
            return response.status, response.headers, text

    async def get(self, path: str) -> Any:
        status, _, body = await self("GET", path)
        assert status == 200, body
        return body

    async def post(self, path: str, body: object) -> Any:
        status, _, answer = await self("POST", path, body)
        assert status == 200, answer
        return answer


@pytest.fixture
async def ask(server: Emulator) -> AsyncIterator[Asker]:
    async with aiohttp.ClientSession() as session:
        yield Asker(server, session)


class TestHandshake:
    async def test_health_is_ok_and_the_servers_id_as_text(self, ask: Asker) -> None:
        status, headers, text = await ask("GET", HEALTH)
        word, _, name = text.partition(":")
        assert (status, headers["Content-Type"].split(";")[0], word) == (200, "text/plain", "ok")
        UUID(name)
        assert await ask.get(HEALTH) == text

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({}, "12.6.2"),
            ({"os_version": "11.9.9"}, "11.9.9"),
            ({"os_version": "debug", "api_version": "4.3"}, "debug"),
            ({"api_version": "5.0"}, "12.6.2"),
            ({"api_version": "4.1.0"}, "11.0.0"),
            ({"api_version": "2.3"}, "10.1.5"),
            ({"api_version": "2.2"}, "10.0.0"),
        ],
    )
    async def test_version_is_that_of_a_pieces_os_that_speaks_the_api(
        self, options: dict[str, Any], told: str
    ) -> None:
        async with Emulator(**options) as server, aiohttp.ClientSession() as session:
            assert await Asker(server, session).get(VERSION) == told

    @pytest.mark.parametrize("version", ["", "12.", "newest", "12.6.2\n", " 12"])
    def test_what_is_no_version_is_refused(self, version: str) -> None:
        with pytest.raises(ValueError, match="Pieces OS"):
            Emulator(os_version=version)

    def test_versions_are_told_on_the_command_line(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["--os-version", "x"]) == 2
        assert "Pieces OS" in capsys.readouterr().err
        assert main(["--api-version", "1.0"]) == 2
        assert "2.2 or later" in capsys.readouterr().err

    async def test_an_application_that_connects_is_known_from_then_on(self, ask: Asker) -> None:
        context = await ask.post("/connect", {"application": APPLICATION})
        application = context["application"]
        assert application.items() >= APPLICATION.items()
        assert {"id", "onboarded", "privacy"} <= application.keys()
        assert context["health"]["os"] == {"id": context["os"], "version": "12.6.2"}
        assert context["user"] == (await ask.get("/user"))["user"]
        again = await ask.post("/connect", {"application": APPLICATION | {"version": "5.0.2"}})
        assert again["application"]["id"] == application["id"]
        names = [each["name"] for each in (await ask.get("/applications"))["iterable"]]
        assert names == ["OS_SERVER", "OPEN_SOURCE"]

    @pytest.mark.parametrize("body", [None, {}, {"application": {"name": "x"}}, "[", "[]"])
    async def test_an_application_without_a_name_is_refused(self, ask: Asker, body: object) -> None:
        status, _, text = await ask("POST", "/connect", body)
        assert (status, bool(text)) == (500, True)

    async def test_an_application_that_cannot_be_told_of_is_not_kept(self, ask: Asker) -> None:
        status, _, _ = await ask("POST", "/connect", {"application": APPLICATION | {"x": "\ud800"}})
        assert status == 500
        assert len((await ask.get("/applications"))["iterable"]) == 1

    async def test_a_user_is_signed_in(self, ask: Asker) -> None:
        user = (await ask.get("/user"))["user"]
        assert user["id"]
        assert user["aesthetics"] == {"theme": {"dark": False}, "font": {"size": 14}}

    async def test_the_models_are_there_that_clients_choose(self, ask: Asker) -> None:
        models = (await ask.get("/models"))["iterable"]
        assert "GPT-3.5-turbo Chat Model" in {model["name"] for model in models}
        assert "gemini-2.0-flash-lite-001" in {model["unique"] for model in models}
        required = {"id", "created", "version", "name", "cloud", "type", "usage"}
        assert all(required <= model.keys() and model["cloud"] for model in models)

    async def test_the_rest_is_there_too(self, ask: Asker) -> None:
        assert await ask.get("/workstream_pattern_engine/processors/vision/status") == {}
        assert await ask.get("/.well-known/installation/path")

    async def test_what_a_version_lacks_is_not_found(self) -> None:
        async with Emulator(api_version="4.1") as server, aiohttp.ClientSession() as session:
            ask = Asker(server, session)
            assert (await ask("GET", "/.well-known/installation/path"))[0] == 404
            assert await ask.get(HEALTH)

    async def test_its_requests_are_counted_and_can_be_made_to_fail(self, ask: Asker) -> None:
        ask.server.fail_next(503, operation="get_well_known_health")
        assert (await ask("GET", VERSION))[0] == 200
        assert (await ask("GET", HEALTH))[0] == 503
        assert (await ask("HEAD", HEALTH))[0] == 200
        assert ask.server.counts["get_well_known_health"] == 2


class TestMethods:
    @pytest.mark.parametrize(
        "path",
        [row.path for row in OPERATIONS if row.method == "GET" and not row.parameters]
        + [STARTING, f"{STARTING}/messages", HEALTH, VERSION, "/user", "/models", "/applications"],
    )
    async def test_head_is_get_without_the_body(self, ask: Asker, path: str) -> None:
        _, headers, _ = await ask("GET", path)
        status, told, body = await ask("HEAD", path)
        assert (status, body) == (200, "")
        for name in ("Content-Type", "Content-Length"):
            assert told[name] == headers[name]

    async def test_head_of_what_is_missing_says_so(self, ask: Asker) -> None:
        assert (await ask("HEAD", "/conversation/nowhere"))[0] == 410
        assert (await ask("HEAD", "/nowhere"))[0] == 404
        assert (await ask("HEAD", f"{STARTING}/rename"))[0] == 404

    async def test_health_is_quick_for_those_who_wait_a_tenth_of_a_second(self, ask: Asker) -> None:
        took = []
        for _ in range(5):
            begun = asyncio.get_running_loop().time()
            assert (await ask("HEAD", HEALTH))[0] == 200
            took.append(asyncio.get_running_loop().time() - begun)
        assert min(took) < 0.1


class TestPages:
    """Scripts of pages, which a browser lets read only what says that they may."""

    at_home = pytest.mark.parametrize(
        "origin",
        [
            *("http://localhost:5173", "https://localhost", "http://127.0.0.1:8080"),
            *("http://[::1]:3000", "http://app.localhost", "http://LOCALHOST:1"),
        ],
    )
    elsewhere = pytest.mark.parametrize(
        "origin",
        [
            *("https://evil.example", "http://localhost.evil.example", "null", "file://localhost"),
            *("http://192.168.1.7", "http://[", "localhost", "chrome-extension://localhost", ""),
        ],
    )

    @at_home
    async def test_a_page_of_this_machine_may_read(self, ask: Asker, origin: str) -> None:
        for path, status in ((STARTING, 200), ("/nowhere", 404), ("/conversation/no", 410)):
            answered, headers, _ = await ask("GET", path, Origin=origin)
            assert answered == status
            assert headers["Access-Control-Allow-Origin"] == origin
            assert headers["Vary"] == "Origin"

    @elsewhere
    async def test_another_page_may_not(self, ask: Asker, origin: str) -> None:
        _, headers, _ = await ask("GET", STARTING, Origin=origin)
        assert "Access-Control-Allow-Origin" not in headers

    async def test_failures_on_request_can_be_read_too(self, ask: Asker) -> None:
        ask.server.fail_next(503)
        status, headers, _ = await ask("GET", STARTING, Origin="http://localhost")
        assert (status, headers["Access-Control-Allow-Origin"]) == (503, "http://localhost")

    @at_home
    async def test_a_page_of_this_machine_may_send(self, ask: Asker, origin: str) -> None:
        wanted = {
            "Access_Control_Request_Method": "POST",
            "Access_Control_Request_Headers": "content-type,application",
        }
        path = operations.CREATE_CONVERSATION.path
        status, headers, body = await ask("OPTIONS", path, Origin=origin, **wanted)
        assert (status, body) == (204, "")
        assert headers["Access-Control-Allow-Origin"] == origin
        assert "POST" in headers["Access-Control-Allow-Methods"]
        assert headers["Access-Control-Allow-Headers"] == "content-type,application"
        assert len((await ask.get("/conversations"))["iterable"]) == 1

    @elsewhere
    async def test_another_page_is_told_nothing(self, ask: Asker, origin: str) -> None:
        status, headers, _ = await ask(
            "OPTIONS", STARTING, Origin=origin, Access_Control_Request_Method="GET"
        )
        assert status == 204
        assert not [name for name in headers if name.startswith("Access-Control")]

    async def test_without_a_page_there_is_nothing_about_pages(self, ask: Asker) -> None:
        _, headers, _ = await ask("GET", STARTING)
        assert not [name for name in headers if name.startswith("Access-Control")]
        status, headers, _ = await ask("OPTIONS", STARTING)
        assert (status, headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")

    async def test_a_page_of_an_allowed_host_reads_its_own_server(self) -> None:
        async with Emulator(allowed_hosts=["pieces"]) as server, aiohttp.ClientSession() as session:
            ask = Asker(server, session)
            own = {"Host": "pieces:39300", "Origin": "http://pieces:39300"}
            _, headers, _ = await ask("GET", STARTING, **own)
            assert headers["Access-Control-Allow-Origin"] == "http://pieces:39300"
            _, headers, _ = await ask("GET", STARTING, **own | {"Origin": "http://other"})
            assert "Access-Control-Allow-Origin" not in headers


class TestQuestions:
    async def test_a_question_alone_is_answered_and_leaves_nothing(self, ask: Asker) -> None:
        question = {"query": "how?", "relevant": {"iterable": []}}
        answered = await ask.post("/qgpt/question", question)
        (answer,) = answered["answers"]["iterable"]
        assert (answered["query"], answered["relevant"]) == ("how?", {"iterable": []})
        assert "how?" in answer["text"]
        assert isinstance(answer["score"], float)
        assert len((await ask.get("/messages"))["iterable"]) == 4

    async def test_what_is_relevant_comes_with_an_answer_if_one_is_wanted(self, ask: Asker) -> None:
        asked: dict[str, object] = {"query": "how?"}
        assert await ask.post("/qgpt/relevance", asked) == {"relevant": {"iterable": []}}
        asked["options"] = {"question": True}
        found = await ask.post("/qgpt/relevance", asked)
        assert "how?" in found["answer"]["answers"]["iterable"][0]["text"]

    @pytest.mark.parametrize("body", [None, {}, {"query": 1}, "[]", "{"])
    @pytest.mark.parametrize("path", ["/qgpt/question", "/qgpt/relevance"])
    async def test_what_asks_nothing_is_refused(self, ask: Asker, path: str, body: object) -> None:
        assert (await ask("POST", path, body))[0] == 500


class TestConversations:
    async def test_a_message_without_a_conversation_gets_one(self, ask: Asker) -> None:
        seed = {"role": "USER", "fragment": {"string": {"raw": "hello"}}}
        message = await ask.post("/messages/create", seed)
        name = message["conversation"]["id"]
        assert name != STARTING_CONVERSATION
        messages = await ask.get(f"/conversation/{name}/messages")
        assert [each["id"] for each in messages["iterable"]] == [message["id"]]
        document = await ask.get(f"/conversation/{name}")
        assert (document["type"], document["messages"]["indices"]) == (
            "COPILOT",
            {message["id"]: 0},
        )

    async def test_a_refused_message_leaves_no_conversation(self, ask: Asker) -> None:
        assert (await ask("POST", "/messages/create", {"role": "USER"}))[0] == 500
        assert len((await ask.get("/conversations"))["iterable"]) == 1

    async def test_how_long_ago_a_change_was_is_told_in_words(self, ask: Asker) -> None:
        assert (await ask.get(STARTING))["updated"]["readable"] == "just now"
        ask.server.seed({"id": "c", "updated": {"value": "2024-05-14T09:12:33Z"}})
        assert (await ask.get("/conversation/c"))["updated"] == {"value": "2024-05-14T09:12:33Z"}
        assert (await ask("POST", "/conversation/c/websites/associate/w"))[0] == 204
        assert (await ask.get("/conversation/c"))["updated"]["readable"] == "just now"

    async def test_words_that_are_written_back_are_not_kept(self, ask: Asker) -> None:
        document = await ask.get(STARTING)
        document["updated"]["readable"] = "a year ago"
        updated = await ask.post("/conversation/update", document)
        assert updated["updated"]["readable"] == "just now"

    @pytest.mark.parametrize(
        ("seconds", "words"),
        [
            *((0, "just now"), (59, "just now"), (60, "1 minute ago"), (179, "2 minutes ago")),
            *((3_600, "1 hour ago"), (90_000, "1 day ago"), (900_000, "10 days ago")),
            (-60, "just now"),
        ],
    )
    def test_words_are_those_of_the_largest_unit(self, seconds: int, words: str) -> None:
        assert readable((datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()) == words

    async def test_an_annotation_can_be_read(self, ask: Asker) -> None:
        made = (await ask.post(f"{STARTING}/summarize", {}))["annotation"]
        assert await ask.get(f"/annotation/{made['id']}") == made["reference"]
        assert (await ask("GET", "/annotation/nowhere"))[0] == 410

    @pytest.mark.parametrize(
        ("material", "place"),
        [
            *(("annotation", "annotations"), ("asset", "assets"), ("anchor", "anchors")),
            *(("website", "websites"), ("range", "grounding/temporal_range/workstreams")),
        ],
    )
    async def test_a_material_that_was_only_named_is_there(
        self, ask: Asker, material: str, place: str
    ) -> None:
        assert (await ask("GET", f"/{material}/bare"))[0] == 410
        assert (await ask("POST", f"{STARTING}/{place}/associate/bare"))[0] == 204
        assert (await ask.get(f"/{material}/bare")).keys() >= {"id", "created", "updated"}

    async def test_an_old_copy_that_is_posted_back_drops_and_undoes_nothing(
        self, ask: Asker
    ) -> None:
        old = await ask.get(STARTING)
        place = {"conversation": {"id": STARTING_CONVERSATION}}
        added = await ask.post(
            "/messages/create", {"role": "USER", "fragment": {"string": {"raw": "new"}}} | place
        )
        edited = old["messages"]["iterable"][0]["id"]
        edit = {"id": edited, "fragment": {"string": {"raw": "edited"}}}
        await ask.post("/message/update/value", edit)
        await ask.post("/conversation/update", old | {"name": "renamed"})
        new = await ask.get(STARTING)
        assert new["name"] == "renamed"
        assert new["messages"]["indices"][added["id"]] == 4
        assert (await ask.get(f"/message/{edited}"))["fragment"]["string"]["raw"] == "edited"


@pytest.mark.parametrize("version", ["2.2", "2.6", "3.2", "4.1", "4.3", "5.0"])
async def test_each_version_has_its_rows_and_no_others(version: str) -> None:
    number = operations.parse_version(version)
    async with Emulator(api_version=version) as server, aiohttp.ClientSession() as session:
        ask = Asker(server, session)
        for row in OPERATIONS:
            ids = dict.fromkeys(row.parameters, "x")
            has = row.paths_in(number)
            for path in row.paths_in(None):
                status, _, _ = await ask(row.method, path.format(**ids), {"id": "x"})
                assert (status != 404) == (path in has), (row.id, path)

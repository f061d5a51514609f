"""What `compat` sends and returns, and its settings."""

import copy
import json
import threading
from collections.abc import Callable, Iterator
from types import NoneType
from typing import Any

import pytest
from cases import IDS, REQUESTS, minimal
from raw_server import EMPTY, RawRequest, RawServer, json_reply, reply

from conversation_client import compat
from conversation_client.compat.rest import ApiException
from conversation_client.models.conversation import Conversation
from conversation_client.operations import BY_ID
from conversation_client.testing import STARTING_CONVERSATION, Emulator

ApiOf = Callable[..., compat.ConversationApi]
"""Makes one for a URL and settings."""


# What is sent

RECORDED = [
    (release, variant, operation)
    for release, sets in REQUESTS["sets"].items()
    for variant, requests in sets.items()
    for operation in requests
    # Where releases differ in a path, the oldest is what a server is asked first.
    if variant != "odd_ids" and (release == "2.2.0" or BY_ID[operation].later_path is None)
]


@pytest.mark.parametrize(("release", "variant", "operation"), RECORDED)
def test_request_is_the_recorded_one_of_the_sdk(
    release: str, variant: str, operation: str, api_of: ApiOf
) -> None:
    row, recorded = BY_ID[operation], REQUESTS["sets"][release][variant][operation]
    given: dict[str, Any] = {name: IDS[name] for name in row.parameters}
    if "transferables=" in recorded["target"]:
        given["transferables"] = variant == "transferables_true"
    if "body" in recorded:
        given[row.body_argument or ""] = recorded["body"]
    (kind,) = (kind for kind in compat.api.__all__ if hasattr(getattr(compat, kind), operation))
    promises_nothing = row.returns is NoneType
    document = EMPTY if promises_nothing else json_reply(minimal(row.returns.__name__))
    with RawServer(document) as server:
        api = getattr(compat, kind)(api_of(server.url).api_client)
        result = getattr(api, operation)(**given)
        request = server.request
    assert type(result) is row.returns
    assert (request.method, request.target) == (recorded["method"], recorded["target"])
    assert request.header("Accept") == (recorded["accept"] or "application/json")
    if "body" in recorded:
        assert request.json() == recorded["body"]
    else:
        assert request.body == b""


# What is returned


def test_http_info_has_status_headers_and_document(api: compat.ConversationApi) -> None:
    found = api.conversation_get_specific_conversation_with_http_info(STARTING_CONVERSATION)
    assert isinstance(found, compat.ApiResponse)
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("application/json")
    assert found.data == api.conversation_get_specific_conversation(STARTING_CONVERSATION)
    assert json.loads(found.raw_data)["id"] == STARTING_CONVERSATION


def test_http_info_of_what_returns_nothing_has_the_headers_of_each_reply() -> None:
    counted = iter(range(100))

    def answer(_: RawRequest) -> bytes:
        number = next(counted)
        return reply("204 Done", x_told="plain") if number < 4 else reply(204, x_told=str(number))

    with RawServer(answer) as server, compat.ApiClient(compat.Configuration(server.url)) as client:
        api = compat.ConversationApi(client)
        seen = [api.conversation_associate_asset_with_http_info("c", "a") for _ in range(6)]
    told = [(found.status_code, found.data, found.headers["X-Told"]) for found in seen]
    assert told == [(204, None, text) for text in ("plain", "plain", "plain", "plain", "4", "5")]


def test_http_info_may_be_without_its_document(api_of: ApiOf) -> None:
    with RawServer(json_reply({"odd": 1})) as server:
        found: Any = api_of(server.url).conversation_get_specific_conversation_with_http_info(
            "c1", _preload_content=False
        )
    assert (found.status_code, found.data, found.raw_data) == (200, None, b'{"odd": 1}')


def test_http_info_may_be_the_document_alone(api: compat.ConversationApi) -> None:
    found: Any = api.conversation_get_specific_conversation_with_http_info(
        STARTING_CONVERSATION, _return_http_data_only=True
    )
    assert type(found) is Conversation


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_reply_without_preload_content_is_whatever_came(status: int, api_of: ApiOf) -> None:
    with RawServer(reply(f"{status} So", "[1]", x_told="a")) as server:
        found = api_of(server.url).conversation_get_specific_conversation_without_preload_content(
            "c1"
        )
    assert (found.status, found.reason, found.data, found.read()) == (status, "So", b"[1]", b"[1]")
    assert (found.json(), found.getheader("x-told"), found.getheader("none", "-")) == (
        [1],
        "a",
        "-",
    )
    assert found.getheaders() is found.headers


def test_without_preload_content_nothing_is_raised_but_for_want_of_a_reply(
    unused_url: str, api_of: ApiOf
) -> None:
    with pytest.raises(ApiException, match="nobody answers there"):
        api_of(unused_url).conversation_get_specific_conversation_without_preload_content("c1")


def test_calls_with_async_req_are_under_way_at_once(api: compat.ConversationApi) -> None:
    calls: list[Any] = [
        api.conversation_get_specific_conversation(id_, async_req=True)
        for id_ in (STARTING_CONVERSATION, "unknown")
    ]
    assert calls[0].get(30).id == STARTING_CONVERSATION
    with pytest.raises(ApiException, match=r"\(410\)"):
        calls[1].get(30)


def test_a_body_may_be_a_dictionary(api: compat.ConversationApi, server: Emulator) -> None:
    conversations = compat.ConversationsApi(api.api_client)
    seed = {"type": "COPILOT", "name": "from a dictionary"}
    made = conversations.conversations_create_specific_conversation(seeded_conversation=seed)
    assert api.conversation_get_specific_conversation(made.id).name == "from a dictionary"
    (listed,) = [c for c in conversations.conversations_snapshot().iterable if c.id == made.id]
    assert listed.name == made.name


def test_a_message_is_written_and_read_as_the_sdks_programs_do(api: compat.ConversationApi) -> None:
    seed = compat.SeededConversationMessage(
        role=compat.QGPTConversationMessageRoleEnum.USER,
        fragment=compat.FragmentFormat(string=compat.TransferableString(raw="hello")),
        conversation=compat.ReferencedConversation(id=STARTING_CONVERSATION),
    )
    messages = compat.ConversationMessagesApi(api.api_client)
    made = messages.messages_create_specific_message(seeded_conversation_message=seed)
    single = compat.ConversationMessageApi(api.api_client)
    found = single.message_specific_message_snapshot(message=made.id, transferables=True)
    assert found.fragment is not None
    assert found.fragment.string is not None
    assert found.fragment.string.raw == "hello"
    found.fragment.string.raw = "changed"
    single.message_update_value(transferables=False, conversation_message=found)
    indices = api.conversation_get_specific_conversation(STARTING_CONVERSATION).messages.indices
    assert indices is not None
    assert indices[made.id] >= 0
    messages.messages_delete_specific_message(made.id)
    conversation = api.conversation_get_specific_conversation(STARTING_CONVERSATION)
    assert conversation.messages.indices is not None
    assert conversation.messages.indices[made.id] == -1


# Settings


def headers_of(server: RawServer, *names: str) -> list[str | None]:
    return [server.requests[-1].header(name) for name in names]


def test_headers_are_those_of_the_client_and_of_the_call() -> None:
    with RawServer() as server:
        configuration = compat.Configuration(
            host=server.url, api_key={"application": "me"}, api_key_prefix={"application": "It is"}
        )
        with compat.ApiClient(configuration, "X-One", "1", cookie="a=b") as client:
            client.user_agent = "program/1"
            client.set_default_header("X-Two", "2")
            api = compat.ConversationApi(client)
            auth = {"type": "oauth2", "in": "header", "key": "Authorization", "value": "Bearer x"}
            api.conversation_associate_asset(
                "c",
                "a",
                _headers={"X-Two": "two"},
                _request_auth=auth,
                _content_type="application/json",
            )
            assert client.user_agent == "program/1"
        names = ("X-One", "X-Two", "Cookie", "User-Agent", "X-Application-ID", "Authorization")
        assert headers_of(server, *names) == [
            "1",
            "two",
            "a=b",
            "program/1",
            "It is me",
            "Bearer x",
        ]


def test_the_usual_user_agent_is_told() -> None:
    with RawServer() as server, compat.ApiClient(compat.Configuration(server.url)) as client:
        compat.ConversationApi(client).conversation_associate_asset("c", "a")
        assert headers_of(server, "User-Agent") == [client.user_agent]


def test_a_client_can_be_used_after_its_with_block(server: Emulator) -> None:
    with compat.ApiClient(compat.Configuration(host=server.url)) as client:
        api = compat.ConversationApi(client)
        before = api.conversation_get_specific_conversation(STARTING_CONVERSATION)
    assert api.conversation_get_specific_conversation(STARTING_CONVERSATION) == before
    client.close()
    client.close()


def test_the_host_may_be_set_before_the_first_call(server: Emulator) -> None:
    configuration = compat.Configuration()
    client = compat.ApiClient(configuration)
    configuration.host = server.url
    with client:
        api = compat.ConversationApi(client)
        assert api.conversation_get_specific_conversation(STARTING_CONVERSATION).name


@pytest.fixture
def no_defaults() -> Iterator[None]:
    yield
    compat.ApiClient.get_default().close()
    compat.ApiClient.set_default(None)
    compat.Configuration.set_default(None)


@pytest.mark.usefixtures("no_defaults")
def test_defaults_are_used_where_nothing_is_given(server: Emulator) -> None:
    compat.Configuration.set_default(compat.Configuration(host=server.url))
    api = compat.ConversationApi()
    assert api.api_client is compat.ApiClient.get_default()
    assert api.api_client.configuration is compat.Configuration.get_default_copy()
    assert api.conversation_get_specific_conversation(STARTING_CONVERSATION).name


def test_without_a_host_it_is_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONVERSATION_CLIENT_BASE_URL", raising=False)
    assert compat.Configuration().host == "http://localhost:1000"
    assert compat.Configuration(server_index=1).host == "http://localhost:5323"
    monkeypatch.setenv("CONVERSATION_CLIENT_BASE_URL", "http://localhost:39300")
    assert compat.Configuration().host == "http://localhost:39300"


@pytest.mark.parametrize(("retries", "requests"), [(0, 1), (False, 1), (1, 2), (None, 3)])
def test_retries_are_those_that_are_set(retries: Any, requests: int, api_of: ApiOf) -> None:
    with RawServer(reply(503)) as server:
        api = api_of(server.url, retries=retries)
        with pytest.raises(ApiException, match=r"\(503\)"):
            api.conversation_get_specific_conversation("c1")
        assert len(server.requests) == requests


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("proxy", "http://p"),
        ("tls_server_name", "other"),
        ("assert_hostname", "other"),
        ("ssl_ca_cert", "no-such-file"),
        ("ssl_ca_cert", __file__),
        ("ca_cert_data", "no certificate"),
        ("ca_cert_data", b"none, either"),
        ("ca_cert_data", 5),
        ("cert_file", "no-such-file"),
        ("cert_file", __file__),
        ("key_file", "no-such-file"),
        ("retries", -1),
    ],
)
def test_settings_that_cannot_be_kept_are_refused(name: str, value: Any) -> None:
    with RawServer() as server:
        configuration = compat.Configuration(host=server.url)
        setattr(configuration, name, value)
        api = compat.ConversationApi(compat.ApiClient(configuration))
        with pytest.raises(compat.ApiValueError, match=name):
            api.conversation_associate_asset("c", "a")
        assert not server.requests


def test_a_configuration_can_be_copied() -> None:
    configuration = compat.Configuration(host="http://localhost:1", api_key={"application": "a"})
    copied = copy.deepcopy(configuration)
    copied.api_key["application"] = "b"
    assert (configuration.headers(), copied.host) == ({"X-Application-ID": "a"}, configuration.host)


def test_many_threads_share_a_client(server: Emulator) -> None:
    found = []
    with compat.ApiClient(compat.Configuration(host=server.url)) as client:

        def work() -> None:
            api = compat.ConversationApi(client)
            found.append(api.conversation_get_specific_conversation(STARTING_CONVERSATION).id)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [STARTING_CONVERSATION] * 8

"""What programs for the official SDK do with `compat`: calls, what is raised, settings, models."""

import copy
import json
import pickle
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cases import minimal
from raw_server import RawRequest, RawServer, json_reply, reply

from conversation_client import compat, errors
from conversation_client.compat import exceptions
from conversation_client.compat.rest import ApiException
from conversation_client.models.conversation import Conversation
from conversation_client.operations import ASSOCIATE_ASSET, GET_CONVERSATION, Operation
from conversation_client.testing import STARTING_CONVERSATION, Emulator

CONVERSATION = minimal("Conversation") | {"id": "c1", "name": "known"}
KINDS = {
    400: exceptions.BadRequestException,
    401: exceptions.UnauthorizedException,
    403: exceptions.ForbiddenException,
    404: exceptions.NotFoundException,
    409: exceptions.ConflictException,
    422: exceptions.UnprocessableEntityException,
} | dict.fromkeys(range(500, 600), exceptions.ServiceException)


ApiOf = Callable[..., compat.ConversationApi]


@pytest.fixture
def api_of() -> Iterator[ApiOf]:
    """Make one for a server and settings, by default without retries."""
    with ExitStack() as stack:

        def make(url: str, **settings: Any) -> compat.ConversationApi:
            configuration = compat.Configuration(host=url, **{"retries": 0} | settings)
            client = stack.enter_context(compat.ApiClient(configuration))
            return compat.ConversationApi(client)

        yield make


@pytest.fixture
def api(server: Emulator, api_of: ApiOf) -> compat.ConversationApi:
    return api_of(server.url, retries=None)


def refuse(request: RawRequest) -> bytes:
    """Answer with the status that is the last part of the path."""
    status = request.target.rpartition("/")[2]
    return reply(f"{status} For A Reason", f"text of {status}", x_told=status, content_type="a/b")


@pytest.fixture(scope="module")
def refusing() -> Iterator[str]:
    with RawServer(refuse) as server:
        yield server.url


@pytest.fixture
def unused_url() -> Iterator[str]:
    """Where nobody listens: the port is taken, and refuses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


# What is raised


STATUSES = [status for status in range(300, 600) if status != 304]
"""All by which a server refuses but the one that has no body."""


@pytest.mark.parametrize("operation", [GET_CONVERSATION, ASSOCIATE_ASSET], ids=lambda row: row.id)
def test_every_refusal_is_raised_with_its_status_and_what_came_with_it(
    refusing: str, api_of: ApiOf, operation: Operation[Any]
) -> None:
    method = getattr(api_of(refusing), operation.id)
    ids = ["c1"] * (len(operation.parameters) - 1)
    for status in STATUSES:
        with pytest.raises(ApiException) as caught:
            method(*ids, str(status))
        error = caught.value
        assert type(error) is KINDS.get(status, ApiException)
        assert (error.status, error.reason) == (status, "For A Reason")
        assert error.body == f"text of {status}"
        assert error.headers is not None
        assert error.headers["x-told"] == error.headers["X-TOLD"] == str(status)
        assert isinstance(error.__cause__, errors.StatusError)
        assert error.__cause__.status == status


def test_a_refusal_shows_all_that_is_known_of_it(refusing: str, api_of: ApiOf) -> None:
    with pytest.raises(ApiException) as caught:
        api_of(refusing).conversation_get_specific_conversation("410")
    lines = str(caught.value).splitlines()
    assert lines[:2] == ["(410)", "Reason: For A Reason"]
    assert lines[2].startswith("HTTP response headers: ")
    assert "X-Told" in lines[2]
    assert lines[3:] == ["HTTP response body: text of 410"]


def test_a_refusal_pickles(refusing: str, api_of: ApiOf) -> None:
    with pytest.raises(ApiException) as caught:
        api_of(refusing).conversation_get_specific_conversation("503")
    read = pickle.loads(pickle.dumps(caught.value))
    assert type(read) is exceptions.ServiceException
    assert vars(read) == vars(caught.value)


def test_a_long_body_is_not_cut(api_of: ApiOf) -> None:
    with RawServer(reply(500, "x" * 20_000)) as server, pytest.raises(ApiException) as caught:
        api_of(server.url).conversation_get_specific_conversation("c1")
    assert caught.value.body == "x" * 20_000


def test_a_body_is_read_in_its_charset(api_of: ApiOf) -> None:
    refusal = reply(500, "caf\u00e9".encode("latin-1"), content_type="text/plain; charset=latin-1")
    with RawServer(refusal) as server, pytest.raises(ApiException) as caught:
        api_of(server.url).conversation_get_specific_conversation("c1")
    assert caught.value.body == "caf\u00e9"


def test_a_server_that_is_not_there_has_no_status(unused_url: str, api_of: ApiOf) -> None:
    with pytest.raises(ApiException, match="nobody answers there") as caught:
        api_of(unused_url).conversation_get_specific_conversation("c1")
    assert (caught.value.status, caught.value.body, caught.value.headers) == (0, None, None)
    assert isinstance(caught.value.__cause__, errors.ServerNotRunningError)


@pytest.mark.parametrize("timeout", [0.2, (0.1, 0.1)])
def test_a_reply_that_is_late_has_no_status(server: Emulator, timeout: Any, api_of: ApiOf) -> None:
    server.delay = 30
    with pytest.raises(ApiException, match=r"time is up after 0\.2 s") as caught:
        api_of(server.url).conversation_get_specific_conversation("c1", _request_timeout=timeout)
    assert caught.value.status == 0
    assert isinstance(caught.value.__cause__, errors.DeadlineExceededError)


def test_a_reply_that_is_no_document_keeps_what_came(api_of: ApiOf) -> None:
    page = reply(200, "<html>", content_type="text/html")
    with RawServer(page) as server, pytest.raises(ApiException, match="text/html") as caught:
        api_of(server.url).conversation_get_specific_conversation("c1")
    assert (caught.value.status, caught.value.body) == (0, "<html>")
    assert isinstance(caught.value.__cause__, errors.ContentTypeError)


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.conversation_get_specific_conversation(""),
        lambda api: api.conversation_get_specific_conversation(5),
        lambda api: api.conversation_get_specific_conversation("c1", transferables="yes"),
        lambda api: api.conversation_get_specific_conversation("c1", _request_timeout=0),
        lambda api: api.conversation_get_specific_conversation("c1", _request_timeout=(1, 2, 3)),
        lambda api: api.conversation_get_specific_conversation("c1", _request_timeout="1"),
        lambda api: api.conversation_get_specific_conversation("c1", _headers={"A B": "c"}),
        lambda api: api.conversation_get_specific_conversation("c1", _host_index=1),
        lambda api: api.conversation_get_specific_conversation("c1", _content_type="text/xml"),
        lambda api: api.conversation_get_specific_conversation("c1", _preload_content=False),
        lambda api: api.conversation_get_specific_conversation("c1", _request_auth={"in": "query"}),
        lambda api: api.conversation_get_specific_conversation("c1", _request_auth="me"),
        lambda api: api.conversation_get_specific_conversation("c1", _headers=["A: b"]),
        lambda _: compat.Configuration(server_index=2),
        lambda api: api.conversation_update(conversation={"id": "c1"}),
        lambda api: api.conversation_update(conversation=compat.SeededScore()),
        lambda api: compat.Conversation.from_json("{"),
        lambda api: compat.Conversation.from_dict({"id": object()}),
        lambda api: compat.SeededScore(reuse="yes").to_dict(),
    ],
)
def test_what_cannot_be_sent_is_refused_as_a_value(
    server: Emulator, api: compat.ConversationApi, call: Any
) -> None:
    with pytest.raises(compat.ApiValueError) as caught:
        call(api)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, ApiException)
    assert caught.value.status == 0
    assert not server.requests


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.conversation_get_specific_conversation(),
        lambda api: api.conversation_get_specific_conversation("c1", conversation="c1"),
        lambda api: api.conversation_get_specific_conversation("c1", no_such="option"),
    ],
)
def test_arguments_that_do_not_fit_name_the_method(api: compat.ConversationApi, call: Any) -> None:
    with pytest.raises(compat.ApiTypeError, match=r"^conversation_get_specific_conversation"):
        call(api)


def test_an_exception_is_made_as_the_sdks_is() -> None:
    error = ApiException(status=404, reason="Not Found")
    assert (error.status, error.reason, error.body, error.headers) == (404, "Not Found", None, None)
    assert str(error) == "(404)\nReason: Not Found\n"
    assert isinstance(error, compat.OpenApiException)


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
        found = api_of(server.url).conversation_get_specific_conversation_with_http_info(
            "c1", _preload_content=False
        )
    assert (found.status_code, found.data, found.raw_data) == (200, None, b'{"odd": 1}')


def test_http_info_may_be_the_document_alone(api: compat.ConversationApi) -> None:
    found = api.conversation_get_specific_conversation_with_http_info(
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
    calls = [
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
    assert found.fragment.string.raw == "hello"
    found.fragment.string.raw = "changed"
    single.message_update_value(transferables=False, conversation_message=found)
    indices = api.conversation_get_specific_conversation(STARTING_CONVERSATION).messages.indices
    assert indices[made.id] >= 0
    messages.messages_delete_specific_message(made.id)
    conversation = api.conversation_get_specific_conversation(STARTING_CONVERSATION)
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
    [("proxy", "http://p"), ("verify_ssl", False), ("ssl_ca_cert", "f"), ("retries", -1)],
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


# Models


def test_a_model_is_read_and_written_by_methods() -> None:
    text = json.dumps(CONVERSATION | {"novel": [1.5]})
    model = compat.Conversation.from_json(text)
    assert type(model) is Conversation
    assert model.to_dict() == json.loads(text) == json.loads(model.to_json())
    assert compat.Conversation.from_dict(model.to_dict()) == model
    assert compat.Conversation.from_dict(None) is None
    assert model.messages.to_dict() == CONVERSATION["messages"]
    assert "'name': 'known'" in model.to_str()


def test_a_dictionary_may_hold_times_and_models() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))
    created = compat.GroupedTimestamp(value=moment)
    model = compat.Conversation.from_dict(
        CONVERSATION | {"created": created, "updated": {"value": moment}}
    )
    assert model.created == model.updated == created
    assert model.to_dict()["created"] == {"value": "2026-01-02T03:04:05+01:00"}


def test_fields_have_the_sdks_names_too() -> None:
    schema = compat.EmbeddedModelSchema(migration=0, semantic="MAJOR_0_MINOR_0_PATCH_1")
    model = compat.SeededScore(schema=schema)
    assert model.var_schema is schema
    model.var_schema = None
    assert model.schema is None
    moment = compat.GroupedTimestamp(value=datetime.now(UTC))
    assert compat.AnonymousTemporalRange(from_=moment).var_from is moment
    assert compat.TransferableString(base64="eA==").var_base64 == "eA=="
    assert compat.WorkstreamEventTrigger(copy=True).copy_field is True
    assert not hasattr(compat.SeededScore(), "var_base64")

"""What `compat` raises, and with what."""

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from raw_server import CLOSE, RawRequest, RawServer, reply

from conversation_client import compat, errors
from conversation_client.compat import exceptions
from conversation_client.compat.rest import ApiException
from conversation_client.operations import (
    ASSOCIATE_ASSET,
    DISASSOCIATE_ASSET,
    GET_CONVERSATION,
    Operation,
)
from conversation_client.testing import STARTING_CONVERSATION, Emulator

ApiOf = Callable[..., compat.ConversationApi]
"""Makes one for a URL and settings."""
MODELS: Any = compat.models
"""Without types: their methods are added as they are imported."""
UNTYPED: Any = compat
"""For what type checkers refuse."""
KINDS = {
    400: exceptions.BadRequestException,
    401: exceptions.UnauthorizedException,
    403: exceptions.ForbiddenException,
    404: exceptions.NotFoundException,
    409: exceptions.ConflictException,
    422: exceptions.UnprocessableEntityException,
} | dict.fromkeys(range(500, 600), exceptions.ServiceException)


def refuse(request: RawRequest) -> bytes:
    """Answer with the status that is the last part of the path."""
    status = request.target.rpartition("/")[2]
    return reply(f"{status} For A Reason", f"text of {status}", x_told=status, content_type="a/b")


@pytest.fixture(scope="module")
def refusing() -> Iterator[str]:
    with RawServer(refuse) as server:
        yield server.url


NAN = float("nan")
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
        lambda api: api.conversation_get_specific_conversation("c1", _request_timeout=(-5, 10)),
        lambda api: api.conversation_get_specific_conversation("c1", _request_timeout=(0, 10)),
        lambda api: api.conversation_get_specific_conversation("c1", _request_timeout=(10, -5)),
        lambda api: api.conversation_get_specific_conversation("c1", _request_timeout=(None, -5)),
        lambda api: api.conversation_get_specific_conversation("c1", _request_timeout=("1", None)),
        lambda api: api.conversation_get_specific_conversation("c1", _request_timeout=(True, 5)),
        lambda api: api.conversation_get_specific_conversation("c1", _request_timeout=NAN),
        lambda api: api.conversation_get_specific_conversation("c1", _request_timeout=(1, NAN)),
        lambda api: api.conversation_get_specific_conversation("c1", _request_timeout=(1, 10**400)),
        lambda _: UNTYPED.Configuration(api_key="secret"),
        lambda _: UNTYPED.Configuration(api_key_prefix=["Bearer"]),
        lambda _: UNTYPED.Configuration(server_index="1"),
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
        lambda _: MODELS.Conversation.from_json("{"),
        lambda _: MODELS.Conversation.from_dict({"id": object()}),
        lambda _: MODELS.SeededScore(reuse="yes").to_dict(),
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


@pytest.mark.parametrize(
    ("holder", "name", "value"),
    [
        ("configuration", "api_key", "secret"),
        ("configuration", "api_key", {"application": 5}),
        ("configuration", "api_key_prefix", 5),
        ("configuration", "host", 5),
        ("configuration", "retries", "2"),
        ("configuration", "ssl_ca_cert", 5.5),
        ("client", "default_headers", None),
        ("client", "default_headers", ["A: b"]),
        ("client", "cookie", 5),
        ("client", "user_agent", 5),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_by_the_call_that_would(
    server: Emulator, holder: str, name: str, value: object
) -> None:
    with compat.ApiClient(compat.Configuration(server.url)) as client:
        setattr(client.configuration if holder == "configuration" else client, name, value)
        with pytest.raises(compat.ApiValueError):
            compat.ConversationApi(client).conversation_get_specific_conversation("c1")
    assert not server.requests


@pytest.mark.parametrize("count", [0, -1, "2", 1.5, True])
def test_threads_that_there_cannot_be_are_told_where_they_are_wanted(
    server: Emulator, count: Any
) -> None:
    configuration = compat.Configuration(server.url)
    with compat.ApiClient(configuration, pool_threads=count) as client:
        api = compat.ConversationApi(client)
        with pytest.raises(compat.ApiValueError, match="pool_threads"):
            api.conversation_get_specific_conversation(STARTING_CONVERSATION, async_req=True)
        found = api.conversation_get_specific_conversation(STARTING_CONVERSATION)
        assert found.id == STARTING_CONVERSATION


def test_settings_that_are_none_are_none(server: Emulator) -> None:
    configuration = UNTYPED.Configuration(server.url)
    configuration.api_key = configuration.api_key_prefix = None
    with UNTYPED.ApiClient(configuration, pool_threads=None) as client:
        api = UNTYPED.ConversationApi(client)
        call = api.conversation_get_specific_conversation(STARTING_CONVERSATION, async_req=True)
        assert call.get().id == STARTING_CONVERSATION
    assert "X-Application-ID" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: UNTYPED.ApiClient(5), "configuration: a Configuration is needed, not int"),
        (lambda: UNTYPED.ApiClient(""), "configuration: a Configuration is needed, not str"),
        (lambda: UNTYPED.ConversationApi(5), "api_client: an ApiClient is needed, not int"),
        (
            lambda: UNTYPED.ConversationsApi(compat.Configuration()),
            "api_client: an ApiClient is needed, not Configuration",
        ),
    ],
)
def test_what_a_client_is_made_of_has_to_be_that(make: Callable[[], Any], told: str) -> None:
    with pytest.raises(compat.ApiTypeError, match=told):
        make()


def test_an_exception_is_made_as_the_sdks_is() -> None:
    error = ApiException(status=404, reason="Not Found")
    assert (error.status, error.reason, error.body, error.headers) == (404, "Not Found", None, None)
    assert str(error) == "(404)\nReason: Not Found\n"
    assert isinstance(error, compat.OpenApiException)


@pytest.mark.parametrize(
    ("operation", "statuses"),
    [(GET_CONVERSATION, (503, 503)), (DISASSOCIATE_ASSET, (503, 404))],
    ids=["another attempt", "another path"],
)
def test_what_was_answered_before_is_not_taken_for_the_last_answer(
    api_of: ApiOf, operation: Operation[Any], statuses: tuple[int, ...]
) -> None:
    answers = iter([reply(status) for status in statuses])

    def answer(_: RawRequest) -> bytes:
        return next(answers, b"no HTTP" + CLOSE.encode())

    with RawServer(answer) as server, pytest.raises(ApiException) as caught:
        getattr(api_of(server.url, retries=2), operation.id)(*["c1"] * len(operation.parameters))
    assert len(server.requests) == 3
    assert (caught.value.status, caught.value.headers) == (0, None)

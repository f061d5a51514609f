"""How a row of the table becomes methods: their arguments, and what they return."""

from collections.abc import Callable, Mapping
from functools import partial
from inspect import Parameter, Signature
from typing import Any, TypeVar, cast

from conversation_client.compat._documents import from_dict
from conversation_client.compat.api_client import ApiClient
from conversation_client.compat.api_response import ApiResponse
from conversation_client.compat.exceptions import ApiTypeError, ApiValueError
from conversation_client.compat.rest import RESTResponse
from conversation_client.errors import ConversationClientError, ProtocolError
from conversation_client.models.base import Document
from conversation_client.operations import Operation

T = TypeVar("T")
R = TypeVar("R")

Given = Mapping[str, Any]
"""Arguments of a call by name, defaults among them."""

OPTIONS: Given = {
    "_request_timeout": None,
    "_request_auth": None,
    "_content_type": None,
    "_headers": None,
    "_host_index": 0,
    "_preload_content": True,
    "_return_http_data_only": False,
    "async_req": False,
}
"""What every method takes besides the arguments of its row."""
ALLOWED: Mapping[str, tuple[object, ...]] = {
    "_content_type": (None, "application/json"),
    "_host_index": (0,),
}
"""What those of them may be that change nothing."""


class Api:
    """Operations on a server.

    A method takes the arguments of its row, by the reference's names and in its order, and

    - `_request_timeout`: seconds that the call may take, or two numbers, which are added up; without
      it there is no bound.
    - `_headers`: sent beside those of the client.
    - `_request_auth`: another such header, as the official SDK describes it.
    - `async_req`: whether to return at once; `get()` of what is returned waits for the result.

    A method raises `ApiException`. One with `_with_http_info` returns an `ApiResponse`, without its
    document for `_preload_content=False`; one with `_without_preload_content` returns the reply as it
    came, whatever its status.

    Args:
        api_client: The way to the server; by default `ApiClient.get_default()`.

    Raises:
        ApiTypeError: It is none.
    """

    def __init__(self, api_client: ApiClient | None = None) -> None:
        if api_client is None:
            api_client = ApiClient.get_default()
        if not isinstance(api_client, ApiClient):  # pyright: ignore[reportUnnecessaryIsInstance]  # it is what is checked
            name, kind = type(self).__name__, type(api_client).__name__
            raise ApiTypeError(f"{name}(): api_client: an ApiClient is needed, not {kind}")
        self.api_client: ApiClient = api_client


def data_of(row: Operation[T]) -> Callable[..., T]:
    """Make the method that returns the document."""

    def send(client: ApiClient, given: Given) -> T:
        if not given["_preload_content"]:
            text = f"_preload_content: {row.id}_with_http_info can be without"
            raise ApiValueError(0, text)
        return _exchange(client, row, given)[0]

    return _method(row, "", send)


def response_of(row: Operation[T]) -> Callable[..., ApiResponse[T]]:
    """Make the method that returns the document with its reply's status and headers."""

    def send(client: ApiClient, given: Given) -> ApiResponse[T]:
        is_read = given["_preload_content"]
        data, reply = _exchange(client, row, given, () if is_read else (ProtocolError,))
        if given["_return_http_data_only"]:
            return cast("ApiResponse[T]", data)
        read = data if is_read else cast("T", None)
        return ApiResponse(reply.status, reply.headers, read, reply.data)

    return _method(row, "_with_http_info", send)


def reply_of(row: Operation[Any]) -> Callable[..., RESTResponse]:
    """Make the method that returns a reply as it came."""

    def send(client: ApiClient, given: Given) -> RESTResponse:
        return _exchange(client, row, given, (ConversationClientError,))[1]

    return _method(row, "_without_preload_content", send)


def _exchange(
    client: ApiClient,
    row: Operation[T],
    given: Given,
    accepts: tuple[type[ConversationClientError], ...] = (),
) -> tuple[T, RESTResponse]:
    for name, values in ALLOWED.items():
        if given[name] not in values:
            raise ApiValueError(0, f"{name}: {values[-1]} only")
    return client.exchange(
        row,
        [given[name] for name in row.parameters],
        transferables=given.get("transferables"),
        body=_document(row, given.get(row.body_argument or "")),
        timeout=given["_request_timeout"],
        headers=_credentials(given["_request_auth"]) | _headers(given["_headers"]),
        accepts=accepts,
    )


def _document(row: Operation[object], body: Any) -> Document | None:
    """Return a body, which may be a dictionary as well."""
    if row.body is None or not isinstance(body, dict):
        return cast("Document | None", body)
    return from_dict(row.body, cast("dict[str, Any]", body))


def _credentials(auth: Any) -> dict[str, str]:
    match auth:
        case None:
            return {}
        case {"in": "header", "key": str() as name, "value": str() as value}:
            return {name: value}
        case _:
            raise ApiValueError(0, "_request_auth: a header's `in`, `key` and `value`")


def _headers(given: Any) -> dict[str, str]:
    if given is None or isinstance(given, Mapping):
        return dict(cast("Mapping[str, str]", given or {}))
    raise ApiValueError(0, f"_headers: a mapping, not {type(given).__name__}")


def _method(
    row: Operation[object], suffix: str, send: Callable[[ApiClient, Given], R]
) -> Callable[..., R]:
    """Give what sends a call the arguments of the row, and the name of the method."""
    shape = _signature(row)

    def method(self: Api, /, *args: Any, **kwargs: Any) -> R:
        try:
            bound = shape.bind(self, *args, **kwargs)
        except TypeError as error:
            raise ApiTypeError(f"{method.__name__}(): {error}") from None
        bound.apply_defaults()
        work = partial(send, self.api_client, bound.arguments)
        if bound.arguments["async_req"]:
            return cast("R", self.api_client.pool.apply_async(work))
        return work()

    method.__name__ = f"{row.id}{suffix}"
    method.__qualname__ = f"Api.{method.__name__}"
    method.__doc__ = f"{row.method} {row.path}"
    method.__signature__ = shape  # type: ignore[attr-defined]
    return method


def _signature(row: Operation[object]) -> Signature:
    kind = Parameter.POSITIONAL_OR_KEYWORD
    defaults = dict.fromkeys(row.arguments, None) | dict.fromkeys(row.parameters, Parameter.empty)
    defaults |= OPTIONS
    parameters = [Parameter(name, kind, default=value) for name, value in defaults.items()]
    return Signature([Parameter("self", Parameter.POSITIONAL_ONLY), *parameters])

"""How calls are sent: by `ConversationClient`, one for each `ApiClient`."""

import threading
from collections.abc import Mapping, Sequence
from multiprocessing.pool import ThreadPool
from types import TracebackType
from typing import ClassVar, Final, Self, TypeVar, cast

from conversation_client._arguments import checked_headers
from conversation_client._facade import blocking
from conversation_client._http.call import USER_AGENT, Call
from conversation_client._http.wire import Id, Reply, check_count, check_seconds
from conversation_client.client import AsyncConversationClient
from conversation_client.compat.configuration import Configuration
from conversation_client.compat.exceptions import ApiException, ApiTypeError, ApiValueError
from conversation_client.compat.rest import RESTResponse
from conversation_client.errors import ConversationClientError, InvalidArgumentError
from conversation_client.models.base import Document
from conversation_client.operations import Operation
from conversation_client.sync import ConversationClient

T = TypeVar("T")

Timeout = float | Sequence[float | None] | None
"""Seconds for a call, or those for the connection and those for the reply; `None` for no bound."""


async def _send(client: AsyncConversationClient, call: Call[T]) -> T:
    return await client._transport.send(call)  # pyright: ignore[reportPrivateUsage]  # our own class


class _Client(ConversationClient):
    """A client whose calls are at hand: the reply to one that failed is on it."""

    send: Final = blocking(_send)

    def prepare(
        self,
        operation: Operation[T],
        ids: Sequence[Id],
        transferables: bool | None,
        body: Document | None,
    ) -> Call[T]:
        options = self._client._options  # pyright: ignore[reportPrivateUsage]  # our own class
        return Call(operation, tuple(ids), options, transferables=transferables, body=body)


class ApiClient:
    """The way to a server, for the classes of operations.

    It connects with the first call, by the settings of then, and again after `close`.

    Args:
        configuration: Where the server is; by default `Configuration.get_default()`.
        header_name: Of a header to send with every request.
        header_value: Its value.
        cookie: Sent with every request.
        pool_threads: How many calls with `async_req` there are at the same time; `None` for as many
            as there are processors.

    Raises:
        ApiTypeError: The configuration is none.

    Attributes:
        default_headers: Sent with every request.
    """

    _default: ClassVar["ApiClient | None"] = None

    def __init__(
        self,
        configuration: Configuration | None = None,
        header_name: str | None = None,
        header_value: str | None = None,
        cookie: str | None = None,
        pool_threads: int | None = 1,
    ) -> None:
        if configuration is None:
            configuration = Configuration.get_default()
        if not isinstance(configuration, Configuration):  # pyright: ignore[reportUnnecessaryIsInstance]  # it is what is checked
            kind = type(configuration).__name__
            raise ApiTypeError(f"ApiClient(): configuration: a Configuration is needed, not {kind}")
        self.configuration: Configuration = configuration
        self.default_headers: dict[str, str] = {}
        if header_name is not None:
            self.set_default_header(header_name, header_value or "")
        self.cookie = cookie
        self.pool_threads = pool_threads
        self._client: _Client | None = None
        self._pool: ThreadPool | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        self.close()

    def close(self) -> None:
        """Close connections, and wait for calls with `async_req`."""
        with self._lock:
            pool, client = self._pool, self._client
            self._pool = self._client = None
        if pool is not None:
            pool.close()
            pool.join()
        if client is not None:
            client.close()

    @classmethod
    def set_default(cls, default: "ApiClient | None") -> None:
        """Set what classes of operations use that are given none."""
        cls._default = default

    @classmethod
    def get_default(cls) -> "ApiClient":
        """Return what classes of operations use that are given none."""
        if cls._default is None:
            cls._default = cls()
        return cls._default

    @property
    def user_agent(self) -> str:
        """What is sent as `User-Agent`."""
        return self.default_headers.get("User-Agent", USER_AGENT)

    @user_agent.setter
    def user_agent(self, value: str) -> None:
        self.default_headers["User-Agent"] = value

    def set_default_header(self, header_name: str, header_value: str) -> None:
        """Have a header sent with every request."""
        self.default_headers[header_name] = header_value

    @property
    def pool(self) -> ThreadPool:
        """The threads of calls with `async_req`.

        Raises:
            ApiValueError: `pool_threads` is no number of threads.
        """
        with self._lock:
            if self._pool is None:
                if self.pool_threads is not None:
                    try:
                        check_count("pool_threads", self.pool_threads)
                    except InvalidArgumentError as error:
                        raise ApiValueError(0, str(error)) from error
                self._pool = ThreadPool(self.pool_threads)
            return self._pool

    def exchange(
        self,
        operation: Operation[T],
        ids: Sequence[Id],
        *,
        transferables: bool | None = None,
        body: Document | None = None,
        timeout: Timeout = None,
        headers: Mapping[str, str] | None = None,
        accepts: tuple[type[ConversationClientError], ...] = (),
    ) -> tuple[T, RESTResponse]:
        """Send a call, and return the document and the reply that it came in.

        Args:
            operation: The row.
            ids: Its path parameters, in order.
            transferables: Whether the reply includes the contents of fragments.
            body: The document to send.
            timeout: How long it may take.
            headers: Sent beside the others.
            accepts: Errors that do not matter if there is a reply; the document is `None` then.

        Raises:
            ApiException: It failed.
        """
        call: Call[T] | None = None
        try:
            client = self._view(timeout, headers or {})
            call = client.prepare(operation, ids, transferables, body)
            data = client.send(call)
        except ConversationClientError as error:
            reply = None if call is None else call.reply
            response = None if reply is None else RESTResponse.of(reply)
            if response is None or not isinstance(error, accepts):
                raise ApiException.of(error, response) from error
            return cast("T", None), response
        return data, RESTResponse.of(cast("Reply", call.reply))

    def _view(self, timeout: Timeout, headers: Mapping[str, str]) -> _Client:
        """Return the client, with the options of a call."""
        cookie = {"Cookie": self.cookie} if self.cookie else {}
        own = checked_headers(self.default_headers) | cookie | self.configuration.headers()
        return self._connected().with_options(
            timeout=_seconds(timeout), headers=own | dict(headers)
        )

    def _connected(self) -> _Client:
        with self._lock:
            if self._client is None:
                own = self.configuration
                self._client = _Client(own.host, timeout=None, retry=own.retry(), ssl=own.tls())
            return self._client


def _seconds(timeout: Timeout) -> float | None:
    """Return how long a whole call may take.

    Raises:
        InvalidArgumentError: It is neither a number above 0 nor two.
    """
    match timeout:
        case [connecting, reading]:
            parts = [connecting, reading]
        case int() | float() | None:
            parts = [timeout]
        case _:
            raise InvalidArgumentError(f"_request_timeout: seconds, or two, not {timeout!r}")
    bounds = [part for part in parts if part is not None]
    for seconds in bounds:
        check_seconds("_request_timeout", seconds)
    return sum(bounds) if len(bounds) == len(parts) else None

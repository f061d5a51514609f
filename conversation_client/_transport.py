"""Sending over aiohttp: session, deadline, retries, and aiohttp's errors made ours."""

import asyncio
import contextlib
import errno
import logging
import time
import warnings
from collections.abc import Mapping
from enum import Enum
from types import NoneType
from typing import Generic, TypeVar, cast

import aiohttp
import attrs
from aiohttp import hdrs
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict
from yarl import URL

from conversation_client._connection import Connector, StaleConnectionError, WatchedRequest, on_send
from conversation_client._fork import call_after_fork
from conversation_client._logging import logger
from conversation_client._version import __version__
from conversation_client._wire import Reply, Request, body_limit, judge
from conversation_client.errors import (
    BodyTooLargeError,
    ClientClosedError,
    ConnectionLostError,
    ConversationClientError,
    DeadlineExceededError,
    GoneError,
    NotFoundError,
    ProtocolError,
    ServerNotRunningError,
    ServerUnresponsiveError,
    TransportError,
)
from conversation_client.operations import DISASSOCIATIONS, Operation
from conversation_client.retry import RetryBudget, RetryPolicy, may_repeat

T = TypeVar("T")

USER_AGENT = f"conversation-client/{__version__}"
CONNECT_TIMEOUT = 10.0
OWN_DEADLINE = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT)
"""One deadline of our own bounds the whole call; aiohttp only tells when connecting takes long."""

NO_CONTENT_TYPE = (hdrs.CONTENT_TYPE,)
"""aiohttp would call an empty body `application/octet-stream`."""

Translation = tuple[type[Exception], type[ConversationClientError], str]

TRANSLATIONS: tuple[Translation, ...] = (
    (aiohttp.ClientConnectorDNSError, ServerNotRunningError, "no such host"),
    (aiohttp.InvalidURL, ServerNotRunningError, "no such host"),
    (aiohttp.ClientSSLError, TransportError, "the TLS handshake failed"),
    (
        aiohttp.ClientConnectorError,
        ServerNotRunningError,
        "nobody answers there: is Pieces OS running, and is this its port?"
        " (base_url= or CONVERSATION_CLIENT_BASE_URL says where it is)",
    ),
    (aiohttp.ConnectionTimeoutError, ServerUnresponsiveError, "the connection was not accepted"),
    (HttpProcessingError, ProtocolError, "the reply is not HTTP"),
    (aiohttp.ClientPayloadError, ConnectionLostError, "the connection was cut within the reply"),
    (aiohttp.ServerDisconnectedError, ConnectionLostError, "closed before a reply was complete"),
    (aiohttp.ClientResponseError, ProtocolError, "the reply is not HTTP"),
    (OSError, ConnectionLostError, "the connection was lost"),
    (aiohttp.ClientError, TransportError, "the request failed"),
)
"""aiohttp's errors and ours; the first match counts."""


@attrs.frozen
class Options:
    """What `with_options` changes."""

    timeout: float | None
    retry: RetryPolicy | None
    headers: Mapping[str, str]
    _by_kind: dict[tuple[bool, bool], CIMultiDict[str]] = attrs.field(
        init=False, factory=dict[tuple[bool, bool], CIMultiDict[str]]
    )

    def headers_for(self, operation: Operation[object]) -> CIMultiDict[str]:
        """Return the headers of an operation's requests; they are the same each time."""
        kind = (operation.returns is NoneType, operation.body is not None)
        if kind not in self._by_kind:
            headers = CIMultiDict({hdrs.USER_AGENT: USER_AGENT, hdrs.ACCEPT_ENCODING: "identity"})
            headers.update(self.headers)
            headers[hdrs.ACCEPT] = (
                "text/plain" if operation.returns is NoneType else "application/json"
            )
            if operation.body is not None:
                headers[hdrs.CONTENT_TYPE] = "application/json"
            self._by_kind[kind] = headers
        return self._by_kind[kind]


class Transport:
    """One server: the session to it, its connections and the budget for retries."""

    def __init__(
        self, url: str, session: aiohttp.ClientSession | None, max_connections: int
    ) -> None:
        self.url = url
        self.closed = False
        self.loop: asyncio.AbstractEventLoop | None = None
        self._session = session
        self._owns_session = session is None
        self._max_connections = max_connections
        # Ours rather than the connector's, to tell waiting for a connection from a slow server.
        self._connections = asyncio.Semaphore(max_connections)
        self._budget = RetryBudget()
        self.warns = True
        """Whether it is worth a warning that nobody has closed this."""
        call_after_fork(self)

    async def send(self, request: Request[T], options: Options) -> T:
        """Send a request, again where that is safe and may help, and return what came back.

        Raises:
            ConversationClientError: One that says which call it was and how often it was tried.
        """
        call = _Call(request, options)
        try:
            async with asyncio.timeout(options.timeout) as deadline:
                try:
                    return await self._try(call)
                except ConversationClientError as error:
                    if options.retry is None or not self._may_retry(call, error):
                        raise
                    return await self._retry(call, options.retry, error, deadline.when())
        except TimeoutError as error:
            raise call.named(call.late()) from error
        except ConversationClientError as error:
            call.named(error)
            raise

    async def _retry(
        self,
        call: "_Call[T]",
        policy: RetryPolicy,
        first: ConversationClientError | None,
        deadline: float | None,
    ) -> T:
        # Imported here because most programs never need it.
        import stamina  # noqa: PLC0415

        # It logs each retry, which Python prints where nobody has configured logging.
        logging.getLogger("stamina").addHandler(logging.NullHandler())

        def wait(error: Exception) -> bool | float:
            if not isinstance(error, ConversationClientError) or not self._may_retry(call, error):
                return False
            return self._wait(call, policy, error, deadline)

        async for attempt in stamina.retry_context(on=wait, attempts=policy.attempts, timeout=None):
            with attempt:
                if first is not None:
                    error, first = first, None
                    raise error
                return await self._try(call)
        raise AssertionError("stamina ends with a result or an error")  # pragma: no cover

    def _may_retry(self, call: "_Call[T]", error: ConversationClientError) -> bool:
        return may_repeat(call.request.operation, error, call.tried)

    def _wait(
        self,
        call: "_Call[T]",
        policy: RetryPolicy,
        error: ConversationClientError,
        deadline: float | None,
    ) -> bool | float:
        """Return the seconds to wait before the next attempt; false for none."""
        if call.tried >= policy.attempts:  # or the last failure would cost what a retry does
            return False
        wait = policy.wait(call.tried, getattr(error, "retry_after", None))
        if wait is None:
            return False
        in_time = deadline is None or asyncio.get_running_loop().time() + wait < deadline
        return wait if in_time and self._budget.spend(error) else False

    async def _try(self, call: "_Call[T]") -> T:
        call.begin()
        try:
            result = judge(call.request.operation, await self._exchange(call))
        except ConversationClientError as error:
            call.end(error)
            if not call.removed_before(error):
                raise
            return cast(T, None)
        call.end(None)
        self._budget.earn()
        return result

    async def _exchange(self, call: "_Call[T]") -> Reply:
        session = self._open_session()
        if not self._owns_session:
            # Let the loop see, in two rounds, what the server has closed; and count the request
            # now, because a session that is not ours does not say when it leaves.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            call.leave()
            return await self._translating(session, call)
        async with self._connections:
            call.phase = Phase.CONNECTING
            on_send.set(call.leave)
            while True:
                with contextlib.suppress(StaleConnectionError):
                    return await self._translating(session, call)

    async def _translating(self, session: aiohttp.ClientSession, call: "_Call[T]") -> Reply:
        try:
            return await _exchange(session, self.url, call.request, call.options)
        except (aiohttp.ClientError, HttpProcessingError, OSError, RuntimeError) as error:
            if self.closed or session.closed:
                raise _closed_meanwhile(call) from error
            if isinstance(error, RuntimeError):
                raise
            raise _translated(error, self.url) from _without_heads(error)

    def _open_session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self.closed or (self._session is not None and self._session.closed):
            raise ClientClosedError("this client is closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=Connector(),
                cookie_jar=aiohttp.DummyCookieJar(),
                request_class=WatchedRequest,
            )
            # A GET that fails on a reused connection would be sent again behind our back.
            self._session._retry_connection = False  # pyright: ignore[reportPrivateUsage]
        self.loop = self.loop or loop
        if loop is not self.loop:
            raise ConversationClientError(
                f"this client belongs to {self.loop!r}, not to {loop!r}: use one for each event"
                " loop, or ConversationClient, which works from any thread"
            )
        return self._session

    def __del__(self) -> None:
        """Close what nobody has closed, quietly but for a warning that says whose fault it is."""
        session = self._session
        if session is None or session.closed or not self._owns_session:
            return
        if self.warns:
            text = f"a client of {self.url} was never closed: use `async with`, or await aclose()"
            warnings.warn(text, ResourceWarning, stacklevel=2, source=self)
        if isinstance(session.connector, Connector):
            session.connector.close_at_once()

    def after_fork(self) -> object:
        """Leave session and connections to the parent process and start without any."""
        session = self._session
        if session is None or not self._owns_session:
            return None
        if isinstance(session.connector, Connector):
            session.connector.disown()
        self._session = self.loop = None
        self._connections = asyncio.Semaphore(self._max_connections)
        return session

    async def aclose(self) -> None:
        """Close the session if it is our own. Calls under way end in `ClientClosedError`."""
        self.closed = True
        if self._owns_session and self._session is not None:
            await self._session.close()


class Phase(Enum):
    """How far an attempt has come."""

    QUEUED = "waiting for a free connection"
    CONNECTING = "connecting"
    SENT = "waiting for the reply"


class _Call(Generic[T]):
    """One call: what is sent, how often, and how far the current attempt is."""

    def __init__(self, request: Request[T], options: Options) -> None:
        self.request = request
        self.options = options
        self.tried = 0
        self.sent = 0
        self.phase = Phase.QUEUED
        self._began = 0.0
        self._uncertain = False

    def begin(self) -> None:
        """Begin an attempt."""
        self.tried += 1
        self.phase = Phase.QUEUED
        self._began = time.perf_counter()

    def leave(self) -> None:
        """Note that the request is about to leave."""
        self.sent += 1
        self.phase = Phase.SENT

    def late(self) -> ConversationClientError:
        """Make the error of a call whose time is up."""
        text = f"time is up after {self.options.timeout} s, {self.phase.value}"
        if self.phase is Phase.CONNECTING:
            return ServerUnresponsiveError(text)
        error = DeadlineExceededError(text)
        if self.phase is Phase.QUEUED:
            error.effect = "none"
        return error

    def named(self, error: ConversationClientError) -> ConversationClientError:
        """Put the call into its error."""
        error.operation = self.request.operation.id
        error.ids = self.request.ids
        error.attempts = self.sent
        if self._uncertain:  # an earlier attempt may have reached the server
            error.effect = "unknown"
        return error

    def removed_before(self, error: ConversationClientError) -> bool:
        """Tell whether an item is unknown because an earlier attempt has removed it after all."""
        removes = self.request.operation in DISASSOCIATIONS.values()
        return removes and self._uncertain and isinstance(error, NotFoundError | GoneError)

    def end(self, error: ConversationClientError | None) -> None:
        """Note and log how an attempt ended; never anything that was sent or received."""
        if error is not None and error.effect == "unknown":
            self._uncertain = True
        if logger.isEnabledFor(logging.DEBUG):
            outcome = "done" if error is None else getattr(error, "status", type(error).__name__)
            elapsed = (time.perf_counter() - self._began) * 1e3
            logger.debug(
                "%s: %s in %.1f ms, attempt %d",
                self.request.operation.id,
                outcome,
                elapsed,
                self.tried,
            )


def _closed_meanwhile(call: "_Call[T]") -> ClientClosedError:
    error = ClientClosedError("closed while the call was under way")
    error.effect = "unknown" if call.sent else "none"
    return error


async def _exchange(
    session: aiohttp.ClientSession, url: str, request: Request[T], options: Options
) -> Reply:
    response = await session.request(
        request.operation.method,
        URL(url + request.target, encoded=True),
        headers=options.headers_for(request.operation),
        data=request.body,
        allow_redirects=False,
        raise_for_status=False,
        # Our own requests leave it out by themselves, in less time.
        skip_auto_headers=None if isinstance(session.connector, Connector) else NO_CONTENT_TYPE,
        timeout=OWN_DEADLINE,
    )
    async with response:
        headers = response.headers
        limit = body_limit(request.operation, response.status)
        _check_length(response, limit)
        return Reply(
            response.status,
            headers.get(hdrs.CONTENT_TYPE, ""),
            headers.get(hdrs.RETRY_AFTER),
            await _read(response, limit),
        )


def _check_length(response: aiohttp.ClientResponse, limit: int) -> None:
    """Refuse lengths that cannot be right, of which aiohttp's two parsers think differently."""
    lengths = response.headers.getall(hdrs.CONTENT_LENGTH, ())
    if len(lengths) > 1 or (response.status == 204 and lengths and lengths[0] != "0"):
        raise ProtocolError(f"{response.status} with a length that makes no sense")
    if lengths and response.status < 300 and int(lengths[0]) > limit:
        raise BodyTooLargeError(f"a reply of {lengths[0]:.20} bytes, more than {limit}")


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read a body up to the limit; of a longer one an error's text is cut and anything else refused."""
    chunks: list[bytes] = []
    size = 0
    while chunk := await response.content.readany():
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            response.close()
            if response.status < 300:
                raise BodyTooLargeError(f"a reply of more than {limit} bytes")
            break
    return b"".join(chunks)


def _without_heads(error: Exception) -> Exception:
    """Return what can be chained: some of aiohttp's errors hold headers, and print them."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return aiohttp.ServerDisconnectedError()
    if isinstance(error, aiohttp.ClientResponseError | HttpProcessingError):
        return HttpProcessingError(message="the reply cannot be parsed")
    return error


def _translated(error: Exception, url: str) -> ConversationClientError:
    """Turn an error of aiohttp into ours; its text may hold what the server sent and is left out."""
    if isinstance(error, aiohttp.ClientConnectorError) and error.os_error.errno == errno.ETIMEDOUT:
        return ServerUnresponsiveError(f"{url}: the connection was not accepted")
    if isinstance(error, aiohttp.ClientPayloadError) and "not completed" not in str(error):
        return ProtocolError(f"{url}: the body of the reply makes no sense")
    kind, text = next(
        (ours, text) for theirs, ours, text in TRANSLATIONS if isinstance(error, theirs)
    )
    translated = kind(f"{url}: {text}")
    if isinstance(error, aiohttp.ClientConnectorError):
        translated.effect = "none"
    return translated

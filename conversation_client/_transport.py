"""Sending over aiohttp: session, deadline, retries, and aiohttp's errors made ours."""

import asyncio
import errno
import logging
import os
from collections.abc import Mapping
from types import NoneType
from typing import Generic, TypeVar

import aiohttp
import attrs
from aiohttp import hdrs, http_exceptions
from multidict import CIMultiDict
from yarl import URL

from conversation_client._version import __version__
from conversation_client._wire import Reply, Request, body_limit, judge
from conversation_client.errors import (
    BodyTooLargeError,
    ClientClosedError,
    ConnectionLostError,
    ConversationClientError,
    DeadlineExceededError,
    ProtocolError,
    ServerNotRunningError,
    ServerUnresponsiveError,
    TransportError,
)
from conversation_client.operations import Operation
from conversation_client.retry import RetryBudget, RetryPolicy, may_repeat

T = TypeVar("T")

USER_AGENT = f"conversation-client/{__version__}"
CONNECT_TIMEOUT = 10.0
OWN_DEADLINE = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT)
"""One deadline of our own bounds the whole call; aiohttp only tells when connecting takes long."""

Translation = tuple[type[Exception], type[ConversationClientError], str]

TRANSLATIONS: tuple[Translation, ...] = (
    (aiohttp.ClientConnectorDNSError, ServerNotRunningError, "no such host"),
    (aiohttp.ClientSSLError, TransportError, "the TLS handshake failed"),
    (
        aiohttp.ClientConnectorError,
        ServerNotRunningError,
        "nobody answers there: is Pieces OS running, and is this its port?"
        " (base_url= or CONVERSATION_CLIENT_BASE_URL says where it is)",
    ),
    (aiohttp.ConnectionTimeoutError, ServerUnresponsiveError, "the connection was not accepted"),
    (http_exceptions.BadHttpMessage, ProtocolError, "the reply is not HTTP"),
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


_inherited: list[object] = []
"""Sessions of a parent process; its connections are its own."""


class Transport:
    """One server: the session to it and the budget for retries."""

    def __init__(
        self, url: str, session: aiohttp.ClientSession | None, max_connections: int
    ) -> None:
        self.url = url
        self.closed = False
        self._session = session
        self._owns_session = session is None
        self._max_connections = max_connections
        self.loop: asyncio.AbstractEventLoop | None = None
        self._pid = os.getpid()
        self._budget = RetryBudget()

    async def send(self, request: Request[T], options: Options) -> T:
        """Send a request, again where that is safe and may help, and return what came back.

        Raises:
            ConversationClientError: One that says which call it was and how often it was tried.
        """
        tries = _Tries(request, options)
        try:
            async with asyncio.timeout(options.timeout) as scope:
                try:
                    return await self._try(tries)
                except ConversationClientError as error:
                    if options.retry is None or not may_repeat(request.operation, error, 1):
                        raise
                    return await self._retry(tries, options.retry, error, scope.when())
        except TimeoutError as error:
            raise tries.name(
                DeadlineExceededError(f"no reply within {options.timeout} s")
            ) from error
        except ConversationClientError as error:
            tries.name(error)
            raise

    async def _retry(
        self,
        tries: "_Tries[T]",
        policy: RetryPolicy,
        first: ConversationClientError | None,
        deadline: float | None,
    ) -> T:
        # Imported here because most programs never need it.
        import stamina  # noqa: PLC0415

        # It logs each retry, which Python prints where nobody has configured logging.
        logging.getLogger("stamina").addHandler(logging.NullHandler())

        def wait(error: Exception) -> bool | float:
            if not isinstance(error, ConversationClientError):
                return False
            return self._wait(tries, policy, error, deadline)

        async for attempt in stamina.retry_context(on=wait, attempts=policy.attempts, timeout=None):
            with attempt:
                if first is not None:
                    error, first = first, None
                    raise error
                return await self._try(tries)
        raise AssertionError("stamina ends with a result or an error")  # pragma: no cover

    def _wait(
        self,
        tries: "_Tries[T]",
        policy: RetryPolicy,
        error: ConversationClientError,
        deadline: float | None,
    ) -> bool | float:
        """Return the seconds to wait before the next attempt; false for none."""
        if not may_repeat(tries.request.operation, error, tries.made):
            return False
        wait = policy.wait(tries.made, getattr(error, "retry_after", None))
        in_time = deadline is None or asyncio.get_running_loop().time() + (wait or 0.0) < deadline
        return wait if wait is not None and in_time and self._budget.spend(error) else False

    async def _try(self, tries: "_Tries[T]") -> T:
        session = self._open_session()
        # Twice round the loop, so that it sees that the server has closed an idle connection
        # before that connection is used again.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        tries.made += 1
        try:
            reply = await _exchange(session, self.url, tries.request, tries.options)
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            if self.closed or session.closed:
                closed = ClientClosedError("closed while the call was under way")
                closed.effect = "unknown"
                raise closed from error
            if isinstance(error, RuntimeError):
                raise
            raise _translated(error, self.url) from error
        result = judge(tries.request.operation, reply)
        self._budget.earn()
        return result

    def _open_session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._pid != os.getpid() and self._owns_session:
            _inherited.append(self._session)
            self._session = self.loop = None
            self._pid = os.getpid()
        if self.closed or (self._session is not None and self._session.closed):
            raise ClientClosedError("this client is closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._max_connections),
                cookie_jar=aiohttp.DummyCookieJar(),
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

    async def aclose(self) -> None:
        """Close the session if it is our own. Calls under way end in `ClientClosedError`."""
        self.closed = True
        if self._owns_session and self._session is not None:
            await self._session.close()


class _Tries(Generic[T]):
    """One call and how often it was tried."""

    def __init__(self, request: Request[T], options: Options) -> None:
        self.request = request
        self.options = options
        self.made = 0

    def name(self, error: ConversationClientError) -> ConversationClientError:
        """Put the call into an error."""
        error.operation = self.request.operation.id
        error.ids = self.request.ids
        error.attempts = self.made
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
        skip_auto_headers=(hdrs.CONTENT_TYPE,),
        timeout=OWN_DEADLINE,
    )
    async with response:
        headers = response.headers
        return Reply(
            response.status,
            headers.get(hdrs.CONTENT_TYPE, ""),
            headers.get(hdrs.RETRY_AFTER),
            await _read(response, body_limit(request.operation, response.status)),
        )


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


def _translated(error: Exception, url: str) -> ConversationClientError:
    """Turn an error of aiohttp into ours; its text may hold what the server sent and is left out."""
    if isinstance(error, aiohttp.ClientConnectorError) and error.os_error.errno == errno.ETIMEDOUT:
        return ServerUnresponsiveError(f"{url}: the connection was not accepted")
    reason = error.__cause__ if isinstance(error, aiohttp.ClientPayloadError) else None
    causes = (reason, error) if isinstance(reason, http_exceptions.BadHttpMessage) else (error,)
    kind, text = next(
        (ours, text)
        for cause in causes
        for theirs, ours, text in TRANSLATIONS
        if isinstance(cause, theirs)
    )
    translated = kind(f"{url}: {text}")
    if isinstance(error, aiohttp.ClientConnectorError):
        translated.effect = "none"
    return translated

"""One request and its reply over aiohttp, and aiohttp's errors made ours."""

import errno
import io
from typing import TypeVar

import aiohttp
from aiohttp import hdrs
from aiohttp.http_exceptions import BadHttpMessage, HttpProcessingError, LineTooLong
from aiohttp.streams import EMPTY_PAYLOAD
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from conversation_client._http.connection import OWN_DEADLINE, Handler, NotWelcome, SpokeFirst
from conversation_client._http.framing import is_misframed
from conversation_client._http.lacks import lack_of
from conversation_client._http.tls import handshake_problem
from conversation_client._http.wire import DEFAULT_URL, MAX_DOCUMENT, Reply, Request, body_limit
from conversation_client.errors import (
    BodyTooLargeError,
    ConnectionLostError,
    ConversationClientError,
    ProtocolError,
    ServerNotRunningError,
    ServerUnresponsiveError,
    TlsError,
    TransportError,
)
from conversation_client.operations import Operation

T = TypeVar("T")

SMALL_BODY = 16 * 1024
"""Bytes of a body up to which a server has most likely read all of it before it says no."""
LARGE_BODY = 1024 * 1024
"""Bytes of a body from which on aiohttp warns that sending it at once blocks the loop."""
NO_CONTENT_TYPE = (hdrs.CONTENT_TYPE,)
"""aiohttp would call an empty body `application/octet-stream`."""

AIOHTTP_ERRORS = (aiohttp.ClientError, HttpProcessingError, OSError)
"""What sending and reading may raise."""

ELSEWHERE = (
    "; from version 11 on it listens on one of 39300 to 39333, where `discover()` finds it, and"
    " `conversation-client doctor` says what is wrong"
)
"""What to try where nobody is at the default URL."""

Translation = tuple[type[Exception], type[ConversationClientError], str]

TRANSLATIONS: tuple[Translation, ...] = (
    (aiohttp.ClientConnectorDNSError, ServerNotRunningError, "no such host"),
    (aiohttp.InvalidURL, ServerNotRunningError, "no such host"),
    (
        aiohttp.ClientConnectorError,
        ServerNotRunningError,
        "nobody answers there: is Pieces OS running, and is this its port?"
        " (base_url= or CONVERSATION_CLIENT_BASE_URL says where it is)",
    ),
    (aiohttp.ConnectionTimeoutError, ServerUnresponsiveError, "the connection was not accepted"),
    (
        SpokeFirst,
        ProtocolError,
        "the server speaks before it is asked anything: it is no HTTP server",
    ),
    (HttpProcessingError, ProtocolError, "the reply is not HTTP"),
    (aiohttp.ClientPayloadError, ConnectionLostError, "the connection was cut within the reply"),
    (aiohttp.ServerDisconnectedError, ConnectionLostError, "closed before a reply was complete"),
    (aiohttp.ClientResponseError, ProtocolError, "the reply is not HTTP"),
    (OSError, ConnectionLostError, "the connection was lost"),
    (aiohttp.ClientError, TransportError, "the request failed"),
)
"""aiohttp's errors and ours; the first match counts."""


async def receive(handler: Handler, operation: Operation[object], body: bytes | None) -> Reply:
    """Read the reply to a request that was sent on a connection, which may be its last."""
    message, content = await handler.reply()
    reply = await read_reply(operation, message.code, message.reason, message.headers, content)
    is_unread = message.code >= 400 and body is not None and len(body) > SMALL_BODY
    if handler.should_close or is_unread or is_misframed(message.code, message.headers):
        handler.close()
    return reply


async def exchange(
    session: aiohttp.ClientSession, url: str, request: Request[T], headers: CIMultiDict[str]
) -> Reply:
    """Send a request once through a session and read the reply."""
    async with session.request(
        request.operation.method,
        URL(url + request.target, encoded=True),
        headers=headers,
        data=_as_data(request.body),
        allow_redirects=False,
        raise_for_status=False,
        skip_auto_headers=NO_CONTENT_TYPE,
        timeout=OWN_DEADLINE,
    ) as response:
        reason = response.reason or ""
        return await read_reply(
            request.operation, response.status, reason, response.headers, response.content
        )


def _as_data(body: bytes | None) -> bytes | io.BytesIO | None:
    """Hand over a large body as a file, of which aiohttp sends a part at a time."""
    return body if body is None or len(body) < LARGE_BODY else io.BytesIO(body)


async def read_reply(
    operation: Operation[object],
    status: int,
    reason: str,
    headers: CIMultiDictProxy[str],
    content: aiohttp.StreamReader,
) -> Reply:
    """Read the rest of a reply.

    Raises:
        BodyTooLargeError: It is larger than its operation allows.
        ProtocolError: Its length cannot be right.
    """
    limit = body_limit(operation, status)
    _check_length(status, headers, limit)
    return Reply(
        status,
        headers,
        b"" if content is EMPTY_PAYLOAD else await _read(content, status, limit),
        reason,
    )


def _check_length(status: int, headers: CIMultiDictProxy[str], limit: int) -> None:
    """Refuse lengths that cannot be right, of which aiohttp's two parsers think differently."""
    lengths = headers.getall(hdrs.CONTENT_LENGTH, ())
    if len(lengths) > 1:
        raise ProtocolError(f"{status} with a length that makes no sense")
    if lengths and status < 300 and int(lengths[0]) > limit:
        raise _too_large(f"a reply of {lengths[0]:.20} bytes, more than {limit}", limit)


async def _read(content: aiohttp.StreamReader, status: int, limit: int) -> bytes:
    """Read a body up to the limit; of a longer one an error's text is cut and anything else refused."""
    chunks: list[bytes] = []
    size = 0
    while chunk := await content.readany():
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            if status < 300:
                raise _too_large(f"a reply of more than {limit} bytes", limit)
            break
    return b"".join(chunks)


def _too_large(text: str, limit: int) -> BodyTooLargeError:
    error = BodyTooLargeError(text)
    error.is_excess = limit == MAX_DOCUMENT  # where no document is promised, it is another's page
    return error


def without_heads(error: Exception) -> Exception:
    """Return what can be chained: some of aiohttp's errors hold headers, and print them."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return aiohttp.ServerDisconnectedError()
    if isinstance(error, aiohttp.ClientResponseError | HttpProcessingError):
        return HttpProcessingError(message="the reply cannot be parsed")
    return error


def _excess_of(error: BaseException | None) -> str | None:
    """Say what was too much for a reply to be read, if that is why it was not."""
    while error is not None:
        if isinstance(error, LineTooLong):
            return "a line of the reply's head is longer than 8 KiB, which is too long"
        if isinstance(error, BadHttpMessage) and "Too many" in error.message:
            return "the reply has more headers than the client reads"
        error = error.__cause__
    return None


def _problem_of_handshake(error: Exception) -> str | None:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return handshake_problem(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorError):
        # Nobody resets a connection that is being made but in the handshake that follows.
        return handshake_problem(error.os_error, is_certain=True)
    return handshake_problem(error.reason) if isinstance(error, NotWelcome) else None


def translated(error: Exception, url: str) -> ConversationClientError:
    """Turn an error of aiohttp into ours; its text may hold what the server sent and is left out."""
    if url.startswith("https:") and (problem := _problem_of_handshake(error)):
        return TlsError(f"{url}: {problem}")
    if isinstance(error, aiohttp.ClientConnectorError) and error.os_error.errno == errno.ETIMEDOUT:
        return ServerUnresponsiveError(f"{url}: the connection was not accepted")
    if isinstance(error, aiohttp.ClientPayloadError) and "not completed" not in str(error):
        return ProtocolError(f"{url}: the body of the reply makes no sense")
    kind, text = next(
        (kind, text) for theirs, kind, text in TRANSLATIONS if isinstance(error, theirs)
    )
    if kind is ServerNotRunningError and url == DEFAULT_URL:
        text += ELSEWHERE
    lack = lack_of(error)
    if lack is None:
        ours = kind(f"{url}: {_excess_of(error) or text}")
    else:
        ours = TransportError(f"{url}: {lack}")
        ours.is_local = True
    if isinstance(error, aiohttp.ClientConnectorError):
        ours.effect = "none"
    return ours

"""A websocket to the server, on a connection of its own, and aiohttp's errors made ours."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiohttp
from aiohttp import ClientHandlerType
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from conversation_client._http.call import Call, Phase
from conversation_client._http.connection import OWN_DEADLINE
from conversation_client._http.exchange import AIOHTTP_ERRORS, translated, without_heads
from conversation_client._http.session import Session
from conversation_client._http.wire import MAX_DOCUMENT, Reply, status_error
from conversation_client._interpreter import running_loop
from conversation_client.codec import decode
from conversation_client.errors import (
    BodyTooLargeError,
    ClientClosedError,
    ConnectionLostError,
    ConversationClientError,
    ProtocolError,
)

T = TypeVar("T")

HEARTBEAT = 10.0
"""Seconds of silence after which the server is asked whether it is there; it has half as many."""
FAREWELL = aiohttp.ClientWSTimeout(ws_close=0.05)  # pyright: ignore[reportCallIssue]
"""How long to wait for the server's answer to the end."""


class Socket:
    """A websocket that is open.

    Args:
        socket: That of aiohttp.
        url: Where the server is.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, url: str) -> None:
        self._socket = socket
        self._url = url

    async def receive(self, model: type[T]) -> T:
        """Wait for the next message and return the document in it.

        Raises:
            ConnectionLostError: There will be none.
            ProtocolError: It is something else than such a document.
        """
        try:
            message = await self._socket.receive()
        except AIOHTTP_ERRORS as error:
            raise self._failure(error) from without_heads(error)
        if message.type is aiohttp.WSMsgType.TEXT:
            return decode(message.data, model)
        if message.type is aiohttp.WSMsgType.BINARY:
            raise ProtocolError(f"{self._url}: a binary message where text was promised")
        is_error = message.type is aiohttp.WSMsgType.ERROR
        raise self._failure(message.data if is_error else self._socket.exception())

    def _failure(self, error: BaseException | None) -> ConversationClientError:
        kind: type[ConversationClientError] = ConnectionLostError
        match error:
            case aiohttp.WebSocketError(code=aiohttp.WSCloseCode.MESSAGE_TOO_BIG):
                kind, text = BodyTooLargeError, f"a message of more than {MAX_DOCUMENT} bytes"
            case aiohttp.WebSocketError():
                kind, text = ProtocolError, "what comes are no messages of a websocket"
            case aiohttp.ServerTimeoutError():
                text = "the server does not answer any more"
            case _:
                text = "the connection was lost"
        failure = kind(f"{self._url}: {text}")
        if isinstance(failure, BodyTooLargeError):
            failure.is_excess = True
        return failure


@asynccontextmanager
async def connected(session: Session, call: Call[Any]) -> AsyncGenerator[Socket, None]:
    """Open a websocket, and close it in the end.

    Args:
        session: That of the client.
        call: What to ask for it with.

    Raises:
        ConversationClientError: There is none.
    """
    url = URL(session.url + call.request.target, encoded=True)
    async with _carrier(session) as carrier:
        call.phase = Phase.SENT
        call.sent += 1
        try:
            socket = await carrier.ws_connect(
                url,
                headers=call.options.headers_for(call.operation),
                heartbeat=HEARTBEAT,
                max_msg_size=MAX_DOCUMENT,
                timeout=FAREWELL,
            )
        except (*AIOHTTP_ERRORS, RuntimeError) as caught:
            error = _refusal(session, call, caught)
            call.settle(error)
            raise error from without_heads(caught)
        try:
            yield Socket(socket, session.url)
        finally:
            await socket.close()


@asynccontextmanager
async def _carrier(session: Session) -> AsyncGenerator[aiohttp.ClientSession, None]:
    """Return the session that was brought, or one over the client's connector, which has no limit."""
    opened = session.open(running_loop())
    if session.is_borrowed and isinstance(opened, aiohttp.ClientSession):
        yield opened
        return
    async with aiohttp.ClientSession(
        connector=opened.connector if isinstance(opened, aiohttp.ClientSession) else opened,
        connector_owner=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=OWN_DEADLINE,
        middlewares=(_refuse_redirects,),
    ) as made:
        # A GET that fails would be sent again behind our back.
        made._retry_connection = False  # pyright: ignore[reportPrivateUsage]
        yield made


async def _refuse_redirects(
    request: aiohttp.ClientRequest, handler: ClientHandlerType
) -> aiohttp.ClientResponse:
    """Let no redirect be followed, which `ws_connect` has no option for."""
    response = await handler(request)
    if 300 <= response.status < 400:
        response.close()
        raise aiohttp.WSServerHandshakeError(
            response.request_info, (), status=response.status, headers=response.headers
        )
    return response


def _refusal(session: Session, call: Call[Any], caught: Exception) -> ConversationClientError:
    """Return our own error for what came of asking for a websocket."""
    if session.is_closed:
        return call.closed_meanwhile()
    if isinstance(caught, RuntimeError):
        if str(caught) != "Session is closed":
            raise caught
        return ClientClosedError(f"{session.url}: the session was closed")
    if not isinstance(caught, aiohttp.WSServerHandshakeError):
        return translated(caught, session.url)
    if 100 <= caught.status < 300:
        return ProtocolError(f"{session.url}: {caught.status}, where a websocket is promised")
    headers = CIMultiDictProxy(CIMultiDict(caught.headers or {}))
    return status_error(Reply(caught.status, headers, b""))

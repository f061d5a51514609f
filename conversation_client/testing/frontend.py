"""The emulator's HTTP side: what stands between a connection and what answers."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress

from aiohttp import hdrs, web

from conversation_client.testing import origins
from conversation_client.testing.calls import Call, MissingError
from conversation_client.testing.documents import MalformedError, dump, parse
from conversation_client.testing.faults import Faults, Reply
from conversation_client.testing.hosts import Hosts
from conversation_client.testing.recording import RecordedRequest, RequestLog
from conversation_client.testing.router import Router
from conversation_client.testing.routes import Answer, Route, Socket
from conversation_client.testing.sockets import Listener, Sockets, is_upgrade

MAX_BODY = 64 * 1024 * 1024
"""Bytes of a request's body."""


class Frontend:
    """Answers from routes or, where a test asks for it, from a fault."""

    def __init__(
        self, routes: Iterable[Route], faults: Faults, log: RequestLog, hosts: Hosts
    ) -> None:
        self._router = Router(routes)
        self._hosts = hosts
        self._faults = faults
        self._log = log
        self._stopping = asyncio.Event()
        self._sockets = Sockets()

    def application(self) -> web.Application:
        """Return an application that answers on every route, and says 404 elsewhere."""
        application = web.Application(client_max_size=MAX_BODY)
        application.router.add_route("*", "/{_:(?s:.*)}", self._answer)
        application.on_response_prepare.append(origins.allow)
        application.on_shutdown.append(self._stop)
        return application

    async def _stop(self, _: web.Application) -> None:
        self._stopping.set()
        self._sockets.stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.read() if request.body_exists else b""
        except web.HTTPRequestEntityTooLarge:
            return self._refuse(request, 413, f"a body has at most {MAX_BODY} bytes")
        refused = self._refusal(request)
        if refused is not None:
            return self._refuse(request, 403, refused)
        route, ids = self._router.find(request.method, request.rel_url.parts)
        operation = route.operation if route else ""
        # Decided before anybody can see the request, who may then ask otherwise for the next ones.
        fault = self._faults.take(operation)
        delay = self._faults.delay + (fault.delay if fault else 0.0)
        self._log.add(
            RecordedRequest(operation, request.method, request.raw_path, ids, request.headers, body)
        )
        socket = route.socket if route and is_upgrade(request) else None
        response = None
        if fault is not None and not fault.acts:
            response = _made_to_order(fault.reply)
        elif socket is None:
            response = _acted(route, request, ids, body)
        is_cut_off = await self._is_stopped_within(delay)
        is_dropped = fault is not None and fault.drops
        if is_cut_off or is_dropped:
            if request.transport is not None:
                request.transport.close()
        elif response is None and socket is not None:
            return await self._talk(socket, request)
        return web.Response() if response is None else response

    def _refusal(self, request: web.Request) -> str | None:
        """Say why a request is not for this server, if it is not."""
        if not self._hosts.allow(request.headers.getall(hdrs.HOST, ())):
            return f"{request.host!r} is no name of this server; --allow-host adds it"
        if is_upgrade(request) and not origins.is_at_home(request):
            return "pages from elsewhere may not listen"
        return None

    async def _talk(self, socket: Socket, request: web.Request) -> web.StreamResponse:
        """Have a websocket until either side ends it."""
        listener = Listener()
        socket.begin(listener.put)
        try:
            return await self._sockets.serve(
                request, listener, lambda text: socket.hear(text, listener.put)
            )
        finally:
            socket.end(listener.put)

    def _refuse(self, request: web.Request, status: int, text: str) -> web.Response:
        """Answer a request of which nothing more is read."""
        self._log.add(
            RecordedRequest("", request.method, request.raw_path, {}, request.headers, b"")
        )
        response = web.Response(status=status, text=text)
        response.force_close()
        return response

    async def _is_stopped_within(self, delay: float) -> bool:
        """Wait that many seconds, or until the emulator stops."""
        if delay <= 0:
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._stopping.wait()
        return self._stopping.is_set()


def _acted(
    route: Route | None, request: web.Request, ids: Mapping[str, str], body: bytes
) -> web.Response:
    """Have a route act, and return what comes of it."""
    if request.method == hdrs.METH_OPTIONS:
        return origins.options(request)
    if route is None:
        return web.Response(status=404, text="there is no such operation")
    transferables = request.query.get("transferables", "true").lower() != "false"
    try:
        document = parse(body) if body and route.takes_body else None
        return _response(route.act(Call(ids, document, transferables)))
    except MissingError as error:
        return web.Response(status=error.status, text=str(error))
    except (MalformedError, UnicodeError) as error:
        return web.Response(status=500, text=str(error))


def _response(answer: Answer) -> web.Response:
    match answer:
        case None:
            return web.Response(status=204)
        case str():
            return web.Response(text=answer)
        case _:
            return web.Response(body=dump(answer), content_type="application/json")


def _made_to_order(reply: Reply | None) -> web.Response:
    if reply is None:
        return web.Response()
    response = web.Response(status=reply.status, text=reply.text)
    response.headers.update(reply.headers)
    return response

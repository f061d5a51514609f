"""The emulator's HTTP side: routes from the table, answers from the backend or from a fault."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from aiohttp import hdrs, web

from conversation_client.operations import BY_ID, ApiVersion, Operation
from conversation_client.testing.backend import Backend
from conversation_client.testing.calls import Call, MissingError
from conversation_client.testing.documents import JsonObject, MalformedError, dump, parse
from conversation_client.testing.faults import Faults, Reply
from conversation_client.testing.hosts import Hosts
from conversation_client.testing.recording import RecordedRequest, RequestLog
from conversation_client.testing.sockets import Listener, Sockets, is_upgrade
from conversation_client.testing.streams import STREAMS, Stream

MAX_BODY = 64 * 1024 * 1024
"""Bytes of a request's body."""


class Frontend:
    """What stands between a connection and the backend."""

    def __init__(
        self,
        backend: Backend,
        faults: Faults,
        log: RequestLog,
        hosts: Hosts,
        version: ApiVersion | None,
    ) -> None:
        self._backend = backend
        self._hosts = hosts
        self._version = version
        self._faults = faults
        self._log = log
        self._stopping = asyncio.Event()
        self._sockets = Sockets()

    def application(self) -> web.Application:
        """Return an application that answers every row of the table that its version has."""
        application = web.Application(client_max_size=MAX_BODY)
        of_rows = {stream.operation: stream for stream in STREAMS}
        for row in BY_ID.values():
            answer = partial(self._answer, row, of_rows.get(row.id))
            for path in row.paths_in(self._version):
                # aiohttp's own pattern refuses ids with braces.
                application.router.add_route(row.method, path.replace("}", ":[^/]+}"), answer)
        for stream in STREAMS:
            if not stream.operation and (self._version is None or self._version >= stream.since):
                application.router.add_get(stream.path, partial(self._answer, None, stream))
        application.router.add_route("*", "/{_:.*}", partial(self._answer, None, None))
        application.on_shutdown.append(self._stop)
        return application

    async def _stop(self, _: web.Application) -> None:
        self._stopping.set()
        self._sockets.stop()

    async def _answer(
        self, row: Operation[object] | None, stream: Stream | None, request: web.Request
    ) -> web.StreamResponse:
        try:
            body = await request.read() if request.body_exists else b""
        except web.HTTPRequestEntityTooLarge:
            return self._refuse(request, 413, f"a body has at most {MAX_BODY} bytes")
        if not self._hosts.allow(request.headers.getall(hdrs.HOST, ())):
            text = f"{request.host!r} is no name of this server; --allow-host adds it"
            return self._refuse(request, 403, text)
        ids = dict(request.match_info) if row else {}
        operation = row.id if row else ""
        self._log.add(
            RecordedRequest(operation, request.method, request.raw_path, ids, request.headers, body)
        )
        fault = self._faults.take(operation)
        listens = stream is not None and is_upgrade(request)
        if fault is not None and not fault.acts:
            response, listens = _made_to_order(fault.reply), False
        elif row is None and stream is not None:
            response = _document(self._backend.identifiers(stream.subject))
        else:
            response = self._act(row, ids, body, request.query)
        delay = self._faults.delay + (fault.delay if fault else 0.0)
        is_cut_off = await self._is_stopped_within(delay)
        is_dropped = fault is not None and fault.drops
        if (is_cut_off or is_dropped) and request.transport is not None:
            request.transport.close()
        elif stream is not None and listens:
            return await self._listen(stream, request)
        return response

    async def _listen(self, stream: Stream, request: web.Request) -> web.StreamResponse:
        """Tell one listener of what there is and what changes, until either side ends."""
        listener = Listener()
        self._backend.listen(stream.subject, listener.put)
        try:
            return await self._sockets.serve(request, listener)
        finally:
            self._backend.leave(stream.subject, listener.put)

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

    def _act(
        self,
        row: Operation[object] | None,
        ids: Mapping[str, str],
        body: bytes,
        query: Mapping[str, str],
    ) -> web.Response:
        if row is None:
            return web.Response(status=404, text="there is no such operation")
        transferables = query.get("transferables", "true").lower() != "false"
        try:
            document = parse(body) if body and row.body else None
            document = self._backend.run(row, Call(ids, document, transferables))
            if document is None:
                return web.Response(status=204)
            return _document(document)
        except MissingError as error:
            return web.Response(status=error.status, text=str(error))
        except (MalformedError, UnicodeError) as error:
            return web.Response(status=500, text=str(error))


def _document(document: JsonObject) -> web.Response:
    return web.Response(body=dump(document), content_type="application/json")


def _made_to_order(reply: Reply | None) -> web.Response:
    if reply is None:
        return web.Response()
    response = web.Response(status=reply.status, text=reply.text)
    response.headers.update(reply.headers)
    return response

"""The emulator's HTTP side: routes from the table, answers from the backend or from a fault."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from aiohttp import hdrs, web

from conversation_client.operations import BY_ID, ApiVersion, Operation
from conversation_client.testing.backend import Backend
from conversation_client.testing.calls import Call, MissingError
from conversation_client.testing.documents import MalformedError, dump, parse
from conversation_client.testing.faults import Faults, Reply
from conversation_client.testing.hosts import Hosts
from conversation_client.testing.recording import RecordedRequest, RequestLog

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

    def application(self) -> web.Application:
        """Return an application that answers every row of the table that its version has."""
        application = web.Application(client_max_size=MAX_BODY)
        for row in BY_ID.values():
            for path in row.paths_in(self._version):
                # aiohttp's own pattern refuses ids with braces.
                pattern = path.replace("}", ":[^/]+}")
                application.router.add_route(row.method, pattern, partial(self._answer, row))
        application.router.add_route("*", "/{_:.*}", partial(self._answer, None))
        application.on_shutdown.append(self._stop)
        return application

    async def _stop(self, _: web.Application) -> None:
        self._stopping.set()

    async def _answer(self, row: Operation[object] | None, request: web.Request) -> web.Response:
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
        if fault is None or fault.acts:
            response = self._act(row, ids, body, request.query)
        else:
            response = _made_to_order(fault.reply)
        delay = self._faults.delay + (fault.delay if fault else 0.0)
        is_cut_off = await self._is_stopped_within(delay)
        is_dropped = fault is not None and fault.drops
        if (is_cut_off or is_dropped) and request.transport is not None:
            request.transport.close()
        return response

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
            return web.Response(body=dump(document), content_type="application/json")
        except MissingError as error:
            return web.Response(status=error.status, text=str(error))
        except (MalformedError, UnicodeError) as error:
            return web.Response(status=500, text=str(error))


def _made_to_order(reply: Reply | None) -> web.Response:
    if reply is None:
        return web.Response()
    response = web.Response(status=reply.status, text=reply.text)
    response.headers.update(reply.headers)
    return response

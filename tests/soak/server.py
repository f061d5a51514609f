"""An emulator that keeps everything in a file and goes wrong at random: `python -m tests.soak.server`."""

import argparse
import asyncio
import random
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from aiohttp import web

from conversation_client.testing.backend import Backend
from conversation_client.testing.emulator import STARTING_CONVERSATION
from conversation_client.testing.faults import Faults
from conversation_client.testing.frontend import Frontend
from conversation_client.testing.hosts import Hosts
from conversation_client.testing.recording import RequestLog
from conversation_client.testing.routes import stored
from conversation_client.testing.store import Store

from .counters import Counters

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Fault = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]

SLOW = 0.1
"""Seconds that a slow reply takes."""


def _status(status: int, **headers: str) -> Fault:
    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        return web.Response(status=status, text="<html>no</html>", headers=headers)

    return fault


def _closed(request: web.Request, reply: bytes = b"") -> web.StreamResponse:
    assert request.transport is not None
    request.transport.write(reply)
    request.transport.close()
    return web.Response()


async def _cut_before_acting(request: web.Request, handler: Handler) -> web.StreamResponse:
    return _closed(request)


async def _cut_after_acting(request: web.Request, handler: Handler) -> web.StreamResponse:
    await handler(request)
    return _closed(request)


async def _half_a_reply(request: web.Request, handler: Handler) -> web.StreamResponse:
    await handler(request)
    return _closed(request, b"HTTP/1.1 204 No Content\r\nContent-Ty")


async def _slow(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    await asyncio.sleep(SLOW)
    return response


FAULTS: dict[str, Fault] = {
    "500": _status(500),
    "502 with a page": _status(502, **{"Content-Type": "text/html"}),
    "503, Retry-After: 0": _status(503, **{"Retry-After": "0"}),
    "429": _status(429),
    "cut before acting": _cut_before_acting,
    "cut after acting": _cut_after_acting,
    "reply cut half-way": _half_a_reply,
    "slow reply": _slow,
}
ACTED_ON = ("cut after acting", "reply cut half-way")
"""After these the client cannot know, and has to repeat."""
COUNTERS = ("requests", "acted", *FAULTS)


def _chaos(counters: Counters, rate: float, choose: random.Random) -> object:
    faults = list(FAULTS)

    @web.middleware
    async def chaos(request: web.Request, handler: Handler) -> web.StreamResponse:
        async def act(request: web.Request) -> web.StreamResponse:
            response = await handler(request)
            counters.add("acted")
            return response

        if request.method == "GET":  # the command's first look, which is no item
            return await handler(request)
        counters.add("requests")
        if choose.random() >= rate:
            return await act(request)
        name = choose.choice(faults)
        counters.add(name)
        return await FAULTS[name](request, act)

    return chaos


async def _serve(options: argparse.Namespace) -> None:
    with closing(Store(options.db)) as store, Counters(options.counters, COUNTERS) as counters:
        backend = Backend(store, strict=False)
        if backend.is_empty():
            backend.seed({"id": STARTING_CONVERSATION}, [])
        routes = stored(lambda: backend, None)
        application = Frontend(routes, Faults(), RequestLog(), Hosts("127.0.0.1", ())).application()
        chaos = _chaos(counters, options.rate, random.Random(options.seed))
        application.middlewares.append(chaos)  # type: ignore[arg-type]
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        listener = socket.create_server(("127.0.0.1", options.port))
        await web.SockSite(runner, listener).start()
        print(listener.getsockname()[1], flush=True)
        await asyncio.Event().wait()  # until it is killed


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.server")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--db", type=Path, required=True)
    parser.add_argument("--counters", type=Path, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()

"""An aiohttp.web application on a socket that it is given; it says at its end what it has left.

python aiohttp_app.py DESCRIPTOR LOOP
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator

import left
import uvloop
from aiohttp import web
from aiohttp.typedefs import Handler

from conversation_client import (
    AsyncConversationClient,
    ConversationClientError,
    DecodeError,
    GoneError,
    TransportError,
    encode,
    from_dict,
    to_dict,
)
from conversation_client.models import SeededConversation

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
CLIENT = web.AppKey("client", AsyncConversationClient)


async def client_of_pieces_os(app: web.Application) -> AsyncIterator[None]:
    async with AsyncConversationClient(timeout=2) as client:
        app[CLIENT] = client
        yield
    left.tell()


@web.middleware
async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except GoneError as error:
        raise web.HTTPNotFound(text=str(error)) from error
    except TransportError as error:
        raise web.HTTPServiceUnavailable(text=str(error)) from error
    except ConversationClientError as error:
        raise web.HTTPBadGateway(text=str(error)) from error


routes = web.RouteTableDef()


@routes.get("/conversations/{conversation}")
async def get_conversation(request: web.Request) -> web.Response:
    found = await request.app[CLIENT].get_conversation(request.match_info["conversation"])
    return web.json_response(to_dict(found))


@routes.post("/conversations")
async def create(request: web.Request) -> web.Response:
    try:
        seed = from_dict(SeededConversation, await request.json())
    except (DecodeError, ValueError) as error:
        raise web.HTTPUnprocessableEntity(text=str(error)) from error
    made = await request.app[CLIENT].conversations.create(seed)
    return web.json_response(to_dict(made), status=201)


@routes.put("/conversations/{conversation}/assets/{asset}")
async def associate(request: web.Request) -> web.Response:
    asset = request.match_info["asset"]
    await request.app[CLIENT].associate_asset(request.match_info["conversation"], asset)
    return web.Response(status=204)


@routes.get("/conversations/{conversation}/messages")
async def get_messages(request: web.Request) -> web.StreamResponse:
    messages = request.app[CLIENT].messages.of(request.match_info["conversation"])
    return await stream(request, (encode(message) + b"\n" async for message in messages))


@routes.get("/changes")
async def watch(request: web.Request) -> web.StreamResponse:
    changes = request.app[CLIENT].conversations.watch()
    return await stream(request, (f"{change.id}\n".encode() async for change in changes))


async def stream(request: web.Request, lines: AsyncIterator[bytes]) -> web.StreamResponse:
    response = web.StreamResponse()
    with contextlib.suppress(ConnectionResetError):  # the client of this service has hung up
        async for line in lines:
            if not response.prepared:
                await response.prepare(request)
            await response.write(line)
    return response


def main(descriptor: str, loop: str) -> None:
    app = web.Application(middlewares=[refuse])
    app.add_routes(routes)
    app.cleanup_ctx.append(client_of_pieces_os)
    listener = socket.socket(fileno=int(descriptor))
    web.run_app(app, sock=listener, loop=LOOPS[loop](), handler_cancellation=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

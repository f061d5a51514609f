"""A FastAPI application, for `uvicorn fastapi_app:app`; it says at its end what it has left."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import left
from fastapi import Body, Depends, FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse

from conversation_client import (
    AsyncConversationClient,
    ConversationClientError,
    GoneError,
    TransportError,
    encode,
)
from conversation_client.models import Conversation, SeededConversation


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, AsyncConversationClient]]:
    async with AsyncConversationClient(timeout=2) as client:
        yield {"client": client}
    left.tell()


async def client_of(request: Request) -> AsyncConversationClient:
    client: AsyncConversationClient = request.state.client
    return client


Client = Annotated[AsyncConversationClient, Depends(client_of)]

app = FastAPI(lifespan=lifespan)


@app.exception_handler(ConversationClientError)
async def refuse(request: Request, error: ConversationClientError) -> JSONResponse:
    unavailable = 503 if isinstance(error, TransportError) else 502
    status = 404 if isinstance(error, GoneError) else unavailable
    return JSONResponse({"detail": str(error)}, status)


@app.get("/conversations/{conversation}")
async def get_conversation(conversation: str, client: Client) -> Conversation:
    return await client.get_conversation(conversation)


@app.post("/conversations", status_code=201)
async def create(seed: Annotated[SeededConversation, Body()], client: Client) -> Conversation:
    return await client.conversations.create(seed)


@app.put("/conversations/{conversation}/assets/{asset}", status_code=204)
async def associate(conversation: str, asset: str, client: Client) -> None:
    await client.associate_asset(conversation, asset)


@app.get("/conversations/{conversation}/messages")
async def get_messages(conversation: str, client: Client) -> StreamingResponse:
    async def lines() -> AsyncIterator[bytes]:
        async for message in client.messages.of(conversation):
            yield encode(message) + b"\n"

    return StreamingResponse(lines(), media_type="application/x-ndjson")


@app.get("/changes")
async def watch(client: Client) -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        async for change in client.conversations.watch():
            yield f"{change.id}\n"

    return StreamingResponse(lines(), media_type="text/plain")

"""A FastAPI application, for `uvicorn fastapi_app:app`; it says at its end what it has left."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import left
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse

from conversation_client import (
    AsyncConversationClient,
    ConversationClientError,
    GoneError,
    TransportError,
    encode,
)
from conversation_client.models import Conversation


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, AsyncConversationClient]]:
    async with AsyncConversationClient(timeout=2) as client:
        yield {"client": client}
    left.tell()


app = FastAPI(lifespan=lifespan)


@app.exception_handler(ConversationClientError)
async def refuse(request: Request, error: ConversationClientError) -> JSONResponse:
    status = {GoneError: 404, TransportError: 503}
    codes = [code for kind, code in status.items() if isinstance(error, kind)]
    return JSONResponse({"detail": str(error)}, status_code=codes[0] if codes else 502)


@app.get("/conversations/{conversation}")
async def conversation(conversation: str, request: Request) -> Conversation:
    client: AsyncConversationClient = request.state.client
    return await client.get_conversation(conversation)


@app.put("/conversations/{conversation}/assets/{asset}", status_code=204)
async def associate(conversation: str, asset: str, request: Request) -> None:
    client: AsyncConversationClient = request.state.client
    await client.associate_asset(conversation, asset)


@app.get("/conversations/{conversation}/messages")
async def messages(conversation: str, request: Request) -> StreamingResponse:
    client: AsyncConversationClient = request.state.client

    async def lines() -> AsyncIterator[bytes]:
        async for message in client.messages.of(conversation):
            yield encode(message) + b"\n"

    return StreamingResponse(lines(), media_type="application/x-ndjson")

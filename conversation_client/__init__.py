"""Async-first client for the Conversation API of Pieces OS."""

from conversation_client._version import __version__
from conversation_client.batch import BatchFailure, BatchProgress, BatchReport
from conversation_client.client import AsyncConversationClient
from conversation_client.codec import decode, encode
from conversation_client.errors import (
    BatchError,
    BodyTooLargeError,
    ClientClosedError,
    ConnectionLostError,
    ContentTypeError,
    ConversationClientError,
    DeadlineExceededError,
    DecodeError,
    GoneError,
    InvalidArgumentError,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    RedirectError,
    ResponseError,
    ServerError,
    ServerNotRunningError,
    ServerUnresponsiveError,
    StatusError,
    TransportError,
)
from conversation_client.models import preload
from conversation_client.operations import Material
from conversation_client.retry import RetryPolicy
from conversation_client.sync import ConversationClient

__all__ = [
    "AsyncConversationClient",
    "BatchError",
    "BatchFailure",
    "BatchProgress",
    "BatchReport",
    "BodyTooLargeError",
    "ClientClosedError",
    "ConnectionLostError",
    "ContentTypeError",
    "ConversationClient",
    "ConversationClientError",
    "DeadlineExceededError",
    "DecodeError",
    "GoneError",
    "InvalidArgumentError",
    "Material",
    "NotFoundError",
    "ProtocolError",
    "RateLimitedError",
    "RedirectError",
    "ResponseError",
    "RetryPolicy",
    "ServerError",
    "ServerNotRunningError",
    "ServerUnresponsiveError",
    "StatusError",
    "TransportError",
    "__version__",
    "decode",
    "encode",
    "preload",
]

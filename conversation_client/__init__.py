"""Async-first client for the Conversation API of Pieces OS."""

from importlib import import_module
from typing import TYPE_CHECKING

from conversation_client._version import __version__

if TYPE_CHECKING:
    from conversation_client.batch import (
        Association,
        BatchFailure,
        BatchOutcome,
        BatchProgress,
        BatchReport,
        Disassociation,
        ReadOutcome,
        ReconcileReport,
    )
    from conversation_client.changes import ConversationChange
    from conversation_client.client import AsyncConversationClient
    from conversation_client.codec import (
        decode,
        encode,
        from_dict,
        preload,
        problems,
        to_dict,
    )
    from conversation_client.conversations import AsyncConversationsResource
    from conversation_client.discovery import FoundServer, find_servers
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
        JournalCorruptError,
        JournalError,
        JournalFullError,
        JournalLockedError,
        JournalMismatchError,
        JournalReadOnlyError,
        JournalVersionError,
        NotFoundError,
        ProtocolError,
        RateLimitedError,
        RedirectError,
        ResponseError,
        ServerError,
        ServerNotRunningError,
        ServerUnresponsiveError,
        StatusError,
        TlsError,
        TransportError,
    )
    from conversation_client.journal import (
        JournalFailure,
        JournalSummary,
        journal_failures,
        read_journal,
    )
    from conversation_client.messages import AsyncMessagesResource
    from conversation_client.operations import Material, MessageMaterial
    from conversation_client.response import RawResponse
    from conversation_client.retry import RetryPolicy
    from conversation_client.sync import (
        ConversationClient,
        ConversationsResource,
        MessagesResource,
        resume,
    )

__all__ = [
    "Association",
    "AsyncConversationClient",
    "AsyncConversationsResource",
    "AsyncMessagesResource",
    "BatchError",
    "BatchFailure",
    "BatchOutcome",
    "BatchProgress",
    "BatchReport",
    "BodyTooLargeError",
    "ClientClosedError",
    "ConnectionLostError",
    "ContentTypeError",
    "ConversationChange",
    "ConversationClient",
    "ConversationClientError",
    "ConversationsResource",
    "DeadlineExceededError",
    "DecodeError",
    "Disassociation",
    "FoundServer",
    "GoneError",
    "InvalidArgumentError",
    "JournalCorruptError",
    "JournalError",
    "JournalFailure",
    "JournalFullError",
    "JournalLockedError",
    "JournalMismatchError",
    "JournalReadOnlyError",
    "JournalSummary",
    "JournalVersionError",
    "Material",
    "MessageMaterial",
    "MessagesResource",
    "NotFoundError",
    "ProtocolError",
    "RateLimitedError",
    "RawResponse",
    "ReadOutcome",
    "ReconcileReport",
    "RedirectError",
    "ResponseError",
    "RetryPolicy",
    "ServerError",
    "ServerNotRunningError",
    "ServerUnresponsiveError",
    "StatusError",
    "TlsError",
    "TransportError",
    "__version__",
    "decode",
    "encode",
    "find_servers",
    "from_dict",
    "journal_failures",
    "preload",
    "problems",
    "read_journal",
    "resume",
    "to_dict",
]

_MODULES = (
    *("errors", "retry", "models", "operations", "codec", "batch", "response", "conversations"),
    *("messages", "client", "sync", "journal", "changes", "discovery"),
)
"""Where the public names live. Imported as they are needed, so that the command and the pytest
plugin do not wait for aiohttp, nor the clients for SQLite."""


if not TYPE_CHECKING:  # to which all other names would be known, too

    def __getattr__(name: str) -> object:
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        modules = (import_module(f"{__name__}.{module}") for module in _MODULES)
        value = next(vars(module)[name] for module in modules if name in vars(module))
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

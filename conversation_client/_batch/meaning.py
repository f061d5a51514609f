"""What the error of a call tells about the server."""

from typing import TypeGuard

from conversation_client.errors import (
    ConversationClientError,
    DeadlineExceededError,
    DecodeError,
    ProtocolError,
    RedirectError,
    ResponseError,
    ServerUnresponsiveError,
    StatusError,
    TransportError,
)

NOT_NOW = frozenset({429, 503})
"""Statuses by which a server says that it did nothing, and may later."""

MISSING = frozenset({404, 410})


def is_not_now(error: ConversationClientError) -> TypeGuard[StatusError]:
    """Tell whether the server did nothing, and may later."""
    return isinstance(error, StatusError) and error.status in NOT_NOW


def is_refusal(error: ConversationClientError) -> TypeGuard[ResponseError]:
    """Tell whether the server has answered, and neither done it nor asked to wait."""
    return isinstance(error, ResponseError) and not is_not_now(error)


def is_missing(error: ConversationClientError) -> bool:
    """Tell whether what was asked for is not there."""
    return isinstance(error, StatusError) and error.status in MISSING


def is_new_shape(error: ConversationClientError) -> bool:
    """Tell whether a document came in which something is not as this version knows it."""
    return isinstance(error, DecodeError) and error.path != "$"


def is_foreign(error: ConversationClientError) -> bool:
    """Tell whether no Pieces OS answers like that."""
    if isinstance(error, StatusError):
        return isinstance(error, RedirectError) or error.text.lstrip().startswith("<")
    return isinstance(error, ProtocolError) and not (is_new_shape(error) or error.is_excess)


def is_failing(error: ConversationClientError) -> bool:
    """Tell whether the server is in no state to answer."""
    return isinstance(error, StatusError) and (is_not_now(error) or 500 <= error.status < 600)


def is_lack(error: ConversationClientError) -> TypeGuard[TransportError]:
    """Tell whether a call was not sent for what this side lacks, which may pass."""
    return isinstance(error, TransportError) and error.is_local and error.effect == "none"


def is_for_later(error: ConversationClientError) -> bool:
    """Tell whether a call is neither done nor to blame, and others may help it by ending."""
    return is_not_now(error) or is_lack(error)


def is_overload(error: ConversationClientError) -> bool:
    """Tell whether a call failed in a way that fewer at a time may cure."""
    return is_for_later(error) or isinstance(error, DeadlineExceededError | ServerUnresponsiveError)

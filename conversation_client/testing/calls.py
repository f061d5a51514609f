"""A request as the emulator's operations see it."""

from collections.abc import Mapping

import attrs

from conversation_client.testing.authoring import without_contents
from conversation_client.testing.documents import JsonObject, MalformedError


class MissingError(LookupError):
    """A call names something that does not exist."""

    def __init__(self, text: str, status: int = 500) -> None:
        """Say what is missing, and which HTTP status tells so."""
        super().__init__(text)
        self.status = status


@attrs.frozen
class Call:
    """A request as the backend sees it."""

    ids: Mapping[str, str]
    """Path parameters, decoded."""
    body: JsonObject | None = None
    transferables: bool = True
    """Whether messages are shown with the contents of their fragments."""


def body_of(call: Call) -> JsonObject:
    """Return the document that was sent.

    Raises:
        MalformedError: There is none.
    """
    if call.body is None:
        raise MalformedError("the operation needs a body")
    return call.body


def visible(message: JsonObject, call: Call) -> JsonObject:
    """Return a message as the call wants it shown."""
    return message if call.transferables else without_contents(message)

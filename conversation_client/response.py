"""A reply as it came, for whoever wants its text."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import attrs

from conversation_client._http.charset import decoded
from conversation_client._http.wire import Reply
from conversation_client._json import loads, too_deep
from conversation_client._record import Record
from conversation_client.errors import DecodeError


@attrs.frozen(eq=False, repr=False)
class RawResponse(Record):
    """What a server answered: what `call_raw` returns."""

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    """By names in which upper and lower case are the same."""
    content: bytes = attrs.field(repr=lambda content: f"<{len(content)} bytes>")

    def json(self) -> Any:
        """Read the content as JSON.

        Returns:
            What it holds, as the types that `json.loads` makes; anew each time.

        Raises:
            DecodeError: It is no JSON.
        """
        return parse_json(self.content, self.headers.get("Content-Type", ""))


def raw_response(reply: Reply) -> RawResponse:
    """Return a reply for keeps."""
    return RawResponse(reply.status, reply.headers.copy(), reply.body)


def parse_json(
    content: bytes,
    content_type: str,
    object_hook: Callable[[dict[str, Any]], Any] | None = None,
) -> Any:
    """Read the content of a reply as JSON.

    Args:
        content: The content.
        content_type: What it is said to be.
        object_hook: As `json.loads` has it: makes something else of each object as it is read.

    Raises:
        DecodeError: It is no JSON.
    """
    try:
        text = decoded(content, content_type)
        if isinstance(text, bytes):
            text = text.decode(json.detect_encoding(text))
        text = text.removeprefix("\ufeff")
        return loads(text, object_hook=object_hook, parse_constant=_no_number)
    except ValueError as error:
        raise DecodeError(f"no JSON: {error}") from None
    except RecursionError:
        raise too_deep() from None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")

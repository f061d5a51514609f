"""A reply as it came, for whoever wants its text."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

import attrs

from conversation_client._http.charset import decoded
from conversation_client._http.wire import Reply
from conversation_client.errors import DecodeError


@attrs.frozen
class RawResponse:
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
        try:
            text = decoded(self.content, self.headers.get("Content-Type", ""))
            if isinstance(text, bytes):
                text = text.decode(json.detect_encoding(text))
            return json.loads(text.removeprefix("\ufeff"), parse_constant=_no_number)
        except ValueError as error:
            raise DecodeError(f"no JSON: {error}") from None
        except RecursionError:
            raise DecodeError("the document is nested too deeply") from None


def raw_response(reply: Reply) -> RawResponse:
    """Return a reply for keeps."""
    return RawResponse(reply.status, reply.headers.copy(), reply.body)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")

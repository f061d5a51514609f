"""A reply as it came, and what is raised, where the official SDK has them."""

import json
from collections.abc import Mapping
from typing import Any

import attrs
from multidict import CIMultiDict

from conversation_client._http.wire import Reply
from conversation_client.compat.exceptions import (
    ApiException,
    ApiValueError,
    BadRequestException,
    ForbiddenException,
    NotFoundException,
    ServiceException,
    UnauthorizedException,
)

__all__ = [
    "ApiException",
    "ApiValueError",
    "BadRequestException",
    "ForbiddenException",
    "NotFoundException",
    "RESTResponse",
    "ServiceException",
    "UnauthorizedException",
]


@attrs.define
class RESTResponse:
    """A reply, read to its end; the names of headers have no case."""

    status: int
    reason: str
    headers: Mapping[str, str]
    data: bytes

    @classmethod
    def of(cls, reply: Reply) -> "RESTResponse":
        """Make one of what the library has read."""
        return cls(reply.status, reply.reason, CIMultiDict(reply.headers), reply.body)

    def read(self) -> bytes:
        """Return the body."""
        return self.data

    def json(self) -> Any:
        """Parse the body.

        Raises:
            ValueError: It is no JSON.
        """
        return json.loads(self.data)

    def getheaders(self) -> Mapping[str, str]:
        """Return the headers."""
        return self.headers

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """Return a header, or the default."""
        return self.headers.get(name, default)

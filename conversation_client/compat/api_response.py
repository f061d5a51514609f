"""What the methods with `_with_http_info` return."""

from collections.abc import Mapping
from typing import Generic, TypeVar

import attrs

T = TypeVar("T")


@attrs.define
class ApiResponse(Generic[T]):
    """A reply to a call that succeeded."""

    status_code: int
    headers: Mapping[str, str]
    """The names have no case."""
    data: T
    """The document; `None` for operations that promise none."""
    raw_data: bytes
    """The body as it came."""

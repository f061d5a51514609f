"""The head of a request, of which nearly all is the same each time."""

from collections.abc import Sequence
from typing import Any

from conversation_client._http.wire import Id, Request, encode_id, is_plain
from conversation_client.operations import Operation

MARK = "\0"
"""In place of an id while the bytes around it are made; nothing else that is sent may hold it."""


def build_head(request: Request[Any], prefix: str, headers: str) -> bytes:
    """Make the request line and the headers.

    Args:
        request: What is sent.
        prefix: Path of the base URL.
        headers: Those that its operation has in common, each with its end of line.
    """
    size = len(request.body or b"")
    return _head(request.operation.method, prefix + request.target, headers, size).encode()


class HeadTemplate:
    """What `build_head` makes of the requests of a row that are nothing but ids.

    Most are for one conversation after the other, so the bytes around the last id are kept.

    Args:
        operation: The row.
        prefix: As for `build_head`.
        headers: As for `build_head`.
    """

    def __init__(self, operation: Operation[object], prefix: str, headers: str) -> None:
        target = prefix.replace("%", "%%") + operation.template
        self._text = _head(operation.method, target, headers.replace("%", "%%"), 0)
        self._count = len(operation.parameters)
        self._last: tuple[object, bytes, bytes] = object(), b"", b""
        """The first of two ids in the last head, and the bytes around the other; threads share it."""

    def filled(self, ids: tuple[Id, ...]) -> bytes | None:
        """Return the head with these ids; `None` if one of them needs a closer look."""
        first, before, after = self._last
        if len(ids) == self._count == 2 and ids[0] is first:
            last = ids[1]
            return before + last.encode() + after if is_plain(last) else None
        texts = [id_ for id_ in ids if is_plain(id_)]
        if len(ids) != self._count or len(texts) != self._count:
            return None
        if len(texts) == 2:
            self._last = (texts[0], *self.around(texts[:1]))
        return (self._text % ids).encode()

    def around(self, first: Sequence[str]) -> tuple[bytes, bytes]:
        """Return the bytes before and after the last id, where these come before it."""
        before, _, after = (self._text % (*map(encode_id, first), MARK)).partition(MARK)
        return before.encode(), after.encode()


def _head(method: str, target: str, headers: str, size: int) -> str:
    length = "" if method == "GET" else f"Content-Length: {size}\r\n"
    return f"{method} {target} HTTP/1.1\r\n{headers}{length}\r\n"

"""The wire, without any I/O: build a request, judge a reply."""

import codecs
import math
import re
import sys
import unicodedata
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import NoneType
from typing import Generic, TypeGuard, TypeVar, cast
from urllib.parse import SplitResult, quote, unquote, urlsplit
from uuid import UUID

import attrs
from multidict import CIMultiDict, CIMultiDictProxy

from conversation_client._http.charset import decoded, text_of
from conversation_client._record import Record
from conversation_client.codec import decode, encode
from conversation_client.errors import (
    ContentTypeError,
    InvalidArgumentError,
    ProtocolError,
    StatusError,
)
from conversation_client.models.base import Document
from conversation_client.operations import Operation

T = TypeVar("T")
Id = str | UUID

DEFAULT_URL = "http://localhost:1000"
"""Where Pieces OS is up to version 10."""

MAX_ID = 1024
"""Bytes of an id in UTF-8."""
MAX_DOCUMENT = 64 * 1024 * 1024
MAX_TEXT = 64 * 1024
"""Bytes read of a reply that promises nothing, or that is an error."""
KEPT_TEXT = 4 * 1024
"""Characters of an error's text that are kept, and bytes in which a page shows that it is one."""
SHOWN_TEXT = 200
"""Characters of an error's text that its message shows."""
DONE_TEXT = 256
"""Bytes of a reply, at most, that says no more than that it is done."""

PLAIN_ID = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9_.~-]*")
"""Ids that are sent as they are."""
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that nobody sees though Unicode counts them among letters, marks and symbols."""
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
codecs.lookup("idna")  # or it would be imported to look a host up, with no descriptor left perhaps
OWN_HEADERS = frozenset(
    {
        *("accept", "content-encoding", "content-length", "content-type", "host"),
        *("connection", "expect", "keep-alive", "proxy-connection", "te", "trailer"),
        *("transfer-encoding", "upgrade"),
    }
)
"""What is sent, where to, and how the connection is used: the client's own business."""


class Request(Generic[T]):
    """One call, ready to be sent.

    Args:
        operation: The row.
        texts: The ids, in order.
        target: Path and query, percent-encoded.
        body: The document, encoded.
    """

    # No class of attrs: to make a generic one is a twentieth of what a first call imports.
    def __init__(
        self, operation: Operation[T], texts: Sequence[str], target: str, body: bytes | None
    ) -> None:
        self.operation = operation
        self.texts = texts
        self.target = target
        self.body = body

    @property
    def ids(self) -> Mapping[str, str]:
        """The ids by the names of their parameters."""
        return dict(zip(self.operation.parameters, self.texts, strict=True))


@attrs.frozen(eq=False, repr=False)
class Reply(Record):
    """What came back."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    reason: str = ""

    @property
    def content_type(self) -> str:
        """What the body is said to be; empty if nothing is."""
        return self.headers.get("Content-Type", "")


PLAIN = Reply(204, CIMultiDictProxy(CIMultiDict[str]()), b"")
"""The reply to nearly all that promises nothing."""


def build_request(
    operation: Operation[T],
    ids: Sequence[Id],
    *,
    transferables: bool | None = None,
    body: Document | None = None,
) -> Request[T]:
    """Make the request of an operation.

    Raises:
        InvalidArgumentError: An id, the body or an option cannot be sent.
    """
    try:
        texts, target = _target(operation, ids)
        body_text = _body(operation, body)
        return Request(operation, texts, target + _query(transferables), body_text)
    except InvalidArgumentError as error:
        error.operation = operation.id
        raise


def _target(operation: Operation[object], ids: Sequence[Id]) -> tuple[Sequence[str], str]:
    if len(ids) != len(operation.parameters):
        wanted = ", ".join(operation.parameters) or "no id"
        raise InvalidArgumentError(f"{operation.id} takes {wanted}, not {len(ids)} ids")
    texts = tuple(map(check_id, operation.parameters, ids))
    return texts, operation.template % tuple(map(encode_id, texts))


def check_id(name: str, value: Id) -> str:
    """Return an id as text.

    Raises:
        InvalidArgumentError: It cannot be sent within a path as it is.
    """
    text = plain_text(UUID.__str__(value) if isinstance(value, UUID) else value)
    if is_plain(text):
        return text
    problem = _id_problem(text)
    if problem:
        raise InvalidArgumentError(f"{name}: {problem}")
    return text


def is_plain(value: object) -> TypeGuard[str]:
    """Tell whether an id, such as a UUID, needs neither a closer look nor an encoding."""
    return (
        type(value) is str
        and value.isascii()
        and len(value) <= MAX_ID
        # Nothing else of ours takes as long in a call as the expression, which UUIDs do without.
        and (value.encode().replace(b"-", b"").isalnum() or PLAIN_ID.fullmatch(value) is not None)
    )


def plain_text(value: T) -> T:
    """Return the value of a text; the `__str__` of its class may say something else."""
    if type(value) is str or not isinstance(value, str):
        return value
    return cast(T, str.__str__(value))


def encode_id(text: str) -> str:
    """Percent-encode an id, so that it is one segment of a path."""
    return text if is_plain(text) else quote(text, safe="")


def _id_problem(text: object) -> str | None:
    if not isinstance(text, str):
        return f"an id is a str or a UUID, not {type(text).__name__}"
    if not text:
        return "an id cannot be empty"
    if text in (".", ".."):
        return f"{text!r} would change the path"
    if CONTROL_CHARACTERS.search(text):
        return f"control character in {text!r:.{SHOWN_TEXT}}"
    if _is_blank(text[0]) or _is_blank(text[-1]):
        return f"white space or an invisible character at an end of {text!a:.{SHOWN_TEXT}}"
    return _size_problem(text)


def _size_problem(text: str) -> str | None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return f"lone surrogate in {text!r:.{SHOWN_TEXT}}"
    return f"an id has at most {MAX_ID} bytes, not {size}" if size > MAX_ID else None


def _is_blank(char: str) -> bool:
    """Tell whether nobody sees a character."""
    return char.isspace() or char in BLANKS or unicodedata.category(char) == "Cf"


def without_blanks(text: str) -> str:
    """Return a text without what nobody sees at its ends."""
    begin, end = 0, len(text)
    while begin < end and _is_blank(text[begin]):
        begin += 1
    while begin < end and _is_blank(text[end - 1]):
        end -= 1
    return text[begin:end]


def _query(transferables: object) -> str:
    if transferables is None:
        return ""
    if not isinstance(transferables, bool):
        raise InvalidArgumentError(f"transferables: True, False or None, not {transferables!r}")
    return f"?transferables={'true' if transferables else 'false'}"


def _body(operation: Operation[object], body: Document | None) -> bytes | None:
    if body is None:
        return None
    if operation.body is None or type(body) is not operation.body:
        wanted = operation.body.__name__ if operation.body else "no body"
        raise InvalidArgumentError(f"{operation.id} takes {wanted}, not {type(body).__name__}")
    return encode(body)


def body_limit(operation: Operation[object], status: int) -> int:
    """Bytes to read at most of a reply's body."""
    promises_more = operation.returns is not NoneType and operation.returns is not str
    return MAX_DOCUMENT if status == 200 and promises_more else MAX_TEXT


def judge(operation: Operation[T], reply: Reply, strict: bool = False) -> T:
    """Return what the reply holds; `strict` is that of `decode`.

    Raises:
        StatusError: The server said no.
        ProtocolError: It said yes, but not as the operation promises.
    """
    promises_nothing = operation.returns is NoneType
    if not (promises_nothing and reply.status == 204 and not reply.body):  # as nearly all
        _check_kind(operation, reply)
    if promises_nothing:
        return cast(T, None)
    if operation.returns is str:
        return cast(T, _told(reply))
    return decode(decoded(reply.body, reply.content_type), operation.returns, strict=strict)


def unread(operation: Operation[object], reply: Reply) -> Reply:
    """Return the reply, of which all is as the operation promises but perhaps what it holds.

    Raises:
        StatusError: The server said no.
        ProtocolError: It said yes, but not as the operation promises.
    """
    _check_kind(operation, reply)
    if operation.returns is not NoneType:
        _refuse_page(reply, _promise(operation))
    return reply


def _check_kind(operation: Operation[object], reply: Reply) -> None:
    """Refuse what is not even of the kind that is promised."""
    if not 200 <= reply.status < 300:
        raise status_error(reply)
    if operation.returns is NoneType:
        _check_done(reply)
        return
    promise = _promise(operation)
    if reply.status != 200:
        raise ProtocolError(f"{_phrase(reply.status)}, where {promise} is promised")
    media_type = _media_type(reply)
    if not _may_be_json(media_type):
        raise ContentTypeError(f"{media_type}, where {promise} is promised")


def _promise(operation: Operation[object]) -> str:
    return "a text" if operation.returns is str else f"a {operation.returns.__name__}"


def _told(reply: Reply) -> str:
    """Return a text that was promised."""
    _refuse_page(reply, "a text")
    text = without_blanks(_text(reply))
    if not text:
        raise ProtocolError("nothing, where a text is promised")
    return text


def _check_done(reply: Reply) -> None:
    """Refuse what says more than that it is done, where nothing else is promised."""
    if not reply.body:
        return
    media_type = _media_type(reply)
    if not _may_be_json(media_type):
        raise ContentTypeError(f"{reply.status} with {media_type}, where nothing is promised")
    _refuse_page(reply, "nothing")
    if len(reply.body) > DONE_TEXT:
        size = len(reply.body)
        raise ProtocolError(f"{reply.status} with {size} bytes, where nothing is promised")


def _refuse_page(reply: Reply, promise: str) -> None:
    begun = text_of(reply.body[:KEPT_TEXT], reply.content_type)
    if begun.lstrip("\ufeff \t\r\n").startswith("<"):
        raise ContentTypeError(f"{reply.status} with a page, where {promise} is promised")


def _text(reply: Reply) -> str:
    return text_of(reply.body, reply.content_type)


def _media_type(reply: Reply) -> str:
    return reply.content_type.partition(";")[0].strip().lower()


def _may_be_json(media_type: str) -> bool:
    """Accept what servers call JSON; some leave the type out or call it plain text."""
    plain = ("", "application/json", "text/plain", "text/json", "application/octet-stream")
    return media_type in plain or media_type.endswith("+json")


def status_error(reply: Reply) -> StatusError:
    """Make the error of a reply by which the server says no."""
    text = _text(reply)[:KEPT_TEXT]
    shown = f": {text[:SHOWN_TEXT]!r}" if text else ""
    return StatusError.of(
        reply.status,
        f"{_phrase(reply.status)}{shown}",
        text=text,
        retry_after=parse_retry_after(reply.headers.get("Retry-After")),
    )


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def parse_retry_after(value: str | None) -> float | None:
    """Read a Retry-After header, seconds or a date; `None` if it makes no sense."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = max(0.0, (moment - datetime.now(UTC)).total_seconds())
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


@attrs.frozen(eq=False, repr=False)
class BaseUrl(Record):
    """Where the server is: the prefix of every target, and the credentials that the URL held."""

    url: str
    username: str | None = attrs.field(default=None, repr=False)
    password: str | None = attrs.field(default=None, repr=False)

    def authorization(self) -> dict[str, str]:
        """Return the header that sends the credentials, if there are any."""
        if self.username is None:
            return {}
        credentials = f"{unquote(self.username)}:{unquote(self.password or '')}"
        return {"Authorization": f"Basic {b64encode(credentials.encode()).decode()}"}


def parse_base_url(text: str) -> BaseUrl:
    """Check the URL of a server and take the credentials out of it.

    Raises:
        InvalidArgumentError: It is not an http or https URL, or has a query or a fragment.
    """
    text = plain_text(text)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, _port(parts)
        text.encode()  # no lone surrogates
        (host or "").encode("idna")  # no label that a resolver would choke on
    except (ValueError, AttributeError, TypeError):
        raise InvalidArgumentError("base_url: not a URL") from None
    problem = (
        "its scheme is not http or https"
        if parts.scheme not in ("http", "https")
        else "it names no host"
        if not host
        else "its port is not from 1 to 65535"
        if port == 0
        else "it has a query or a fragment"
        if parts.query or parts.fragment
        else "it holds white space or control characters"
        if CONTROL_CHARACTERS.search(text) or " " in text
        else "its path is not percent-encoded"
        if not parts.path.isascii()
        else None
    )
    if problem:
        raise InvalidArgumentError(f"base_url: {problem}; such as http://localhost:1000 is needed")
    netloc = f"[{host}]" if host and ":" in host else host
    url = f"{parts.scheme}://{netloc}{'' if port is None else f':{port}'}{parts.path.rstrip('/')}"
    return BaseUrl(url, parts.username, parts.password)


def _port(parts: SplitResult) -> int | None:
    """Return the port of a URL; 0, which is none, for a number that is too large.

    Raises:
        ValueError: It is no number.
    """
    digits = parts.netloc.rpartition("@")[2].rpartition(":")[2]
    return 0 if digits.isdecimal() and int(digits[:9]) > 65535 else parts.port


def check_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Check headers that a user wants to be sent.

    Raises:
        InvalidArgumentError: A name or a value cannot be sent, or is the client's own business.
    """
    checked: dict[str, str] = {}
    for given in headers.items():
        name, value = map(plain_text, given)
        if not (isinstance(name, str) and HEADER_NAME.fullmatch(name)):
            raise InvalidArgumentError(f"headers: {name!r:.{SHOWN_TEXT}} is no header name")
        if name.lower() in OWN_HEADERS:
            raise InvalidArgumentError(f"headers: {name} is set by the client itself")
        if not (isinstance(value, str) and HEADER_VALUE.fullmatch(value)):
            raise InvalidArgumentError(f"headers: the value of {name} cannot be sent")
        checked[name] = value
    return checked


def check_seconds(name: str, value: float) -> None:
    """Check how long something may take.

    Raises:
        InvalidArgumentError: It is not a number above 0, infinity among them.
    """
    try:
        is_above_0 = isinstance(value, int | float) and float(value) > 0
    except OverflowError:
        raise InvalidArgumentError(f"{name}: more seconds than a float can hold") from None
    if isinstance(value, bool) or not is_above_0:
        raise InvalidArgumentError(f"{name}: seconds above 0, not {value!r}")


def check_count(name: str, value: int) -> None:
    """Check a number of connections, calls or attempts.

    Raises:
        InvalidArgumentError: It is not a whole number from 1.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidArgumentError(f"{name}: a whole number from 1, not {value!r}")
    if value > sys.maxsize:
        raise InvalidArgumentError(f"{name}: a whole number from 1 to {sys.maxsize}")

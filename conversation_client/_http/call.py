"""A call on its way: what is sent, how often, and how far it has come."""

import asyncio
import math
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cached_property
from types import NoneType
from typing import Any, Generic, TypeVar, cast

import attrs
from aiohttp import hdrs
from multidict import CIMultiDict

from conversation_client._http.head import HeadTemplate, build_head
from conversation_client._http.wire import (
    Id,
    Reply,
    Request,
    build_request,
    judge,
    unread,
)
from conversation_client._record import Record
from conversation_client._version import __version__
from conversation_client.errors import (
    ClientClosedError,
    ConversationClientError,
    DeadlineExceededError,
    NotFoundError,
    ServerUnresponsiveError,
)
from conversation_client.models.base import Document
from conversation_client.operations import Operation, spelled
from conversation_client.retry import OnRepeat, RetryPolicy, says_removed

T = TypeVar("T")

USER_AGENT = f"conversation-client/{__version__}"

Kind = tuple[bool, bool]
"""Of an operation: whether it promises no document, and whether it takes one."""


@attrs.frozen(eq=False, repr=False)
class Options(Record):
    """What `with_options` changes, and what follows from it for each kind of request."""

    timeout: float | None
    retry: RetryPolicy | None
    headers: Mapping[str, str]
    strict: bool = False
    """Whether replies are refused in which a value does not fit."""
    leaves: Callable[[ConversationClientError], bool] | None = None
    """Tells after which errors it is for somebody else to send again."""
    heads: dict[Operation[object], HeadTemplate] = attrs.field(
        init=False, factory=dict[Operation[object], HeadTemplate]
    )
    """Of requests of nothing but ids."""
    _by_kind: dict[Kind, CIMultiDict[str]] = attrs.field(
        init=False, factory=dict[Kind, CIMultiDict[str]]
    )
    _lines: dict[Kind, str] = attrs.field(init=False, factory=dict[Kind, str])

    def headers_for(self, operation: Operation[object]) -> CIMultiDict[str]:
        """Return the headers of an operation's requests; they are the same each time."""
        kind = _kind(operation)
        if kind not in self._by_kind:
            headers = CIMultiDict({hdrs.USER_AGENT: USER_AGENT, hdrs.ACCEPT_ENCODING: "identity"})
            for name, value in self.headers.items():
                headers[name] = value
            headers[hdrs.ACCEPT] = "text/plain" if kind[0] else "application/json"
            if operation.body is not None:
                headers[hdrs.CONTENT_TYPE] = "application/json"
            self._by_kind[kind] = headers
        return self._by_kind[kind]

    def lines_for(self, operation: Operation[object], host: str) -> str:
        """Return the same headers as they are sent to the host, which is always the same."""
        kind = _kind(operation)
        if kind not in self._lines:
            headers = CIMultiDict({hdrs.HOST: host})
            for name, value in self.headers_for(operation).items():
                headers[name] = value
            self._lines[kind] = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
        return self._lines[kind]


def _kind(operation: Operation[object]) -> Kind:
    return operation.returns in (NoneType, str), operation.body is not None


class Phase(Enum):
    """How far an attempt has come."""

    QUEUED = "waiting for a free connection"
    CONNECTING = "connecting"
    SENT = "waiting for the reply"


class Call(Generic[T]):
    """One call, from its arguments to what is told of it.

    Args:
        operation: The row.
        ids: Its path parameters, in order.
        options: Those of the client.
        transferables: As for `AsyncConversationClient.call`.
        body: The document to send.
        on_repeat: Called with the error of each attempt that is repeated.
    """

    loop: asyncio.AbstractEventLoop
    """That in which the call has begun."""
    began = 0.0
    """When that was, in the loop's time."""
    phase = Phase.QUEUED
    """How far the attempt under way is."""
    is_uncertain = False
    """Whether an attempt has failed that the server may have acted on."""

    def __init__(  # noqa: PLR0917  # it takes longer to make one of arguments with names
        self,
        operation: Operation[T],
        ids: tuple[Id, ...],
        options: Options,
        transferables: bool | None = None,
        body: Document | None = None,
        on_repeat: OnRepeat | None = None,
    ) -> None:
        self.operation = operation
        self.ids = ids
        self.options = options
        self.transferables = transferables
        self.body = body
        self.on_repeat = on_repeat
        # Not of the class, where Python takes longer to find what each call asks for.
        self.route: Operation[T] | None = None
        """The row on the path that is taken, if it has several."""
        self.deadline = math.inf
        """By when it must be over."""
        self.tried = 0
        """Attempts so far."""
        self.sent = 0
        """Requests that may have reached the server."""
        self.reply: Reply | None = None
        """That to the last attempt, whatever it says; `None` if there was none."""

    @cached_property
    def request(self) -> Request[T]:
        """What is sent, spelled in full.

        Raises:
            InvalidArgumentError: It cannot be sent.
        """
        row = self.route or self.operation
        return build_request(row, self.ids, transferables=self.transferables, body=self.body)

    def take(self, route: Operation[T]) -> None:
        """Take one of several paths."""
        self.route = route
        self.reply = None
        vars(self).pop("request", None)

    def become(self, ids: tuple[Id, ...], deadline: float) -> None:
        """Become the call of other ids, of which the first attempt has been made."""
        self.ids = ids
        self.deadline = deadline
        vars(self).pop("request", None)

    def spelled(self, host: str, prefix: str) -> tuple[bytes, bytes | None]:
        """Return the head and the body as they are sent to a host.

        Raises:
            InvalidArgumentError: It cannot be sent.
        """
        template = self.options.heads.get(self.route or self.operation)
        if template is not None and self.body is None and self.transferables is None:
            head = template.filled(self.ids)
            if head is not None:
                return head, None
        return self._spelled_in_full(host, prefix)

    def _spelled_in_full(self, host: str, prefix: str) -> tuple[bytes, bytes | None]:
        request, options = self.request, self.options
        operation = request.operation
        lines = options.lines_for(operation, host)
        if operation not in options.heads:
            options.heads[operation] = HeadTemplate(operation, prefix, lines)
        return build_head(request, prefix, lines), request.body

    def settle(self, error: ConversationClientError) -> None:
        """Let an error and the number of requests agree on whether anything was sent."""
        if self.phase is not Phase.SENT:
            error.effect = "none"
        elif error.effect == "none":
            self.sent -= 1

    def late(self) -> ConversationClientError:
        """Make the error of a call whose time is up."""
        text = f"time is up after {self.options.timeout} s, {self.phase.value}"
        if self.phase is Phase.CONNECTING:
            return ServerUnresponsiveError(text)
        error = DeadlineExceededError(f"{text}; a longer `timeout` allows more, and None any time")
        if self.phase is Phase.QUEUED:
            error.effect = "none"
        return error

    def closed_meanwhile(self) -> ClientClosedError:
        """Make the error of a call during which the client was closed."""
        error = ClientClosedError("closed while the call was under way")
        error.effect = "unknown" if self.sent else "none"
        return error

    def cancelled(self, error: asyncio.CancelledError) -> None:
        """Tell a batch, which may have ended the call, whether anything was sent."""
        if not self.sent:
            cast("Any", error).effect = "none"  # as an error of ours has it

    def named(self, error: ConversationClientError) -> ConversationClientError:
        """Put the call into its error."""
        if isinstance(error, NotFoundError) and error.operation is None:
            since = spelled(self.operation.since)
            error.args = (f"{error.args[0]}; Pieces OS has this operation from API {since} on",)
        error.operation = self.operation.id
        error.ids = self.request.ids
        error.attempts = self.sent
        if self.is_uncertain:  # an earlier attempt may have reached the server
            error.effect = "unknown"
        return error

    def judge(self, reply: Reply) -> T:
        """Return what comes of a reply, or raise why nothing does."""
        return judge(self.operation, reply, self.options.strict)

    def removed_before(self, error: ConversationClientError) -> bool:
        """Tell whether an item is unknown because an earlier attempt has removed it after all."""
        return self.is_uncertain and says_removed(self.operation.id, error)


class RawCall(Call[Any]):
    """A call of which the reply itself is wanted."""

    def judge(self, reply: Reply) -> Reply:
        """Return the reply, if it is of the kind that is promised."""
        return unread(self.operation, reply)

    def removed_before(self, error: ConversationClientError) -> bool:
        """Have the error told: there is no reply that says it is done."""
        return False

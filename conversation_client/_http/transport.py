"""Sending a call: its deadline, its attempts, and what they come to."""

import asyncio
import logging
import time
from collections.abc import Mapping
from enum import Enum
from types import NoneType
from typing import Generic, TypeVar, cast

import aiohttp
import attrs
from aiohttp import hdrs
from multidict import CIMultiDict

from conversation_client._http.connection import Connector
from conversation_client._http.exchange import (
    AIOHTTP_ERRORS,
    exchange,
    receive,
    translated,
    without_heads,
)
from conversation_client._http.session import Session
from conversation_client._http.wire import Reply, Request, build_head, judge
from conversation_client._logging import logger
from conversation_client._version import __version__
from conversation_client.errors import (
    ClientClosedError,
    ConversationClientError,
    DeadlineExceededError,
    ServerUnresponsiveError,
)
from conversation_client.operations import Operation
from conversation_client.retry import (
    OnFailure,
    RetryBudget,
    RetryPolicy,
    may_repeat,
    says_removed,
)

T = TypeVar("T")

USER_AGENT = f"conversation-client/{__version__}"


@attrs.frozen
class Options:
    """What `with_options` changes."""

    timeout: float | None
    retry: RetryPolicy | None
    headers: Mapping[str, str]
    _by_kind: dict[tuple[bool, bool], CIMultiDict[str]] = attrs.field(
        init=False, factory=dict[tuple[bool, bool], CIMultiDict[str]]
    )
    _lines: dict[tuple[bool, bool], str] = attrs.field(
        init=False, factory=dict[tuple[bool, bool], str]
    )

    def headers_for(self, operation: Operation[object]) -> CIMultiDict[str]:
        """Return the headers of an operation's requests; they are the same each time."""
        kind = _kind(operation)
        if kind not in self._by_kind:
            headers = CIMultiDict({hdrs.USER_AGENT: USER_AGENT, hdrs.ACCEPT_ENCODING: "identity"})
            for name, value in self.headers.items():
                headers[name] = value
            headers[hdrs.ACCEPT] = (
                "text/plain" if operation.returns is NoneType else "application/json"
            )
            if operation.body is not None:
                headers[hdrs.CONTENT_TYPE] = "application/json"
            self._by_kind[kind] = headers
        return self._by_kind[kind]

    def lines_for(self, operation: Operation[object], host: str) -> str:
        """Return the same headers as they are sent to a host."""
        kind = _kind(operation)
        if kind not in self._lines:
            headers = CIMultiDict({hdrs.HOST: host})
            for name, value in self.headers_for(operation).items():
                headers[name] = value
            self._lines[kind] = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
        return self._lines[kind]


def _kind(operation: Operation[object]) -> tuple[bool, bool]:
    return operation.returns is NoneType, operation.body is not None


class Phase(Enum):
    """How far an attempt has come."""

    QUEUED = "waiting for a free connection"
    CONNECTING = "connecting"
    SENT = "waiting for the reply"


class Late(Exception):  # noqa: N818
    """The time of a call is up."""


@attrs.define
class Attempt:
    """What a request came to that was sent elsewhere: its reply, or what happened to it."""

    began: float
    """In the loop's time."""
    phase: Phase
    """How far it came."""
    outcome: Reply | Exception


class Transport:
    """The way to one server: the session to it, and the budget for retries."""

    def __init__(
        self, url: str, session: aiohttp.ClientSession | None, max_connections: int
    ) -> None:
        self.url = url
        self.session = Session(url, session, max_connections)
        self.budget = RetryBudget()

    async def send(
        self,
        request: Request[T],
        options: Options,
        on_failure: OnFailure | None = None,
        first: Attempt | None = None,
    ) -> T:
        """Send a request, again where that is safe and may help, and return what came back.

        Args:
            request: What to send.
            options: The deadline, the headers, and whether to send again.
            on_failure: Called with the error of each attempt that fails, repeated or not.
            first: What the first attempt came to, where that has been made already.

        Raises:
            ConversationClientError: One that says which call it was and how often it was tried.
        """
        call = _Call(request, options, on_failure, first)
        try:
            async with asyncio.timeout_at(call.deadline) as deadline:
                while True:
                    try:
                        return await self._try(call)
                    except ConversationClientError as error:
                        wait = self._wait_before_retry(call, error, deadline.when())
                        if wait is None:
                            raise
                    await asyncio.sleep(wait)
        except TimeoutError as error:
            raise call.named(call.late()) from error
        except ConversationClientError as error:
            call.named(error)
            raise

    def _wait_before_retry(
        self, call: "_Call[T]", error: ConversationClientError, deadline: float | None
    ) -> float | None:
        """Return the seconds until the next attempt; `None` where there is to be none."""
        policy = call.options.retry
        if policy is None or call.tried >= policy.attempts:
            return None
        if not may_repeat(call.request.operation, error, call.tried):
            return None
        wait = policy.wait(call.tried, getattr(error, "retry_after", None))
        if wait is None:
            return None
        if deadline is not None and asyncio.get_running_loop().time() + wait >= deadline:
            return None
        return wait if self.budget.spend(error) else None

    async def _try(self, call: "_Call[T]") -> T:
        call.begin()
        try:
            result = judge(call.request.operation, await self._exchange(call))
        except ConversationClientError as error:
            call.end(error)
            if not call.removed_before(error):
                raise
            return cast(T, None)
        call.end(None)
        self.budget.earn()
        return result

    async def _exchange(self, call: "_Call[T]") -> Reply:
        try:
            if call.first is not None:
                return call.take_first()
            way = self.session.open()
            await self.session.acquire()
            try:
                if isinstance(way, Connector):
                    return await self._send(way, call)
                return await self._send_through(way, call)
            finally:
                self.session.connections.release()
        except ConversationClientError:
            raise  # some of which are OSErrors, too
        except (*AIOHTTP_ERRORS, RuntimeError) as error:
            if self.session.is_closed:
                raise _closed_meanwhile(call) from error
            if isinstance(error, RuntimeError):
                raise
            ours = translated(error, self.url)
            call.settle(ours)
            raise ours from without_heads(error)

    async def _send(self, connector: Connector, call: "_Call[T]") -> Reply:
        call.phase = Phase.CONNECTING
        connection, handler = await connector.take()
        request = call.request
        headers = call.options.lines_for(request.operation, connector.host)
        try:
            handler.send(build_head(request, connector.prefix, headers), request.body)
            call.leave()
            reply = await receive(handler, request)
        except BaseException:
            connection.close()
            raise
        connection.release()
        return reply

    async def _send_through(self, session: aiohttp.ClientSession, call: "_Call[T]") -> Reply:
        """Send through a session, which does not say when a request leaves."""
        # Let the loop see, in two rounds, what the server has closed.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        call.leave()
        headers = call.options.headers_for(call.request.operation)
        return await exchange(session, self.url, call.request, headers)


class _Call(Generic[T]):
    """One call: what is sent, how often, and how far the current attempt is."""

    def __init__(
        self,
        request: Request[T],
        options: Options,
        on_failure: OnFailure | None,
        first: Attempt | None,
    ) -> None:
        self.request = request
        self.options = options
        self.first = first
        self._on_failure = on_failure
        self.tried = 0
        self.sent = 0
        self.phase = Phase.QUEUED
        self._began = 0.0
        self._uncertain = False

    @property
    def deadline(self) -> float | None:
        """The loop's time by which the call must be over."""
        if self.options.timeout is None:
            return None
        began = self.first.began if self.first else asyncio.get_running_loop().time()
        return began + self.options.timeout

    def take_first(self) -> Reply:
        """Return or raise what the first attempt came to.

        Raises:
            Exception: What it failed with.
        """
        assert self.first is not None  # noqa: S101
        first, self.first = self.first, None
        self.phase = first.phase
        self.sent = int(first.phase is Phase.SENT)
        if isinstance(first.outcome, Late):
            raise self.late()
        if isinstance(first.outcome, Exception):
            raise first.outcome
        return first.outcome

    def begin(self) -> None:
        """Begin an attempt."""
        self.tried += 1
        self.phase = Phase.QUEUED
        self._began = time.perf_counter()

    def leave(self) -> None:
        """Note that the request is about to leave."""
        self.sent += 1
        self.phase = Phase.SENT

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
        error = DeadlineExceededError(text)
        if self.phase is Phase.QUEUED:
            error.effect = "none"
        return error

    def named(self, error: ConversationClientError) -> ConversationClientError:
        """Put the call into its error."""
        error.operation = self.request.operation.id
        error.ids = self.request.ids
        error.attempts = self.sent
        if self._uncertain:  # an earlier attempt may have reached the server
            error.effect = "unknown"
        return error

    def removed_before(self, error: ConversationClientError) -> bool:
        """Tell whether an item is unknown because an earlier attempt has removed it after all."""
        return self._uncertain and says_removed(self.request.operation.id, error)

    def end(self, error: ConversationClientError | None) -> None:
        """Note and log how an attempt ended; never anything that was sent or received."""
        if error is not None and error.effect == "unknown":
            self._uncertain = True
        if error is not None and self._on_failure is not None:
            self._on_failure(error)
        if logger.isEnabledFor(logging.DEBUG):
            outcome = "done" if error is None else getattr(error, "status", type(error).__name__)
            elapsed = (time.perf_counter() - self._began) * 1e3
            logger.debug(
                "%s: %s in %.1f ms, attempt %d",
                self.request.operation.id,
                outcome,
                elapsed,
                self.tried,
            )


def _closed_meanwhile(call: "_Call[T]") -> ClientClosedError:
    error = ClientClosedError("closed while the call was under way")
    error.effect = "unknown" if call.sent else "none"
    return error

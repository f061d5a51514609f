"""Sending a call: its attempts, what they come to, and when there is another."""

import asyncio
import logging
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar, cast

from conversation_client._http.call import Call, Phase
from conversation_client._http.connection import Late
from conversation_client._http.dialect import Dialect
from conversation_client._http.exchange import AIOHTTP_ERRORS, translated, without_heads
from conversation_client._http.session import Session
from conversation_client._http.wire import Reply
from conversation_client._interpreter import lack_of_threads, running_loop
from conversation_client._logging import logger
from conversation_client.errors import (
    ConversationClientError,
    InvalidArgumentError,
    NotFoundError,
)
from conversation_client.retry import RetryBudget, may_repeat

T = TypeVar("T")

QUEUED = Phase.QUEUED

Attempt = Callable[[Call[Any]], Awaitable[Reply]]
"""Sends a call once and returns the reply; it keeps the deadline, and notes how far it comes."""


class Transport:
    """The way to one server: how attempts are made, and the budget for repeating them.

    Args:
        session: That of the client.
        attempt: How an attempt is made.
        dialect: Which paths the server has.
    """

    def __init__(self, session: Session, attempt: Attempt, dialect: Dialect) -> None:
        self.session = session
        self.dialect = dialect
        self.budget = RetryBudget()
        self._attempt = attempt

    async def send(self, call: Call[T], first: Attempt | None = None) -> T:
        """Send a call, again where that is safe and may help, and return what came back.

        Args:
            call: What to send.
            first: How the first attempt is made, if not as all others are.

        Raises:
            ConversationClientError: One that says which call it was and how often it was tried.
        """
        if call.route is None and self._begin(call):
            return await self._send_in_dialect(call, first)
        attempt = first or self._attempt
        while True:
            call.tried += 1
            call.phase = QUEUED
            began = time.perf_counter()
            try:
                call.reply = reply = await attempt(call)
                result = call.judge(reply)
            except Exception as caught:
                error = self._failure(call, caught, began)
                if call.removed_before(error):
                    return cast("T", None)
                wait = self._wait_before_retry(call, error)
                if wait is None:
                    raise call.named(error)  # noqa: B904  # it has its cause
            else:
                if logger.isEnabledFor(logging.DEBUG):
                    _log(call, "done", began)
                if self.budget.spent:
                    self.budget.earn()
                return result
            call.reply = None
            await asyncio.sleep(wait)
            attempt = self._attempt

    def _begin(self, call: Call[Any]) -> bool:
        """Begin the time of a call; tell whether its path depends on the server."""
        call.loop = running_loop()
        call.began = call.loop.time()
        if call.options.timeout is not None:
            call.deadline = call.began + call.options.timeout
        return call.operation.later_path is not None or self.dialect.version is not None

    async def _send_in_dialect(self, call: Call[T], first: Attempt | None) -> T:
        """Send a call on the path that the server has; if nobody knows it yet, find out.

        No operation documents a 404, so that it is the path that is missing. One call at a time
        finds out, and others wait for it.
        """
        dialect, refused = self.dialect, set[bool]()
        dialect.check(call.operation)
        while True:
            is_later = dialect.is_later
            if is_later is not None and is_later not in refused:
                try:
                    return await self._send_on(call, first, is_later=is_later)
                except NotFoundError:
                    if dialect.version is not None or call.operation.later is None or refused:
                        raise
                    refused.add(is_later)
                    dialect.forget(is_later)
            async with self._turn(call):
                if dialect.is_later is None or dialect.is_later in refused:
                    return await self._find_out(call, refused)

    async def _find_out(self, call: Call[T], refused: set[bool]) -> T:
        """Send a call on each path that it was not refused on, until the server has one."""
        *others, last = (is_later for is_later in (False, True) if is_later not in refused)
        for is_later in others:
            with suppress(NotFoundError):
                return await self._learn(call, is_later)
        return await self._learn(call, last)

    async def _learn(self, call: Call[T], is_later: bool) -> T:
        try:
            result = await self._send_on(call, None, is_later=is_later)
        except ConversationClientError as error:
            self.dialect.learn(is_later, error)
            raise
        self.dialect.learn(is_later, None)
        return result

    async def _send_on(self, call: Call[T], first: Attempt | None, *, is_later: bool) -> T:
        call.take((call.operation.later if is_later else None) or call.operation)
        try:
            return await self.send(call, first)
        except NotFoundError:
            call.tried -= 1  # another path is no retry
            raise

    @asynccontextmanager
    async def _turn(self, call: Call[Any]) -> AsyncGenerator[None, None]:
        """Wait until no other call is finding out.

        Raises:
            ConversationClientError: The call's time is up.
        """
        turn = self.dialect.turn
        call.phase = QUEUED
        try:
            async with asyncio.timeout_at(call.deadline if math.isfinite(call.deadline) else None):
                await turn.acquire()
        except TimeoutError:
            raise call.named(call.late()) from None
        except asyncio.CancelledError as cancelled:
            call.cancelled(cancelled)
            raise
        try:
            yield
        finally:
            turn.release()

    def _failure(self, call: Call[Any], caught: Exception, began: float) -> ConversationClientError:
        """Return our own error for what ended an attempt.

        Raises:
            InvalidArgumentError: There was no attempt.
            Exception: It is no failure of an attempt, but a bug.
        """
        if isinstance(caught, InvalidArgumentError):
            raise caught
        error = self._ours(call, caught)
        if error is not caught:
            error.__cause__ = without_frames(without_heads(caught))
        if error.effect == "unknown":
            call.is_uncertain = True
        _log(call, getattr(error, "status", type(error).__name__), began)
        return error

    def _ours(self, call: Call[Any], caught: Exception) -> ConversationClientError:
        if isinstance(caught, ConversationClientError):
            return caught
        if isinstance(caught, Late):
            return call.late()
        if not isinstance(caught, (*AIOHTTP_ERRORS, RuntimeError)):
            raise caught
        if self.session.is_closed:
            return call.closed_meanwhile()
        error = _lack(caught) or translated(caught, self.session.url)
        call.settle(error)
        return error

    def _wait_before_retry(self, call: Call[T], error: ConversationClientError) -> float | None:
        """Return the seconds until the next attempt, which somebody may want to know of.

        It is `None` where there is to be none.
        """
        policy = call.options.retry
        if policy is None or call.tried >= policy.attempts:
            return None
        if not may_repeat(call.operation, error, call.tried):
            return None
        if call.options.leaves is not None and call.options.leaves(error):
            return None
        wait = policy.wait(call.tried, getattr(error, "retry_after", None))
        if wait is None or call.loop.time() + wait >= call.deadline:
            return None
        if not self.budget.spend(error):
            return None
        if call.on_repeat is not None:
            call.on_repeat(error)
        return wait


def without_frames(error: BaseException) -> BaseException:
    """Return an error and what caused it without the frames of aiohttp, which help nobody.

    What somebody was handling meanwhile, which is only the context of them all, keeps its own.
    """
    cause: BaseException | None = error
    while cause is not None:
        cause.__traceback__ = None
        cause = cause.__cause__
    return error


def _lack(caught: Exception) -> ConversationClientError | None:
    """Return our error for what the interpreter lacks, if that is what was caught.

    Raises:
        RuntimeError: It is another one.
    """
    if not isinstance(caught, RuntimeError):
        return None
    error = lack_of_threads(caught)
    if error is None:
        raise caught
    return error


def _log(call: Call[Any], outcome: object, began: float) -> None:
    """Log how an attempt ended; never anything that was sent or received."""
    elapsed = (time.perf_counter() - began) * 1e3
    logger.debug("%s: %s in %.1f ms, attempt %d", call.operation.id, outcome, elapsed, call.tried)

"""Blocking twins of async methods."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from enum import Enum, auto
from functools import partial, wraps
from inspect import BoundArguments, isawaitable, signature
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from conversation_client._batch.source import Source
from conversation_client._caller import FORKED, Caller
from conversation_client._runner import CLEAN_UP, Runner
from conversation_client.batch import BatchProgress
from conversation_client.errors import ClientClosedError, ConversationClientError

A_co = TypeVar("A_co", covariant=True)
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

INPUTS = ("ids", "associations")
"""Arguments that are gone through in the caller's thread."""


class Facade(Generic[A_co]):
    """What has blocking twins of the methods of something async."""

    _client: A_co
    _runner: Runner


def blocking(
    method: Callable[Concatenate[A_co, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate["Facade[A_co]", P], R]:
    """Return the blocking twin of an async method: the same signature, the same docstring."""

    @wraps(method)
    def call(self: "Facade[A_co]", /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return self._runner.run(partial(method, self._client, *args, **kwargs))  # pyright: ignore[reportPrivateUsage]  # our own class
        except TypeError:
            _bind(self, method, *args, **kwargs)
            raise

    return call


def blocking_batch(
    method: Callable[Concatenate[A_co, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate["Facade[A_co]", P], R]:
    """Return the blocking twin of a method whose input and callback are for the caller's thread."""

    @wraps(method)
    def call(self: "Facade[A_co]", /, *args: P.args, **kwargs: P.kwargs) -> R:
        caller = Caller()
        bound = _bound(self, method, caller, *args, **kwargs)
        return self._runner.run(partial(method, *bound.args, **bound.kwargs), caller)  # pyright: ignore[reportPrivateUsage]  # our own class

    return call


def _bind(
    facade: Facade[object], method: Callable[..., object], *args: Any, **kwargs: Any
) -> BoundArguments:
    """Return the arguments of a method by their names.

    Raises:
        TypeError: They do not fit; it is told of the blocking method, which was called.
    """
    try:
        return signature(method).bind(facade._client, *args, **kwargs)  # pyright: ignore[reportPrivateUsage]  # our own class
    except TypeError as error:
        raise TypeError(f"{type(facade).__name__}.{method.__name__}(): {error}") from None


def _bound(
    facade: Facade[object],
    method: Callable[..., object],
    caller: Caller,
    *args: Any,
    **kwargs: Any,
) -> BoundArguments:
    """Return the arguments of a batch, with errands in place of what the caller's thread is to do."""
    bound = _bind(facade, method, *args, **kwargs)
    given = bound.arguments
    for name in INPUTS:
        if name in given:
            given[name] = Source(name, given[name], caller.ask)
    on_progress = given.get("on_progress")
    if callable(on_progress):

        async def tell(progress: BatchProgress) -> None:
            told = await caller.ask(partial(on_progress, progress))
            if isawaitable(told):
                await told

        given["on_progress"] = tell
    return bound


class _End(Enum):
    END = auto()


def blocking_iterator(
    method: Callable[Concatenate[A_co, P], AsyncGenerator[R, None]],
    *,
    ends_with_client: bool = False,
) -> Callable[Concatenate["Facade[A_co]", P], Generator[R, None, None]]:
    """Return the blocking twin of a method that returns an async iterator.

    Args:
        method: The method.
        ends_with_client: Whether it is no error that the client is closed meanwhile.
    """

    @wraps(method)
    def call(
        self: "Facade[A_co]", /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[R, None, None]:
        caller = Caller()
        bound = _bound(self, method, caller, *args, **kwargs)
        items = _one_by_one(self, caller, method(*bound.args, **bound.kwargs))
        return _while_open(items) if ends_with_client else items

    return call


def _while_open(items: Generator[R, None, None]) -> Generator[R, None, None]:
    """Go through something until its client is closed, if it was open at first."""
    has_begun = False
    with contextlib.closing(items):
        try:
            for item in items:
                has_begun = True
                yield item
        except ClientClosedError:
            if not has_begun:
                raise


def _one_by_one(
    client: "Facade[object]", caller: Caller, items: AsyncGenerator[R, None]
) -> Generator[R, None, None]:
    runner, process = client._runner, os.getpid()  # pyright: ignore[reportPrivateUsage]  # our own class
    lock = asyncio.Lock()  # what Ctrl-C has cancelled may still be on its way out

    async def take() -> R | _End:
        async with lock:
            runner.generators.add(items)  # on the loop's thread, like whoever goes through them
            return await anext(items, _End.END)

    async def close() -> None:
        async with lock:
            await items.aclose()

    async def close_soon() -> None:
        is_free = not lock.locked()
        closing = asyncio.create_task(close())
        if is_free:  # or it had its time to end
            await asyncio.wait([closing], timeout=CLEAN_UP)

    def run(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if os.getpid() != process:
            raise ConversationClientError(FORKED)
        return runner.run(make, caller, keep_running=True)

    end = close
    try:
        while (item := run(take)) is not _End.END:
            yield item
    except GeneratorExit:
        raise
    except BaseException:
        end = close_soon
        raise
    finally:
        # A client that was closed has ended it, and on the client's own loop Python closes it.
        with contextlib.suppress(ConversationClientError):
            run(end)

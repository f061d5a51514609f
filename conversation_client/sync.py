"""The blocking client: one typed line for each method, and the event loop that runs them."""

import asyncio
import concurrent.futures
import contextlib
import copy
import os
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable, Mapping
from enum import Enum, auto
from functools import partial, wraps
from types import EllipsisType, TracebackType
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar

import aiohttp

from conversation_client._fork import call_after_fork
from conversation_client.batch import BatchProgress, BatchReport
from conversation_client.client import AsyncConversationClient
from conversation_client.errors import ClientClosedError, ConversationClientError
from conversation_client.journal import read_journal
from conversation_client.retry import RetryPolicy

P = ParamSpec("P")
R = TypeVar("R")
Call = Callable[[], Coroutine[Any, Any, R]]

ROUNDS = 30
"""Rounds of the loop in which what is under way ends by itself once the client is closed.

A batch needs a few to tell what became of its items. What still waits then is cancelled.
"""
CLOSED_MEANWHILE = "closed while the call was under way"


class _LoopRunner:
    """Runs coroutines on one event loop, wherever that can run.

    A call runs the loop in the caller's own thread, which costs a fraction of handing it to
    another. The first time that this cannot be, because that thread has a running loop (as in a
    notebook) or another thread's call is under way, the loop moves to a thread of its own for good.
    """

    def __init__(self) -> None:
        self._closed = False
        self._start_afresh()
        call_after_fork(self)

    def _start_afresh(self) -> None:
        self._guard = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._thread_wanted = False
        self._busy = False
        self.generators = weakref.WeakSet[AsyncGenerator[Any, None]]()
        """What blocking iterators take their items from; closed with the loop."""

    def after_fork(self) -> object:
        """Leave the loop to the parent process and start without one."""
        loop = self._loop
        self._start_afresh()
        return loop

    def run(self, call: Call[R], *, keep_running: bool = False) -> R:
        """Run a coroutine to its end and return its result.

        Args:
            call: Makes the coroutine.
            keep_running: Whether the loop has to go on after it, for tasks that it leaves.

        Raises:
            ClientClosedError: The client is closed, or was closed during the call.
            ConversationClientError: The call comes from a coroutine on this very loop.
        """
        return self._dispatch(call, needs_thread=keep_running)

    def close(self, last: Call[None]) -> None:
        """Run one more coroutine, end all other calls, and close the loop; twice does nothing.

        Raises:
            ConversationClientError: The call comes from a coroutine on this very loop.
        """
        with self._guard:
            if self._closed:
                return
            self._refuse_own_loop()
            self._closed = True
        if self._loop is None:
            return
        self._dispatch(partial(_finish, last, self.generators), closing=True)
        with self._guard:
            self._guard.wait_for(lambda: not self._busy)
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    def _dispatch(self, call: Call[R], *, closing: bool = False, needs_thread: bool = False) -> R:
        needs_thread = needs_thread or _running_loop() is not None
        future: concurrent.futures.Future[R] | None = None
        runs_here = False
        try:
            with self._guard:
                if self._closed and not closing:
                    raise ClientClosedError("this client is closed")
                if self._loop is None:
                    self._loop = asyncio.new_event_loop()
                loop = self._loop
                self._refuse_own_loop()
                if not needs_thread and self._thread is None and not self._busy:
                    runs_here = self._busy = True
                else:
                    self._want_thread()
                    # Kept before the call can begin, so that Ctrl-C at any moment cancels it.
                    future = concurrent.futures.Future[R]()
                    loop.call_soon_threadsafe(_start, loop, call, future)
            return _run_here(loop, call) if future is None else _result(future)
        finally:
            if future is not None:
                future.cancel()  # which does nothing to a finished call
            if runs_here:
                self._free_loop()

    def _free_loop(self) -> None:
        with self._guard:
            self._busy = False
            self._guard.notify_all()
            if self._thread_wanted:
                self._want_thread()

    def _refuse_own_loop(self) -> None:
        if self._loop is not None and self._loop is _running_loop():
            raise ConversationClientError(
                "a blocking call from a coroutine on the client's own event loop would wait"
                " for itself: use AsyncConversationClient there"
            )

    def _want_thread(self) -> None:
        """Give the loop a thread, at once or when the call that runs it in its own is over."""
        self._thread_wanted = True
        if self._thread is None and not self._busy and self._loop is not None:
            self._thread = threading.Thread(
                target=_run_until_stopped,
                args=(self._loop,),
                name="conversation-client",
                daemon=True,
            )
            self._thread.start()


async def _stopping(loop: asyncio.AbstractEventLoop, call: Call[R]) -> R:
    """Stop the loop with the last step of a call; `run_until_complete` would need another round."""
    try:
        return await call()
    finally:
        loop.stop()


def _run_until_done(loop: asyncio.AbstractEventLoop, task: asyncio.Task[R]) -> None:
    while not task.done():  # what else may have stopped the loop
        loop.run_forever()


def _run_here(loop: asyncio.AbstractEventLoop, call: Call[R]) -> R:
    task = loop.create_task(_stopping(loop, call))
    try:
        _run_until_done(loop, task)
        return task.result()
    except asyncio.CancelledError:
        raise ClientClosedError(CLOSED_MEANWHILE) from None
    except BaseException:
        if not task.done():  # interrupted
            task.cancel()
            with contextlib.suppress(BaseException):
                _run_until_done(loop, task)
        if task.done() and not task.cancelled():
            task.exception()  # or asyncio would log that nobody has seen it
        raise


def _start(
    loop: asyncio.AbstractEventLoop, call: Call[R], future: concurrent.futures.Future[R]
) -> None:
    """Run a call on the loop whose thread this is, unless its caller has been interrupted."""
    if future.cancelled():
        return

    async def run() -> R:
        return await call()  # whose arguments may be wrong

    task = loop.create_task(run())

    def cancel(_: object) -> None:
        if future.cancelled():
            with contextlib.suppress(RuntimeError):  # the loop may have been closed since
                loop.call_soon_threadsafe(task.cancel)

    def pass_on(_: object) -> None:
        if not future.set_running_or_notify_cancel():
            if not task.cancelled():
                task.exception()  # or asyncio would log that nobody has seen it
        elif task.cancelled():
            future.set_exception(concurrent.futures.CancelledError())
        elif (error := task.exception()) is not None:
            future.set_exception(error)
        else:
            future.set_result(task.result())

    future.add_done_callback(cancel)
    task.add_done_callback(pass_on)


def _run_until_stopped(loop: asyncio.AbstractEventLoop) -> None:
    while True:
        with contextlib.suppress(BaseException):  # `sys.exit` in a callback ends only its call
            return loop.run_forever()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _result(future: concurrent.futures.Future[R]) -> R:
    try:
        return future.result()
    except concurrent.futures.CancelledError:
        raise ClientClosedError(CLOSED_MEANWHILE) from None


async def _finish(last: Call[None], generators: Iterable[AsyncGenerator[Any, None]]) -> None:
    await last()
    for _ in range(ROUNDS):
        await asyncio.sleep(0)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for generator in tuple(generators):
        await generator.aclose()


def blocking(
    method: Callable[Concatenate[AsyncConversationClient, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate["ConversationClient", P], R]:
    """Return the blocking twin of an async method: the same signature, the same docstring."""

    @wraps(method)
    def call(self: "ConversationClient", /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._runner.run(partial(method, self._client, *args, **kwargs))  # pyright: ignore[reportPrivateUsage]  # our own class

    return call


class _End(Enum):
    END = auto()


def blocking_iterator(
    method: Callable[Concatenate[AsyncConversationClient, P], AsyncGenerator[R, None]],
) -> Callable[Concatenate["ConversationClient", P], Generator[R, None, None]]:
    """Return the blocking twin of a method that returns an async iterator."""

    @wraps(method)
    def call(
        self: "ConversationClient", /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[R, None, None]:
        return _one_by_one(self, method(self._client, *args, **kwargs))  # pyright: ignore[reportPrivateUsage]  # our own class

    return call


def _one_by_one(
    client: "ConversationClient", items: AsyncGenerator[R, None]
) -> Generator[R, None, None]:
    runner = client._runner  # pyright: ignore[reportPrivateUsage]  # our own class
    lock = asyncio.Lock()  # what Ctrl-C has cancelled may still be on its way out

    async def take() -> R | _End:
        async with lock:
            runner.generators.add(items)  # on the loop's thread, like whoever goes through them
            return await anext(items, _End.END)

    async def close() -> None:
        async with lock:
            await items.aclose()

    run = partial(runner.run, keep_running=True)
    try:
        while (item := run(take)) is not _End.END:
            yield item
    finally:
        # A client that was closed has ended it, and on the client's own loop Python closes it.
        with contextlib.suppress(ConversationClientError):
            run(close)


class ConversationClient:
    """Blocking client of one Pieces OS, for scripts, notebooks and threads.

    ```python
    with ConversationClient() as client:
        print(client.get_messages(conversation_id).iterable[0].fragment)
    ```

    The methods are those of `AsyncConversationClient`, without `await`. They may be called from
    any thread and where an event loop is running, but not from a coroutine or callback on the
    client's own loop, which is where `on_progress` is called. Ctrl-C cancels the call that it
    interrupts. A program may end without closing the client.

    Args:
        base_url: Where the server is, http or https; by default the environment variable
            `CONVERSATION_CLIENT_BASE_URL`, and without it `http://localhost:1000`.
        session: A session to use, made on the client's own loop; it is never closed.
        timeout: Seconds that a whole call may take, retries included; `None` for no bound.
        retry: When a failed call is sent again; `None` for never.
        headers: Sent with every request, for instance `X-Application-ID`.
        max_connections: Connections at the same time, at least 1.

    Raises:
        InvalidArgumentError: An argument is out of range.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        session: aiohttp.ClientSession | None = None,
        timeout: float | None = 30.0,
        retry: RetryPolicy | None = RetryPolicy(),  # noqa: B008  # frozen
        headers: Mapping[str, str] | None = None,
        max_connections: int = 64,
    ) -> None:
        self._client = AsyncConversationClient(
            base_url,
            session=session,
            timeout=timeout,
            retry=retry,
            headers=headers,
            max_connections=max_connections,
        )
        self._runner = _LoopRunner()
        self._viewed: ConversationClient | None = None
        self._finalizer = weakref.finalize(self, self._runner.close, self._client.aclose)
        # A program may end while another thread's call is under way, and nobody would see its error.
        self._finalizer.atexit = False
        self._client._transport.session.warns = False  # pyright: ignore[reportPrivateUsage]  # our own class

    def __repr__(self) -> str:
        """Show where the server is; headers may be secret."""
        return repr(self._client).removeprefix("Async")

    def __enter__(self) -> Self:
        """Return the client; its session opens with the first call."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        self.close()

    def close(self) -> None:
        """Close the client and its loop; closing twice does nothing.

        Calls under way in other threads end in `ClientClosedError`, and batches with a report
        whose `ended_by` that is. Closing a view does nothing.
        """
        if self._viewed is None:
            self._runner.close(self._client.aclose)
            self._finalizer.detach()

    def with_options(
        self,
        *,
        timeout: float | EllipsisType | None = ...,
        retry: RetryPolicy | EllipsisType | None = ...,
        headers: Mapping[str, str] | EllipsisType = ...,
    ) -> Self:
        """Return a view of this client with other options, on the same session and loop.

        Args:
            timeout: As for the class; left out, this client's.
            retry: As for the class; left out, this client's.
            headers: Sent in addition to this client's, or in place of those of the same name.

        Raises:
            InvalidArgumentError: An argument is out of range.
        """
        view = copy.copy(self)
        view._client = self._client.with_options(timeout=timeout, retry=retry, headers=headers)
        view._viewed = self
        return view

    call: Final = blocking(AsyncConversationClient.call)
    get_conversation: Final = blocking(AsyncConversationClient.get_conversation)
    get_messages: Final = blocking(AsyncConversationClient.get_messages)
    update_conversation: Final = blocking(AsyncConversationClient.update_conversation)
    rename_conversation: Final = blocking(AsyncConversationClient.rename_conversation)
    summarize_conversation: Final = blocking(AsyncConversationClient.summarize_conversation)
    increment_scores: Final = blocking(AsyncConversationClient.increment_scores)
    associate_anchor: Final = blocking(AsyncConversationClient.associate_anchor)
    associate_asset: Final = blocking(AsyncConversationClient.associate_asset)
    associate_message: Final = blocking(AsyncConversationClient.associate_message)
    associate_range: Final = blocking(AsyncConversationClient.associate_range)
    associate_website: Final = blocking(AsyncConversationClient.associate_website)
    associate_workstream_summary: Final = blocking(
        AsyncConversationClient.associate_workstream_summary
    )
    disassociate_anchor: Final = blocking(AsyncConversationClient.disassociate_anchor)
    disassociate_asset: Final = blocking(AsyncConversationClient.disassociate_asset)
    disassociate_message: Final = blocking(AsyncConversationClient.disassociate_message)
    disassociate_range: Final = blocking(AsyncConversationClient.disassociate_range)
    disassociate_website: Final = blocking(AsyncConversationClient.disassociate_website)
    disassociate_workstream_summary: Final = blocking(
        AsyncConversationClient.disassociate_workstream_summary
    )
    associate_many: Final = blocking(AsyncConversationClient.associate_many)
    disassociate_many: Final = blocking(AsyncConversationClient.disassociate_many)
    iter_associate_many: Final = blocking_iterator(AsyncConversationClient.iter_associate_many)
    iter_disassociate_many: Final = blocking_iterator(
        AsyncConversationClient.iter_disassociate_many
    )
    apply: Final = blocking(AsyncConversationClient.apply)
    resume: Final = blocking(AsyncConversationClient.resume)


def resume(
    journal: str | os.PathLike[str],
    base_url: str | None = None,
    *,
    concurrency: int = 32,
    on_progress: Callable[[BatchProgress], object] | None = None,
    give_up_after: float = 300.0,
) -> BatchReport:
    """Go on with what a journal says is not done.

    Args:
        journal: The journal of an `associate_many` or `disassociate_many`.
        base_url: Where the server is; by default where it was when the batch began. Credentials
            are not in the journal.
        concurrency: As for `associate_many`.
        on_progress: As for `associate_many`.
        give_up_after: As for `associate_many`.

    Returns:
        How many succeeded, and what failed why; `skipped` were done before.

    Raises:
        InvalidArgumentError: An argument is out of range.
        JournalError: The journal cannot be used.
    """
    url = base_url or read_journal(journal).base_url
    with ConversationClient(url) as client:
        return client.resume(
            journal, concurrency=concurrency, on_progress=on_progress, give_up_after=give_up_after
        )

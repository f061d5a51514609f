"""The blocking client: one typed line for each method."""

import copy
import os
import weakref
from asyncio import sleep
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from ssl import SSLContext
from types import EllipsisType, TracebackType
from typing import Any, Final, Self, TypeVar, Unpack

import aiohttp
from yarl import URL

from conversation_client._arguments import ClientOptions
from conversation_client._copies import Copied
from conversation_client._facade import Facade, blocking, blocking_batch, blocking_iterator
from conversation_client._runner import Runner
from conversation_client.batch import BatchProgress, BatchReport
from conversation_client.client import AsyncConversationClient
from conversation_client.conversations import AsyncConversationsResource
from conversation_client.errors import ClientClosedError
from conversation_client.messages import AsyncMessagesResource
from conversation_client.retry import RetryPolicy

F = TypeVar("F", bound=Callable[..., object])


def _documented_as(other: Callable[..., object]) -> Callable[[F], F]:
    """Give a function the docstring of its async twin."""

    def document(function: F) -> F:
        function.__doc__ = other.__doc__
        return function

    return document


class ConversationsResource(Facade[AsyncConversationsResource]):
    """The conversations of a server, as `ConversationClient.conversations`."""

    def __init__(self, client: "ConversationClient") -> None:
        self._owner = client  # whose loop ends with it
        self._client = client._client.conversations
        self._runner = client._runner

    list: Final = blocking(AsyncConversationsResource.list)
    identifiers: Final = blocking(AsyncConversationsResource.identifiers)
    create: Final = blocking(AsyncConversationsResource.create)
    create_from_asset: Final = blocking(AsyncConversationsResource.create_from_asset)
    create_from_workstream_summary: Final = blocking(
        AsyncConversationsResource.create_from_workstream_summary
    )
    delete: Final = blocking(AsyncConversationsResource.delete)
    search: Final = blocking(AsyncConversationsResource.search)
    watch: Final = blocking_iterator(AsyncConversationsResource.watch, ends_with_client=True)
    iter_get: Final = blocking_iterator(AsyncConversationsResource.iter_get)
    delete_many: Final = blocking_batch(AsyncConversationsResource.delete_many)


class MessagesResource(Facade[AsyncMessagesResource]):
    """The messages of a server, as `ConversationClient.messages`."""

    def __init__(self, client: "ConversationClient") -> None:
        self._owner = client  # whose loop ends with it
        self._client = client._client.messages
        self._runner = client._runner

    get: Final = blocking(AsyncMessagesResource.get)
    list: Final = blocking(AsyncMessagesResource.list)
    create: Final = blocking(AsyncMessagesResource.create)
    add: Final = blocking(AsyncMessagesResource.add)
    update: Final = blocking(AsyncMessagesResource.update)
    update_value: Final = blocking(AsyncMessagesResource.update_value)
    delete: Final = blocking(AsyncMessagesResource.delete)
    search: Final = blocking(AsyncMessagesResource.search)
    increment_scores: Final = blocking(AsyncMessagesResource.increment_scores)
    associate: Final = blocking(AsyncMessagesResource.associate)
    disassociate: Final = blocking(AsyncMessagesResource.disassociate)
    iter_get: Final = blocking_iterator(AsyncMessagesResource.iter_get)
    of: Final = blocking_iterator(AsyncMessagesResource.of)


class _Users:
    """Held by a client, its views and its copies; when all are gone, the loop is closed."""


class ConversationClient(Copied, Facade[AsyncConversationClient]):
    """Blocking client of one Pieces OS, for scripts, notebooks and threads.

    ```python
    with ConversationClient() as client:
        print(client.get_messages(conversation_id).iterable[0].fragment)
    ```

    The methods are those of `AsyncConversationClient`, without `await`. They may be called from
    any thread and where an event loop is running, but not from a coroutine on the client's own
    loop, as an async iterable of ids is. Ids and associations of a batch are read, a few at a time,
    and `on_progress` is called in the thread of the call, where the client may be used, too. Ctrl-C
    cancels the call that it interrupts, and so does what else a handler of a signal raises: while
    the main thread is in a call, handlers are called in turn with it. A program may end without
    closing the client.

    Args:
        base_url: Where the server is, http or https; by default the environment variable
            `CONVERSATION_CLIENT_BASE_URL`, and without it `http://localhost:1000`.
        session: A session to use, made on the client's own loop; it is never closed.
        timeout: Seconds that a whole call may take, retries included; `None` for no bound.
        retry: When a failed call is sent again; `None` for never.
        headers: Sent with every request, for instance `X-Application-ID`.
        max_connections: Connections at the same time, at least 1.
        ssl: How the certificate of an https server is checked, as aiohttp has it.
        api_version: Version of the API that the server speaks, such as `"2.2"` or `"5.0"`; without
            it, the client finds out what it needs to know of it.
        strict: Whether a document in which any value does not fit is refused, with `DecodeError`;
            otherwise such a value costs no other, and `problems` lists it.

    Raises:
        InvalidArgumentError: An argument is out of range.
        ConversationClientError: gevent or eventlet has replaced threads or sockets.
    """

    _own = frozenset({"_client", "_runner", "_is_view", "_users", "_finalizer"})

    def __init__(
        self,
        base_url: str | URL | None = None,
        *,
        session: aiohttp.ClientSession | None = None,
        timeout: float | None = 30.0,
        retry: RetryPolicy | None = RetryPolicy(),  # noqa: B008  # frozen
        headers: Mapping[str, str] | None = None,
        max_connections: int = 64,
        ssl: SSLContext | bool = True,
        api_version: str | None = None,
        strict: bool = False,
    ) -> None:
        self._begin(
            AsyncConversationClient(
                base_url,
                session=session,
                timeout=timeout,
                retry=retry,
                headers=headers,
                max_connections=max_connections,
                ssl=ssl,
                api_version=api_version,
                strict=strict,
            )
        )

    def _begin(self, client: AsyncConversationClient) -> None:
        """Begin with a loop of one's own."""
        self._client = client
        self._runner = Runner()
        self._is_view = False
        self._users = _Users()
        self._finalizer = weakref.finalize(self._users, self._runner.close, client.aclose)
        # A program may end while another thread's call is under way, and nobody would see its error.
        self._finalizer.atexit = False
        client._transport.session.warns = False  # pyright: ignore[reportPrivateUsage]  # our own class

    @classmethod
    @_documented_as(AsyncConversationClient.discover)
    def discover(
        cls,
        base_url: str | URL | None = None,
        *,
        ports: Iterable[int] | None = None,
        **options: Unpack[ClientOptions],
    ) -> Self:
        from conversation_client.discovery import locate  # noqa: PLC0415

        runner = Runner()
        try:
            url, settled = runner.run(partial(locate, base_url, ports, options))
        finally:
            runner.close(partial(sleep, 0))
        return cls(url, **settled)

    def __repr__(self) -> str:
        """Show where the server is; headers may be secret."""
        return repr(self._client).removeprefix("Async")

    def __enter__(self) -> Self:
        """Return the client; its session opens with the first call.

        Raises:
            ClientClosedError: It has been closed.
        """
        if self._runner.is_closed:
            raise ClientClosedError("this client is closed: make a new one")
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

        Calls under way, in other threads and around the callback or the handler of a signal that
        closes it, end in `ClientClosedError`, and batches with a report whose `ended_by` that is.
        Closing a view does nothing.
        """
        if not self._is_view:
            self._runner.close(self._client.aclose)
            self._finalizer.detach()

    def with_options(
        self,
        *,
        timeout: float | EllipsisType | None = ...,
        retry: RetryPolicy | EllipsisType | None = ...,
        headers: Mapping[str, str] | EllipsisType = ...,
        strict: bool | EllipsisType = ...,
    ) -> Self:
        """Return a view of this client with other options, on the same session and loop.

        Args:
            timeout: As for the class; left out, this client's.
            retry: As for the class; left out, this client's.
            headers: Sent in addition to this client's, or in place of those of the same name.
            strict: As for the class; left out, this client's.

        Raises:
            InvalidArgumentError: An argument is out of range.
        """
        view = copy.copy(self)
        view._client = self._client.with_options(
            timeout=timeout, retry=retry, headers=headers, strict=strict
        )
        view._is_view = True
        return view

    @property
    def conversations(self) -> ConversationsResource:
        """What can be done with conversations as a whole."""
        return ConversationsResource(self)

    @property
    def messages(self) -> MessagesResource:
        """What can be done with single messages."""
        return MessagesResource(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return another client of the same configuration.

        A `session` belongs to the loop of this one: with it, both have the same loop.
        """
        if self._client._transport.session.is_borrowed:  # pyright: ignore[reportPrivateUsage]  # our own class
            return copy.copy(self)
        twin = self._twin(memo)
        twin._begin(copy.deepcopy(self._client, memo))
        return twin

    def __getstate__(self) -> dict[str, Any]:
        """Return the configuration, which is all that is pickled.

        Raises:
            InvalidArgumentError: There are headers, credentials or a `session`.
        """
        return {"client": self._client.__getstate__(), "others": self._others()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Become a client of that configuration."""
        vars(self).update(state["others"])
        client = object.__new__(AsyncConversationClient)
        client.__setstate__(state["client"])
        self._begin(client)

    wait_ready: Final = blocking(AsyncConversationClient.wait_ready)
    call: Final = blocking(AsyncConversationClient.call)
    call_raw: Final = blocking(AsyncConversationClient.call_raw)
    get_health: Final = blocking(AsyncConversationClient.get_health)
    get_version: Final = blocking(AsyncConversationClient.get_version)
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
    associate_annotation: Final = blocking(AsyncConversationClient.associate_annotation)
    associate_source: Final = blocking(AsyncConversationClient.associate_source)
    disassociate_annotation: Final = blocking(AsyncConversationClient.disassociate_annotation)
    disassociate_source: Final = blocking(AsyncConversationClient.disassociate_source)
    prepare_conversation: Final = blocking(AsyncConversationClient.prepare_conversation)
    search_messages: Final = blocking(AsyncConversationClient.search_messages)
    set_name: Final = blocking(AsyncConversationClient.set_name)
    associate_many: Final = blocking_batch(AsyncConversationClient.associate_many)
    disassociate_many: Final = blocking_batch(AsyncConversationClient.disassociate_many)
    iter_associate_many: Final = blocking_iterator(AsyncConversationClient.iter_associate_many)
    iter_disassociate_many: Final = blocking_iterator(
        AsyncConversationClient.iter_disassociate_many
    )
    apply: Final = blocking_batch(AsyncConversationClient.apply)
    resume: Final = blocking_batch(AsyncConversationClient.resume)
    reconcile: Final = blocking_batch(AsyncConversationClient.reconcile)


def resume(
    journal: str | os.PathLike[str],
    base_url: str | URL | None = None,
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
    from conversation_client.journal import read_journal  # noqa: PLC0415  # most programs have none

    url = base_url or read_journal(journal).base_url
    with ConversationClient(url) as client:
        return client.resume(
            journal, concurrency=concurrency, on_progress=on_progress, give_up_after=give_up_after
        )

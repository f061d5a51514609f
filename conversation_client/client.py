"""The async client: its lifecycle, then one method for each row of the table."""

import copy
import math
import os
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
)
from types import EllipsisType, TracebackType
from typing import Self, TypeVar

import aiohttp
import attrs

from conversation_client import operations
from conversation_client._engine import Settings, iterate_batch, run_batch
from conversation_client._http.call import Call, Options
from conversation_client._http.lane import Lane
from conversation_client._http.session import Session
from conversation_client._http.stream import Items
from conversation_client._http.transport import Transport
from conversation_client._http.wire import (
    Id,
    check_count,
    check_headers,
    check_id,
    parse_base_url,
)
from conversation_client._journal import begin_journal, resume_journal
from conversation_client._journal_file import Job, path_of
from conversation_client._source import Source
from conversation_client.batch import (
    Association,
    BatchOutcome,
    BatchProgress,
    BatchReport,
    Disassociation,
    Item,
)
from conversation_client.errors import InvalidArgumentError
from conversation_client.models.base import Document
from conversation_client.models.common import SeededScoreIncrement
from conversation_client.models.conversation import (
    Conversation,
    ConversationSummarizeInput,
    ConversationSummarizeOutput,
)
from conversation_client.models.message import ConversationMessages
from conversation_client.operations import AssociationOperation, Material, Operation
from conversation_client.retry import OnFailure, RetryPolicy

T = TypeVar("T")

DEFAULT_URL = "http://localhost:1000"
URL_VARIABLE = "CONVERSATION_CLIENT_BASE_URL"


class AsyncConversationClient:
    """Client of one Pieces OS, for use within one event loop.

    ```python
    async with AsyncConversationClient() as client:
        conversation = await client.get_conversation(conversation_id)
    ```

    Every method may raise:

    - `InvalidArgumentError`: an argument cannot be sent; nothing was.
    - `ClientClosedError`: the client was closed before or during the call.
    - `TransportError`: no reply, for one of several reasons that have classes of their own.
    - `ProtocolError`: a reply that is not what the reference promises.
    - `StatusError`: the server said no; mostly `ServerError`, also for ids that do not exist.

    Args:
        base_url: Where the server is, http or https; by default the environment variable
            `CONVERSATION_CLIENT_BASE_URL`, and without it `http://localhost:1000`. Credentials in
            it are sent as basic authentication.
        session: A session to use instead of one of the client's own; it is never closed. aiohttp
            may send a GET on it a second time by itself, which `attempts` does not count.
        timeout: Seconds that a whole call may take, retries included; `None` for no bound.
        retry: When a failed call is sent again; `None` for never.
        headers: Sent with every request, for instance `X-Application-ID`.
        max_connections: Connections at the same time, at least 1; a `session` brings its own limit.

    Raises:
        InvalidArgumentError: An argument is out of range.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        session: aiohttp.ClientSession | None = None,
        timeout: float | None = 30.0,  # of each call
        retry: RetryPolicy | None = RetryPolicy(),  # noqa: B008  # frozen
        headers: Mapping[str, str] | None = None,
        max_connections: int = 64,
    ) -> None:
        base = parse_base_url(base_url or os.environ.get(URL_VARIABLE) or DEFAULT_URL)
        check_count("max_connections", max_connections)
        self._options = Options(
            _checked_timeout(timeout), retry, base.authorization() | check_headers(headers or {})
        )
        opened = Session(base.url, session, max_connections)
        self._lane = Lane(opened)
        self._transport = Transport(opened, self._lane.attempt)
        self._is_view = False

    def __repr__(self) -> str:
        """Show where the server is; headers may be secret."""
        return f"{type(self).__name__}({self._transport.session.url!r})"

    async def __aenter__(self) -> Self:
        """Return the client; its session opens with the first call."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the client and its session; closing twice does nothing.

        A session that was passed in stays open, and so does that of the client which this one is a
        view of.
        """
        if not self._is_view:
            await self._transport.session.aclose()

    def with_options(
        self,
        *,
        timeout: float | EllipsisType | None = ...,
        retry: RetryPolicy | EllipsisType | None = ...,
        headers: Mapping[str, str] | EllipsisType = ...,
    ) -> Self:
        """Return a view of this client with other options, on the same session.

        Args:
            timeout: As for the class; left out, this client's.
            retry: As for the class; left out, this client's.
            headers: Sent in addition to this client's, or in place of those of the same name.

        Raises:
            InvalidArgumentError: An argument is out of range.
        """
        view = copy.copy(self)
        view._is_view = True
        own = self._options
        view._options = Options(
            own.timeout if timeout is ... else _checked_timeout(timeout),
            own.retry if retry is ... else retry,
            own.headers if headers is ... else {**own.headers, **check_headers(headers)},
        )
        return view

    async def call(
        self,
        operation: Operation[T],
        *ids: Id,
        transferables: bool | None = None,
        body: Document | None = None,
    ) -> T:
        """Send one row of `conversation_client.operations`; the methods below are a row each.

        Args:
            operation: The row.
            ids: Its path parameters, in order.
            transferables: Whether the reply includes the contents of fragments, where the
                operation has that choice.
            body: The document to send, where the operation takes one.
        """
        call = Call(operation, ids, self._options, transferables=transferables, body=body)
        return await self._transport.send(call)

    async def get_conversation(
        self, conversation: Id, *, transferables: bool | None = None
    ) -> Conversation:
        """Get a conversation (`conversation_get_specific_conversation`).

        Args:
            conversation: Id of the conversation.
            transferables: Whether to include the contents of message fragments; `None` leaves it
                to the server.

        Raises:
            GoneError: There is no such conversation.
        """
        return await self.call(
            operations.GET_CONVERSATION, conversation, transferables=transferables
        )

    async def get_messages(
        self, conversation: Id, *, transferables: bool | None = None
    ) -> ConversationMessages:
        """Get the messages of a conversation (`conversation_specific_conversation_messages`).

        Args:
            conversation: Id of the conversation.
            transferables: Whether to include the contents of fragments; `None` leaves it to the
                server.
        """
        return await self.call(operations.GET_MESSAGES, conversation, transferables=transferables)

    async def update_conversation(
        self, conversation: Conversation | None = None, *, transferables: bool | None = None
    ) -> Conversation:
        """Write a conversation back (`conversation_update`).

        Args:
            conversation: The conversation as it is to be; its id says which one it is.
            transferables: Whether the reply includes the contents of message fragments.

        Returns:
            The conversation as the server now has it.
        """
        return await self.call(
            operations.UPDATE_CONVERSATION, body=conversation, transferables=transferables
        )

    async def rename_conversation(
        self, conversation: Id, *, transferables: bool | None = None
    ) -> Conversation:
        """Have the server name a conversation (`conversation_specific_conversation_rename`).

        Args:
            conversation: Id of the conversation.
            transferables: Whether the reply includes the contents of message fragments.

        Returns:
            The conversation under its new name. Each call may give another one.
        """
        return await self.call(
            operations.RENAME_CONVERSATION, conversation, transferables=transferables
        )

    async def summarize_conversation(
        self, conversation: Id, summarize_input: ConversationSummarizeInput | None = None
    ) -> ConversationSummarizeOutput:
        """Have the server summarize a conversation (`conversation_summarize`).

        Args:
            conversation: Id of the conversation.
            summarize_input: The messages to summarize; without it, all of them.

        Returns:
            References to the conversation and to the annotation that holds the summary. Each call
            makes a new annotation.
        """
        return await self.call(
            operations.SUMMARIZE_CONVERSATION, conversation, body=summarize_input
        )

    async def increment_scores(
        self, conversation: Id, increment: SeededScoreIncrement | None = None
    ) -> None:
        """Add to the scores of a conversation (`conversation_scores_increment`).

        Args:
            conversation: Id of the conversation.
            increment: What to count; each call adds again.
        """
        await self.call(operations.INCREMENT_SCORES, conversation, body=increment)

    async def associate_anchor(self, conversation: Id, anchor: Id) -> None:
        """Associate an anchor with a conversation (`conversation_associate_anchor`).

        Args:
            conversation: Id of the conversation.
            anchor: Id of the anchor.
        """
        await self.call(operations.ASSOCIATE_ANCHOR, conversation, anchor)

    async def associate_asset(self, conversation: Id, asset: Id) -> None:
        """Associate an asset with a conversation (`conversation_associate_asset`).

        Args:
            conversation: Id of the conversation.
            asset: Id of the asset.
        """
        await self.call(operations.ASSOCIATE_ASSET, conversation, asset)

    async def associate_message(self, conversation: Id, message: Id) -> None:
        """Associate a message with the grounding of a conversation.

        `conversation_grounding_messages_associate_message` in the reference.

        Args:
            conversation: Id of the conversation.
            message: Id of the message.
        """
        await self.call(operations.ASSOCIATE_MESSAGE, conversation, message)

    async def associate_range(self, conversation: Id, range: Id) -> None:  # noqa: A002
        """Associate a time range with the grounding of a conversation.

        `conversation_associate_grounding_temporal_range_workstream` in the reference.

        Args:
            conversation: Id of the conversation.
            range: Id of the range.
        """
        await self.call(operations.ASSOCIATE_RANGE, conversation, range)

    async def associate_website(self, conversation: Id, website: Id) -> None:
        """Associate a website with a conversation (`conversation_associate_website`).

        Args:
            conversation: Id of the conversation.
            website: Id of the website.
        """
        await self.call(operations.ASSOCIATE_WEBSITE, conversation, website)

    async def associate_workstream_summary(self, conversation: Id, workstream_summary: Id) -> None:
        """Associate a workstream summary with a conversation.

        `conversation_associate_workstream_summary` in the reference.

        Args:
            conversation: Id of the conversation.
            workstream_summary: Id of the workstream summary.
        """
        await self.call(operations.ASSOCIATE_WORKSTREAM_SUMMARY, conversation, workstream_summary)

    async def disassociate_anchor(self, conversation: Id, anchor: Id) -> None:
        """Take an anchor out of a conversation (`conversation_disassociate_anchor`).

        Args:
            conversation: Id of the conversation.
            anchor: Id of the anchor.
        """
        await self.call(operations.DISASSOCIATE_ANCHOR, conversation, anchor)

    async def disassociate_asset(self, conversation: Id, asset: Id) -> None:
        """Take an asset out of a conversation (`conversation_disassociate_asset`).

        Args:
            conversation: Id of the conversation.
            asset: Id of the asset.
        """
        await self.call(operations.DISASSOCIATE_ASSET, conversation, asset)

    async def disassociate_message(self, conversation: Id, message: Id) -> None:
        """Take a message out of the grounding of a conversation.

        `conversation_grounding_messages_disassociate_message` in the reference.

        Args:
            conversation: Id of the conversation.
            message: Id of the message.
        """
        await self.call(operations.DISASSOCIATE_MESSAGE, conversation, message)

    async def disassociate_range(self, conversation: Id, range: Id) -> None:  # noqa: A002
        """Take a time range out of the grounding of a conversation.

        `conversation_disassociate_grounding_temporal_range_workstream` in the reference.

        Args:
            conversation: Id of the conversation.
            range: Id of the range.
        """
        await self.call(operations.DISASSOCIATE_RANGE, conversation, range)

    async def disassociate_website(self, conversation: Id, website: Id) -> None:
        """Take a website out of a conversation (`conversation_disassociate_website`).

        Args:
            conversation: Id of the conversation.
            website: Id of the website.
        """
        await self.call(operations.DISASSOCIATE_WEBSITE, conversation, website)

    async def disassociate_workstream_summary(
        self, conversation: Id, workstream_summary: Id
    ) -> None:
        """Take a workstream summary out of a conversation.

        `conversation_disassociate_workstream_summary` in the reference.

        Args:
            conversation: Id of the conversation.
            workstream_summary: Id of the workstream summary.
        """
        await self.call(
            operations.DISASSOCIATE_WORKSTREAM_SUMMARY, conversation, workstream_summary
        )

    async def associate_many(
        self,
        conversation: Id,
        material: Material,
        ids: Iterable[Id] | AsyncIterable[Id],
        *,
        concurrency: int = 32,
        on_progress: Callable[[BatchProgress], object] | None = None,
        journal: str | os.PathLike[str] | None = None,
        give_up_after: float = 300.0,
    ) -> BatchReport:
        """Associate many items with a conversation, several at the same time.

        Memory follows `concurrency`, not the number of items. An item that fails is reported and
        the others go on; an exception from `ids` or `on_progress` ends the batch, once the calls under way have ended,
        and is raised as it is, with a note of what was done. Items to which the
        server gives no answer wait until it answers again, and all others with them. Closing the
        client ends the batch with the rest not started.

        Args:
            conversation: Id of the conversation.
            material: What the ids are ids of.
            ids: The ids, read as calls become free; an iterable or an async iterable.
            concurrency: Calls at the same time at most, at least 1; more than `max_connections` are
                as many as that. Overload (429, 503, no reply in time) halves them, and each round of
                successes adds one.
            on_progress: Called at most ten times a second, and at the end; a coroutine that it
                returns is awaited.
            journal: File that keeps what was done. It is made first, with all of `ids` in it; the
                same call or `resume` goes on with it after whatever ended the batch.
            give_up_after: Seconds without any answer after which the batch ends with the rest not
                started, above 0; `math.inf` for never.

        Returns:
            How many succeeded, and what failed why.

        Raises:
            JournalError: The journal cannot be used.
        """
        row = operations.ASSOCIATIONS[_material(material)]
        settings = self._settings(concurrency, give_up_after, on_progress)
        return await self._run_many(row, conversation, ids, journal, settings)

    async def disassociate_many(
        self,
        conversation: Id,
        material: Material,
        ids: Iterable[Id] | AsyncIterable[Id],
        *,
        concurrency: int = 32,
        on_progress: Callable[[BatchProgress], object] | None = None,
        journal: str | os.PathLike[str] | None = None,
        give_up_after: float = 300.0,
    ) -> BatchReport:
        """Take many items out of a conversation, several at the same time.

        Args:
            conversation: Id of the conversation.
            material: What the ids are ids of.
            ids: The ids, read as calls become free; an iterable or an async iterable.
            concurrency: As for `associate_many`.
            on_progress: As for `associate_many`.
            journal: As for `associate_many`.
            give_up_after: As for `associate_many`.

        Returns:
            How many succeeded, and what failed why.

        Raises:
            JournalError: The journal cannot be used.
        """
        row = operations.DISASSOCIATIONS[_material(material)]
        settings = self._settings(concurrency, give_up_after, on_progress)
        return await self._run_many(row, conversation, ids, journal, settings)

    def iter_associate_many(
        self,
        conversation: Id,
        material: Material,
        ids: Iterable[Id] | AsyncIterable[Id],
        *,
        concurrency: int = 32,
        give_up_after: float = 300.0,
    ) -> "AsyncGenerator[BatchOutcome, None]":
        """Associate many items with a conversation, and iterate over what becomes of each.

        A loop that is slow to take the outcomes holds the batch up; one that is left ends it, at
        once if the generator is closed (`contextlib.aclosing`).

        Args:
            conversation: Id of the conversation.
            material: What the ids are ids of.
            ids: The ids, read as calls become free; an iterable or an async iterable.
            concurrency: As for `associate_many`.
            give_up_after: As for `associate_many`.

        Returns:
            Outcomes in order of completion.

        Raises:
            TransportError: At the end, if the server stopped answering and items were not started.
            ClientClosedError: At the end, if the client was closed before all were sent.
        """
        row = operations.ASSOCIATIONS[_material(material)]
        settings = self._settings(concurrency, give_up_after)
        items = self._items(row, check_id("conversation", conversation))
        return iterate_batch(items.send, Source.of("ids", ids), settings)

    def iter_disassociate_many(
        self,
        conversation: Id,
        material: Material,
        ids: Iterable[Id] | AsyncIterable[Id],
        *,
        concurrency: int = 32,
        give_up_after: float = 300.0,
    ) -> "AsyncGenerator[BatchOutcome, None]":
        """Take many items out of a conversation, and iterate over what becomes of each.

        Args:
            conversation: Id of the conversation.
            material: What the ids are ids of.
            ids: The ids, read as calls become free; an iterable or an async iterable.
            concurrency: As for `associate_many`.
            give_up_after: As for `associate_many`.

        Returns:
            Outcomes in order of completion, as from `iter_associate_many`.

        Raises:
            TransportError: At the end, if the server stopped answering and items were not started.
            ClientClosedError: At the end, if the client was closed before all were sent.
        """
        row = operations.DISASSOCIATIONS[_material(material)]
        settings = self._settings(concurrency, give_up_after)
        items = self._items(row, check_id("conversation", conversation))
        return iterate_batch(items.send, Source.of("ids", ids), settings)

    async def apply(
        self,
        associations: Iterable[Association | Disassociation]
        | AsyncIterable[Association | Disassociation],
        *,
        concurrency: int = 32,
        on_progress: Callable[[BatchProgress], object] | None = None,
        give_up_after: float = 300.0,
    ) -> BatchReport:
        """Associate and disassociate items of many conversations, several at the same time.

        Args:
            associations: What to do, read as calls become free; an iterable or an async iterable.
                The order in which it is done is not certain.
            concurrency: As for `associate_many`.
            on_progress: As for `associate_many`.
            give_up_after: As for `associate_many`.

        Returns:
            How many succeeded, and what failed why.
        """
        once = attrs.evolve(self._options, retry=None)

        def call(item: Item, on_failure: OnFailure, repeat: bool) -> Awaitable[None]:
            row, ids = _row_and_ids(item)
            options = self._options if repeat else once
            return self._transport.send(Call(row, ids, options, on_failure=on_failure))

        source = Source.of("associations", associations)
        settings = self._settings(concurrency, give_up_after, on_progress)
        return await run_batch(call, source, settings)

    async def resume(
        self,
        journal: str | os.PathLike[str],
        *,
        concurrency: int = 32,
        on_progress: Callable[[BatchProgress], object] | None = None,
        give_up_after: float = 300.0,
    ) -> BatchReport:
        """Go on with what a journal says is not done, on this client's server.

        Args:
            journal: The journal of an `associate_many` or `disassociate_many`.
            concurrency: As for `associate_many`.
            on_progress: As for `associate_many`.
            give_up_after: As for `associate_many`.

        Returns:
            How many succeeded, and what failed why; `skipped` were done before.

        Raises:
            JournalError: The journal cannot be used.
        """
        settings = self._settings(concurrency, give_up_after, on_progress)
        opened = resume_journal(path_of(journal))
        with opened:
            items = self._items(opened.job.operation, opened.job.conversation)
            return await run_batch(items.send, opened.source(), settings, opened)

    async def _run_many(
        self,
        row: AssociationOperation,
        conversation: Id,
        ids: Iterable[Id] | AsyncIterable[Id],
        journal: str | os.PathLike[str] | None,
        settings: Settings,
    ) -> BatchReport:
        source = Source.of("ids", ids)
        text = check_id("conversation", conversation)
        if journal is None:
            return await run_batch(self._items(row, text).send, source, settings)
        job = Job(row, text, self._transport.session.url)
        opened = await begin_journal(
            path_of(journal), job, source, lambda: settings.tell_reading(source.total)
        )
        with opened:
            items = self._items(row, text)
            return await run_batch(items.send, opened.source(), settings, opened)

    def _items(self, row: Operation[None], conversation: str) -> Items:
        return Items(self._transport, self._lane, row, (conversation,), self._options)

    def _settings(
        self,
        concurrency: int,
        give_up_after: float,
        on_progress: Callable[[BatchProgress], object] | None = None,
    ) -> Settings:
        check_count("concurrency", concurrency)
        # More would only wait for each other's connections.
        concurrency = min(concurrency, self._transport.session.max_connections)
        return Settings(concurrency, give_up_after, on_progress)


def _row_and_ids(item: Item) -> tuple[Operation[None], tuple[Id, Id]]:
    if isinstance(item, Association):
        rows = operations.ASSOCIATIONS
    elif isinstance(item, Disassociation):
        rows = operations.DISASSOCIATIONS
    else:
        kind = type(item).__name__
        raise InvalidArgumentError(f"associations: Association or Disassociation, not {kind}")
    return rows[_material(item.material)], (item.conversation, item.id)


def _material(value: Material) -> Material:
    try:
        return Material(value)
    except ValueError:
        known = ", ".join(Material)
        raise InvalidArgumentError(f"material: one of {known}, not {value!r}") from None


def _checked_timeout(seconds: float | None) -> float | None:
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise InvalidArgumentError(f"timeout: seconds above 0 or None, not {seconds!r}")
    return seconds if math.isfinite(seconds) else None

"""The async client: its lifecycle, then one method for each row of the table."""

import copy
from collections.abc import Iterable, Mapping
from ssl import SSLContext
from types import EllipsisType, TracebackType
from typing import Any, Self, Unpack

import aiohttp
from yarl import URL

from conversation_client import operations
from conversation_client._arguments import (
    ClientOptions,
    checked_base_url,
    checked_headers,
    checked_retry,
    checked_session,
    checked_strict,
    checked_timeout,
    checked_tls,
    checked_version,
)
from conversation_client._bodies import Search, search_input
from conversation_client._copies import Copied
from conversation_client._http.call import Options
from conversation_client._http.dialect import Dialect
from conversation_client._http.lane import Lane
from conversation_client._http.session import Session
from conversation_client._http.transport import Transport
from conversation_client._http.wire import Id, check_count
from conversation_client.conversations import AsyncConversationsResource
from conversation_client.errors import ClientClosedError, InvalidArgumentError
from conversation_client.messages import AsyncMessagesResource
from conversation_client.models import search as search_
from conversation_client.models.base import documents_in
from conversation_client.models.common import SeededScoreIncrement
from conversation_client.models.conversation import (
    Conversation,
    ConversationSummarizeInput,
    ConversationSummarizeOutput,
)
from conversation_client.models.message import ConversationMessages, ReferencedConversationMessage
from conversation_client.reconciliation import ReconcileMethods
from conversation_client.response import RawResponse
from conversation_client.retry import RetryPolicy


class AsyncConversationClient(Copied, ReconcileMethods):
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
        ssl: How the certificate of an https server is checked, as aiohttp has it: by the trust of
            the system, or by an `ssl.SSLContext`, which may hold a certificate of the client's,
            too; `False` checks nothing. A `session` has its own way.
        api_version: Version of the API that the server speaks, such as `"2.2"` or `"5.0"` (which is
            not that of Pieces OS). Without it, where versions differ in a path, the client finds
            out which one the server has, at the cost of one request.
        strict: Whether a document in which any value does not fit is refused, with `DecodeError`;
            otherwise such a value costs no other, and `problems` lists it.

    Raises:
        InvalidArgumentError: An argument is out of range.
    """

    _own = frozenset({"_options", "_lane", "_transport", "_is_view"})

    def __init__(
        self,
        base_url: str | URL | None = None,
        *,
        session: aiohttp.ClientSession | None = None,
        timeout: float | None = 30.0,  # of each call
        retry: RetryPolicy | None = RetryPolicy(),  # noqa: B008  # frozen
        headers: Mapping[str, str] | None = None,
        max_connections: int = 64,
        ssl: SSLContext | bool = True,
        api_version: str | None = None,
        strict: bool = False,
    ) -> None:
        base = checked_base_url(base_url)
        check_count("max_connections", max_connections)
        options = Options(
            checked_timeout(timeout),
            checked_retry(retry),
            base.authorization() | checked_headers({} if headers is None else headers),
            checked_strict(strict),
        )
        checked_session(session)
        self._begin(
            Session(base.url, session, max_connections, checked_tls(ssl, session)),
            options,
            checked_version(api_version),
        )

    def _begin(
        self, session: Session, options: Options, version: operations.ApiVersion | None
    ) -> None:
        """Begin without any connection."""
        self._options = options
        self._lane = Lane(session)
        self._transport = Transport(session, self._lane.attempt, Dialect(version))
        self._is_view = False

    @classmethod
    async def discover(
        cls,
        base_url: str | URL | None = None,
        *,
        ports: Iterable[int] | None = None,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Make a client of the Pieces OS that runs on this machine, wherever it listens.

        That is where `base_url` or the variable `CONVERSATION_CLIENT_BASE_URL` says, and nowhere
        else. Without them it is the port that a file of Pieces OS names, or else the lowest of the
        usual ports, 1000, 5323 and 39300 to 39333, which are asked all at the same time and have
        0.3 s to answer. Until a program has said that it is a Pieces OS that is well, it is asked
        for its health alone, once, not on `session`, and without `headers` unless it was named.

        The version that the server tells settles its `api_version`, unless that is given.

        Args:
            base_url: As for the class.
            ports: Ports of this machine to ask in place of the usual ones; a file of Pieces OS
                counts if it names one of them, so that nothing else is asked.
            options: Those of the class.

        Raises:
            InvalidArgumentError: An argument is out of range.
            ServerNotRunningError: It is not there, or not well yet; the message says where it was
                looked for and what is there instead.
            TransportError: This process has no file descriptor or no memory left.
        """
        # Imported here, since most clients are told where their server is.
        from conversation_client.discovery import locate  # noqa: PLC0415

        url, settled = await locate(base_url, ports, options)
        return cls(url, **settled)

    async def wait_ready(self, timeout: float | None = 60.0) -> None:  # noqa: ASYNC109
        """Wait until the server says that it is well, as after it was started.

        It is asked again and again, at most a second apart; each request is bounded by the client's
        own `timeout`.

        Args:
            timeout: Seconds to wait; `None` for no bound.

        Raises:
            DeadlineExceededError: It is not well by then; the message says what it is instead.
        """
        from conversation_client._readiness import wait_until_well  # noqa: PLC0415

        async def ask(left: float) -> RawResponse:
            bound = min(left, self._options.timeout or left)
            view = self.with_options(timeout=max(round(bound, 3), 1e-3), retry=None)
            return await view.call_raw(operations.GET_HEALTH)

        await wait_until_well(ask, self._transport.session.url, checked_timeout(timeout))

    def __repr__(self) -> str:
        """Show where the server is; headers may be secret."""
        return f"{type(self).__name__}({self._transport.session.url!r})"

    async def __aenter__(self) -> Self:
        """Return the client; its session opens with the first call.

        Raises:
            ClientClosedError: It has been closed.
        """
        if self._transport.session.is_closed:
            raise ClientClosedError("this client is closed: make a new one")
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
        view of. It may be awaited on another event loop than that of the calls, also when that one
        is closed.

        Raises:
            ConversationClientError: The loop of the calls runs in another thread, and has no time;
                it closes the client as soon as it has.
        """
        if not self._is_view:
            await self._transport.session.aclose()

    def with_options(
        self,
        *,
        timeout: float | EllipsisType | None = ...,
        retry: RetryPolicy | EllipsisType | None = ...,
        headers: Mapping[str, str] | EllipsisType = ...,
        strict: bool | EllipsisType = ...,
    ) -> Self:
        """Return a view of this client with other options, on the same session.

        Args:
            timeout: As for the class; left out, this client's.
            retry: As for the class; left out, this client's.
            headers: Sent in addition to this client's, or in place of those of the same name.
            strict: As for the class; left out, this client's.

        Raises:
            InvalidArgumentError: An argument is out of range.
        """
        view = copy.copy(self)
        view._is_view = True
        own = self._options
        view._options = Options(
            own.timeout if timeout is ... else checked_timeout(timeout),
            own.retry if retry is ... else checked_retry(retry),
            own.headers if headers is ... else {**own.headers, **checked_headers(headers)},
            own.strict if strict is ... else checked_strict(strict),
        )
        return view

    @property
    def conversations(self) -> AsyncConversationsResource:
        """What can be done with conversations as a whole."""
        return AsyncConversationsResource(self)

    @property
    def messages(self) -> AsyncMessagesResource:
        """What can be done with single messages."""
        return AsyncMessagesResource(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return another client of the same configuration; a `session` is used by both."""
        twin = self._twin(memo)
        own = self._options
        twin._begin(
            self._transport.session.another(),
            Options(own.timeout, own.retry, own.headers, own.strict),
            self._transport.dialect.version,
        )
        return twin

    def __getstate__(self) -> dict[str, Any]:
        """Return the configuration, which is all that is pickled.

        Raises:
            InvalidArgumentError: There are headers, credentials, a `session` or an `SSLContext`.
        """
        own, session = self._options, self._transport.session
        if own.headers or session.is_borrowed or not isinstance(session.tls, bool):
            raise InvalidArgumentError(
                "a client with headers, credentials, a session or an SSLContext is not pickled,"
                " since these are not to travel: make it where it is used"
            )
        return {
            "url": session.url,
            "max_connections": session.max_connections,
            "tls": session.tls,
            "timeout": own.timeout,
            "retry": own.retry,
            "strict": own.strict,
            "version": self._transport.dialect.version,
            "others": self._others(),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Become a client of that configuration."""
        vars(self).update(state["others"])
        options = Options(state["timeout"], state["retry"], {}, state["strict"])
        session = Session(state["url"], None, state["max_connections"], state["tls"])
        self._begin(session, options, state["version"])

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

        The server replaces each field that is sent, the lists of what is associated as a whole: an
        old copy undoes what others wrote since it was read. Messages are sent as listed, with the
        contents that the copy has of them; `set_name` sends none, and is the way to a new name.

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

        A model may take long: `client.with_options(timeout=None)` waits for it beyond `timeout`.

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

        A model may take long: `client.with_options(timeout=None)` waits for it beyond `timeout`.

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

    async def get_health(self) -> str:
        """Get what the server says of its health (`get_well_known_health`).

        Returns:
            Its words; a Pieces OS that is well begins with `ok`.
        """
        return await self.call(operations.GET_HEALTH)

    async def get_version(self) -> str:
        """Get the version of the server (`get_well_known_version`).

        Returns:
            That of Pieces OS, such as `12.4.1`, which is not that of its API; or `debug`.
        """
        return await self.call(operations.GET_VERSION)

    async def associate_annotation(self, conversation: Id, annotation: Id) -> None:
        """Associate an annotation with a conversation (`conversation_associate_annotation`).

        Args:
            conversation: Id of the conversation.
            annotation: Id of the annotation.
        """
        await self.call(operations.ASSOCIATE_ANNOTATION, conversation, annotation)

    async def associate_source(self, conversation: Id, source: Id) -> None:
        """Associate a source of the workstream pattern engine with the grounding of a conversation.

        `conversation_associate_grounding_workstream_pattern_engine_source` in the reference.

        Args:
            conversation: Id of the conversation.
            source: Id of the source.
        """
        await self.call(operations.ASSOCIATE_SOURCE, conversation, source)

    async def disassociate_annotation(self, conversation: Id, annotation: Id) -> None:
        """Take an annotation out of a conversation (`conversation_disassociate_annotation`).

        Args:
            conversation: Id of the conversation.
            annotation: Id of the annotation.
        """
        await self.call(operations.DISASSOCIATE_ANNOTATION, conversation, annotation)

    async def disassociate_source(self, conversation: Id, source: Id) -> None:
        """Take a source of the workstream pattern engine out of the grounding of a conversation.

        `conversation_disassociate_grounding_workstream_pattern_engine_source` in the reference.

        Args:
            conversation: Id of the conversation.
            source: Id of the source.
        """
        await self.call(operations.DISASSOCIATE_SOURCE, conversation, source)

    async def prepare_conversation(self, conversation: Id) -> None:
        """Have the server prepare a conversation (`conversation_specific_conversation_prepare`).

        Args:
            conversation: Id of the conversation.
        """
        await self.call(operations.PREPARE_CONVERSATION, conversation)

    async def search_messages(
        self, conversation: Id, search: Search, *, transferables: bool | None = None
    ) -> "search_.SearchedConversationMessages":
        """Search the messages of a conversation (`search_conversation_specific_messages`).

        Args:
            conversation: Id of the conversation.
            search: What to search for, or one full-text query.
            transferables: Whether the reply includes the contents of fragments.

        Returns:
            The messages that match, with how well they do.
        """
        row, body = operations.SEARCH_CONVERSATION_MESSAGES, search_input(search)
        return await self.call(row, conversation, body=body, transferables=transferables)

    async def set_name(self, conversation: Id, name: str) -> Conversation:
        """Give a conversation a name (`conversation_update`).

        The conversation is read and written back under its new name at once, with its messages by
        id alone: what others wrote before is kept, and so are messages that they write meanwhile.

        Args:
            conversation: Id of the conversation.
            name: Its new name.

        Returns:
            The conversation as the server now has it, without the contents of message fragments.

        Raises:
            GoneError: There is no such conversation.
        """
        if not isinstance(name, str):
            raise InvalidArgumentError(f"name: a str, not {type(name).__name__}")
        found = await self.get_conversation(conversation, transferables=False)
        found.name = name
        for message in documents_in(found.messages, ReferencedConversationMessage):
            message.reference = None
        return await self.update_conversation(found, transferables=False)

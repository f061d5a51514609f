"""What the client and its groups of methods have in common: how calls and batches are sent."""

from typing import TYPE_CHECKING, TypeVar

from conversation_client._batch.progress import OnProgress
from conversation_client._http.call import Call, RawCall
from conversation_client._http.wire import Id
from conversation_client._way import Way
from conversation_client.errors import InvalidArgumentError, StatusError
from conversation_client.models.base import Document
from conversation_client.operations import Operation
from conversation_client.response import RawResponse, raw_response

if TYPE_CHECKING:
    from conversation_client._batching import Batches

T = TypeVar("T")


class Methods(Way):
    """Methods that send calls and batches."""

    def _batches(
        self, concurrency: int, give_up_after: float, on_progress: OnProgress | None = None
    ) -> "Batches":
        """Return what runs a batch; raise an `InvalidArgumentError` if it cannot run so."""
        # The engine is half of the package, and most programs that make single calls do without.
        from conversation_client._batching import Batches  # noqa: PLC0415

        return Batches(self, concurrency, give_up_after, on_progress)


class CallMethods(Methods):
    """The part of `AsyncConversationClient` that sends a single call."""

    async def call(
        self,
        operation: Operation[T],
        *ids: Id,
        transferables: bool | None = None,
        body: Document | None = None,
    ) -> T:
        """Send one row of `conversation_client.operations`; the methods are a row each.

        They all go through this one, but batches do not: a subclass that overrides it sees none of
        their calls.

        Args:
            operation: The row.
            ids: Its path parameters, in order.
            transferables: Whether the reply includes the contents of fragments, where the
                operation has that choice.
            body: The document to send, where the operation takes one.

        Returns:
            What the operation promises.

        Raises:
            InvalidArgumentError: An argument is out of range; nothing was sent.
            ConversationClientError: Whatever else went wrong, as one of its subclasses.
        """
        row = _checked_row(operation)
        call = Call(row, ids, self._options, transferables, body)
        return await self._transport.send(call)

    async def call_raw(
        self,
        operation: Operation[object],
        *ids: Id,
        transferables: bool | None = None,
        body: Document | None = None,
    ) -> RawResponse:
        """Send one row of `conversation_client.operations`, and return the reply as it came.

        What goes wrong is raised as by `call`, except that what a document holds is not looked at.

        Args:
            operation: As for `call`.
            ids: As for `call`.
            transferables: As for `call`.
            body: As for `call`.

        Returns:
            The status, the headers and the content: at most 64 MiB of a document, and 64 KiB where
            none is promised.

        Raises:
            InvalidArgumentError: An argument is out of range; nothing was sent.
            ConversationClientError: Whatever else went wrong, as one of its subclasses.
        """
        row = _checked_row(operation)
        call = RawCall(row, ids, self._options, transferables, body)
        return raw_response(await self._transport.send(call))


def _checked_row(operation: Operation[T]) -> Operation[T]:
    if not isinstance(operation, Operation):
        raise InvalidArgumentError(f"operation: a row of `operations`, not {operation!r}")
    return operation


class Group(Methods):
    """Methods of a client that are called by way of one of its attributes.

    Args:
        client: The client, or a view of one.
    """

    def __init__(self, client: CallMethods) -> None:
        self._transport = client._transport
        self._lane = client._lane
        self._options = client._options
        self._call = client.call

    async def _delete(self, row: Operation[None], id_: Id) -> None:
        try:
            await self._call(row, id_)
        except StatusError as error:
            # An attempt that got no answer may have done it.
            if error.effect != "unknown" or not await self._is_gone(error):
                raise

"""The way to a server, which calls and batches go alike."""

from collections.abc import Mapping

import attrs

from conversation_client import operations
from conversation_client._batch.meaning import is_for_later
from conversation_client._http.call import Call, Options
from conversation_client._http.lane import Lane
from conversation_client._http.stream import Items
from conversation_client._http.transport import Transport
from conversation_client.errors import ConversationClientError, GoneError, StatusError
from conversation_client.operations import Operation

_READS: Mapping[str, Operation[object]] = {
    operations.DELETE_CONVERSATION.id: operations.GET_CONVERSATION,
    operations.DELETE_MESSAGE.id: operations.GET_MESSAGE,
}
"""By which row one sees whether what another deletes is there."""


class Way:
    """The way to a server, and the options of a view of it."""

    _transport: Transport
    _lane: Lane
    _options: Options

    def _batch_options(self) -> Options:
        """Return the options of calls that the batch itself repeats where they can only wait."""
        return attrs.evolve(self._options, leaves=is_for_later)

    def _items(self, row: Operation[None], *fixed: str) -> Items:
        self._transport.dialect.check(row)
        return Items(self._transport, self._lane, row, fixed, self._batch_options())

    async def _is_gone(self, error: StatusError) -> bool:
        """Tell whether a deletion was refused because there is nothing to delete.

        Servers answer 500 to that as to other trouble, and 410 to a read alone.
        """
        try:
            await self._look_for(_READS[error.operation or ""], *error.ids.values())
        except GoneError:
            return True
        except ConversationClientError:
            return False
        return False

    async def _look_for(self, row: Operation[object], id_: str) -> None:
        once = attrs.evolve(self._options, retry=None)
        await self._transport.send(Call(row, (id_,), once, transferables=False))

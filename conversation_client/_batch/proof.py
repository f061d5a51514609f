"""Whether refusals are about single items, or about all that a batch will ever send."""

from conversation_client._batch.meaning import is_foreign
from conversation_client.errors import ConversationClientError

ENOUGH = 64
"""Items that are sent, at most, before one succeeds or the conversation is found to be there."""


class Proof:
    """What the server has shown so far."""

    def __init__(self) -> None:
        self.is_given = False
        """Whether something was done, or the conversation is there, so that all may be sent."""
        self._refused = self._foreign = 0

    def allows(self, out: int) -> bool:
        """Tell whether one more may be sent while the fate of so many is not known."""
        return self.is_given or self._refused + out < ENOUGH

    def refused(self, error: ConversationClientError) -> None:
        """Count an item that was refused."""
        self._refused += 1
        self._foreign += is_foreign(error)

    @property
    def is_missing(self) -> bool:
        """Whether all were refused, and they are enough."""
        return self._refused >= ENOUGH and not self.is_given

    @property
    def is_foreign(self) -> bool:
        """Whether all were refused as no Pieces OS does it."""
        return self._foreign == self._refused

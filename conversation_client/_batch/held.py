"""An item that a batch has taken from its input, and what it met so far."""

from conversation_client.batch import Item
from conversation_client.errors import (
    ConversationClientError,
    DeadlineExceededError,
    TransportError,
)

STRIKES = 3
"""Calls after which it may be the item that is to blame, rather than the server."""
FEW = 8
"""Items of which it is likely that all are to blame rather than the server, and answers to others
that show that the server is well."""


class Held:
    """An item with its position in the input, which is made when it may have to wait.

    Args:
        position: Counted from 1.
        item: The item.
    """

    def __init__(self, position: int, item: Item) -> None:
        self.position = position
        self.item = item
        self.error: ConversationClientError | None = None
        """The latest that made it wait."""
        self.is_probe = False
        """Whether it is sent to ask for the server: once, and not repeated."""
        self.strikes = 0
        """Calls that got no answer and that the server may have acted on."""
        self.delays = 0
        """Calls that were not sent because the client had no connection free."""
        self.not_nows = 0
        """Calls that the server asked to make later."""
        self.alone = 0
        """How many of those, the latest, since the others have been answered meanwhile."""
        self.in_vain = 0
        """How many of them, the latest, since the server was last found well."""
        self.retry_at = 0.0
        """When it may be sent again though the others are not answered."""
        self.answers = self.others = self.vouched = 0
        """What the plan had counted when the server asked so the last time."""
        self._answers = 0
        """How many answers the server had given at the latest strike."""
        self._in_row, self._answers_before = 0, 0
        """Strikes and calls to make later, since that many answers to others."""
        self._attempts = 0

    @property
    def tries(self) -> int:
        """Calls that got no answer, or were to be made later."""
        return self.strikes + self.not_nows

    def try_in_vain(self, answers: int) -> None:
        """Count such a call, with so many answers in all to others."""
        self._in_row = self._in_row + 1 if answers == self._answers_before else 1
        self._answers_before = answers

    def has_had_its_tries(self, answers: int) -> bool:
        """Tell whether it was enough of them while others got no answer, either."""
        return self._in_row >= STRIKES and answers == self._answers_before

    def count(self, error: ConversationClientError) -> None:
        """Have the error of a call tell how often the item was sent in all."""
        self._attempts += error.attempts
        error.attempts = self._attempts

    def strike(self, error: TransportError, answers: int, *, is_last: bool) -> bool:
        """Note a call without an answer; tell whether the item is to blame.

        Args:
            error: How the call ended.
            answers: How many the server has given in all.
            is_last: Whether all others have ended, or have had their tries.
        """
        if error.effect == "unknown":
            have_others_answers = answers > self._answers
            self._answers = answers
            self.strikes += 1
            self.try_in_vain(answers)
            return self.strikes >= STRIKES and (have_others_answers or is_last)
        if isinstance(error, DeadlineExceededError):
            self.delays += 1
            return self.delays >= STRIKES
        return False

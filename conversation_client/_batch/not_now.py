"""A server that asks to come back later (429, 503): whether it means all items, or one.

The plan counts what it is told; here is what follows from the counts.
"""

from conversation_client._batch.held import FEW, STRIKES, Held
from conversation_client._batch.outage import wait_before

MOST_PATIENCE = 16
"""How many in a row, at most, are not yet a reason to wait with all items."""
MOST_DOUBLINGS = 16


class NotNow:
    """How often the server has asked for it."""

    def __init__(self) -> None:
        self._count = 0
        self._in_row = 0
        self._patience = 1
        self._answers = -FEW
        """Answers in all when it was last waited for."""

    @property
    def is_for_all(self) -> bool:
        """Whether it has asked so often in a row that all items are to wait."""
        return self._in_row >= self._patience

    def note(self, held: Held, answers: int, vouched: int, now: float) -> bool:
        """Note that it wants an item later.

        Args:
            held: The item.
            answers: Other answers in all so far.
            vouched: How often in all the conversation was found to be there.
            now: The time.

        Returns:
            Whether the item is to blame: it has been so with it alone, three times between which
            others were answered.
        """
        is_found_well = vouched > held.vouched
        is_well = is_found_well or answers >= held.answers + FEW
        is_alone = held.not_nows > 0 and held.others == self._count
        held.alone = held.alone + is_well if is_alone else 1
        held.in_vain = 1 if is_found_well else held.in_vain + 1
        self._count += 1
        self._in_row += 1
        held.not_nows += 1
        held.try_in_vain(answers)
        held.answers, held.vouched, held.others = answers, vouched, self._count
        held.retry_at = now + wait_before(held.not_nows + 1)
        return held.alone >= STRIKES

    def answered(self) -> None:
        """Note any other answer."""
        self._in_row = 0

    def waited(self, answers: int) -> None:
        """Note that all wait no longer."""
        self._answers = answers

    def waits(self, answers: int) -> None:
        """Note that all wait from now on; if it is soon again, that did not help."""
        is_soon = answers < self._answers + FEW
        patience = 2 * self._patience if is_soon else self._patience // 2
        self._patience = max(1, min(patience, MOST_PATIENCE))

    @staticmethod
    def is_ripe(held: Held, answers: int) -> bool:
        """Tell whether others were answered often enough to send an item again."""
        doublings = min(held.not_nows - 1, MOST_DOUBLINGS)
        return not held.not_nows or answers >= held.answers + FEW * 2**doublings

"""How many calls a batch may have under way: one more after each round, half on overload."""

from conversation_client.errors import (
    ConversationClientError,
    DeadlineExceededError,
    ServerUnresponsiveError,
    StatusError,
)

OVERLOAD = frozenset({429, 503})
"""Statuses by which a server says that it is asked too much."""


def is_overload(error: ConversationClientError) -> bool:
    """Tell whether an attempt failed in a way that fewer calls at a time may cure."""
    if isinstance(error, StatusError):
        return error.status in OVERLOAD
    return isinstance(error, DeadlineExceededError | ServerUnresponsiveError)


class Limit:
    """The number, between 1 and the maximum that it begins with."""

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.value = maximum
        self.epoch = 0
        """How often it was halved: calls that began before are no reason to halve it again."""
        self._successes = 0

    def succeeded(self) -> bool:
        """Count a success; tell whether it completes a round, so that the limit has risen."""
        if self.value == self.maximum:
            return False
        self._successes += 1
        if self._successes < self.value:
            return False
        self._successes = 0
        self.value += 1
        return True

    def overloaded(self, epoch: int) -> bool:
        """Halve the limit; tell whether it was, as for the first of the calls of an epoch."""
        if epoch < self.epoch:
            return False
        self.epoch += 1
        self._successes = 0
        self.value = max(1, self.value // 2)
        return True

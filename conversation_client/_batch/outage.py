"""A server that gives no answer or asks to wait: since when, and when it is asked again."""

import random

from conversation_client.errors import ConversationClientError

FIRST_WAIT = 0.1
LONGEST_WAIT = 6.0
"""Seconds before a probe; they double from the first to the longest."""
JITTER = 0.2
"""By how much of itself a wait may be longer."""


def wait_before(number: int) -> float:
    """Return the seconds to wait before a probe, counted from 1."""
    return min(FIRST_WAIT * 2.0 ** min(number - 1, 64), LONGEST_WAIT)


class Outage:
    """Since when the server does nothing for the batch, and when it is asked next."""

    def __init__(self, error: ConversationClientError, now: float) -> None:
        self.error = error
        """The latest."""
        self.since = now
        self.not_before = now
        """Until when the server asked to wait."""
        self.probe_at = now
        self._tries = 0
        self.wait(now)

    def wait(self, now: float) -> None:
        """Ask again, after twice as long as before."""
        self._tries += 1
        jitter = random.uniform(1, 1 + JITTER)  # noqa: S311
        self.probe_at = max(self.not_before, now + wait_before(self._tries) * jitter)

    def hold(self, until: float) -> None:
        """Ask no sooner than the server wants it."""
        self.not_before = max(self.not_before, until)
        self.probe_at = max(self.probe_at, until)

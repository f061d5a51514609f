"""The record of what the emulator was asked."""

import threading
from collections import Counter, deque
from collections.abc import Mapping

import attrs

KEPT = 1_000
"""How many of the latest requests a log holds."""


@attrs.frozen
class RecordedRequest:
    """One request as it came in."""

    operation: str
    """Operation id; empty if no route matched."""
    method: str
    target: str
    """Request target as sent: path still encoded, with the query."""
    ids: Mapping[str, str]
    """Path parameters by name, decoded."""
    headers: Mapping[str, str]
    """Header fields; names in any case."""
    body: bytes


class RequestLog:
    """The latest requests and the number of all, usable from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: deque[RecordedRequest] = deque(maxlen=KEPT)
        self._counts: Counter[str] = Counter()

    def add(self, request: RecordedRequest) -> None:
        """Note a request."""
        with self._lock:
            self._latest.append(request)
            self._counts[request.operation] += 1

    def latest(self) -> tuple[RecordedRequest, ...]:
        """Return the latest requests, oldest first."""
        with self._lock:
            return tuple(self._latest)

    def counts(self) -> Mapping[str, int]:
        """Return how many requests there were by operation id; 0 for those that had none."""
        with self._lock:
            return self._counts.copy()

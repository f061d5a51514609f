"""Answers that a test asks for instead of the emulator's own."""

import threading
from collections.abc import Mapping

import attrs


@attrs.frozen
class Reply:
    """An answer made to order."""

    status: int
    text: str
    headers: Mapping[str, str]


@attrs.define(eq=False)
class Fault:
    """What happens to the next requests."""

    operation: str | None
    """Id of the operation that it waits for; None for any request."""
    times: int
    """How many requests it still applies to."""
    reply: Reply | None = None
    """The answer; None for the operation's own, or for none if the connection is dropped."""
    acts: bool = False
    """Whether the request is carried out nevertheless."""
    drops: bool = False
    """Whether the connection is closed without an answer."""
    delay: float = 0.0
    """Seconds to wait before the answer, beside those of `Faults.delay`."""


class Faults:
    """What a test has asked for; usable from any thread."""

    def __init__(self, delay: float = 0.0) -> None:
        """Start without faults.

        Args:
            delay: Seconds to wait before each answer.
        """
        self.delay = delay
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Queue a fault behind those that wait for the same operation.

        Raises:
            ValueError: It applies to no request.
        """
        if fault.times < 1:
            raise ValueError(f"times must be at least 1, not {fault.times}")
        with self._lock:
            self._faults.append(fault)

    def take(self, operation: str) -> Fault | None:
        """Return the first fault that applies to a request, if any, and count it down."""
        with self._lock:
            for fault in self._faults:
                if fault.operation in (None, operation):
                    fault.times -= 1
                    if not fault.times:
                        self._faults.remove(fault)
                    return fault
        return None

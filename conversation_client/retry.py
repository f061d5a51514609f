"""When a failed call is sent again, and how long to wait before."""

import math
import random
from collections.abc import Callable
from typing import Any

import attrs

from conversation_client._http.wire import check_count
from conversation_client._record import Record
from conversation_client.errors import (
    ConversationClientError,
    DeadlineExceededError,
    GoneError,
    InvalidArgumentError,
    ServerUnresponsiveError,
    StatusError,
    TlsError,
    TransportError,
)
from conversation_client.operations import BY_ID, Operation

OnRepeat = Callable[[ConversationClientError], object]
"""Told the error of each attempt that is repeated."""

PASSING = frozenset({429, 502, 503, 504})
"""Statuses by which a server says that it has not acted and may later."""

_random = random.SystemRandom()
"""One that no `random.seed` of the program's changes, nor a fork repeats."""


def _positive(_: object, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 < value < math.inf:
        raise InvalidArgumentError(f"{attribute.name}: a positive number, not {value!r}")


def _count(_: object, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    check_count(attribute.name, value)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RetryPolicy(Record):
    """How often and after what waits a failed call is sent again.

    Operations that a repeat does not change (reads, associations, deletions) are repeated after anything that
    may pass; the others only if nothing was sent. The client's `timeout` bounds it all.

    Args:
        attempts: Requests in all, at least 1.
        wait_initial: Upper bound of the first wait, in seconds; it doubles with each attempt, and
            the wait is drawn at random between zero and the bound.
        wait_max: Upper bound of any such wait, in seconds.
        retry_after_max: Longest wait that the server may ask for, in seconds; a call that it wants
            to wait longer fails at once.

    Raises:
        InvalidArgumentError: A value is out of range.
    """

    attempts: int = attrs.field(default=3, validator=_count)
    wait_initial: float = attrs.field(default=0.1, validator=_positive)
    wait_max: float = attrs.field(default=5.0, validator=_positive)
    retry_after_max: float = attrs.field(default=120.0, validator=_positive)

    def wait(self, attempt: int, retry_after: float | None) -> float | None:
        """Return the seconds to wait after the attempt, counted from 1; `None` for no retry."""
        if retry_after is not None:
            return retry_after if retry_after <= self.retry_after_max else None
        doubled = self.wait_initial * 2.0 ** min(attempt - 1, 1000)  # where floats end
        return _random.uniform(0, min(self.wait_max, doubled))


def may_repeat(operation: Operation[object], error: ConversationClientError, attempt: int) -> bool:
    """Tell whether sending the operation again is safe and may help."""
    if isinstance(error, TransportError) and error.effect == "none":
        return not isinstance(error, DeadlineExceededError | TlsError)
    if not operation.repeatable:
        return False
    if isinstance(error, StatusError):
        # The reference knows no status but 500 for an id that does not exist: once is enough.
        return error.status in PASSING or (error.status == 500 and attempt == 1)
    return isinstance(error, TransportError) and not isinstance(error, DeadlineExceededError)


def says_removed(operation_id: str | None, error: ConversationClientError) -> bool:
    """Tell whether what was to be taken out is not there, which an earlier attempt may have done.

    A 404 does not: no operation documents one, so that it is the route that is missing.
    """
    row = BY_ID.get(operation_id or "")
    return row is not None and row.removes and isinstance(error, GoneError)


class RetryBudget:
    """Tokens that retries cost and successes earn, so that a dying server is not stormed."""

    SIZE = 500
    COST = 5
    TIMEOUT_COST = 10

    def __init__(self) -> None:
        self.spent: int = 0

    def spend(self, error: ConversationClientError) -> bool:
        """Take what a retry after this error costs; false, and nothing taken, for too little."""
        cost = self.TIMEOUT_COST if isinstance(error, ServerUnresponsiveError) else self.COST
        if self.spent + cost > self.SIZE:
            return False
        self.spent += cost
        return True

    def earn(self) -> None:
        """Give a token back after a success."""
        if self.spent:
            self.spent -= 1

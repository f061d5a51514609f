"""On which of two paths a server has an operation, and what its version lacks."""

from conversation_client._fork import call_after_fork
from conversation_client._http.session import Slots
from conversation_client.errors import ConversationClientError, InvalidArgumentError, StatusError
from conversation_client.operations import LATER, ApiVersion, Operation, spelled

SAYS_PATH_IS_THERE = frozenset({410, 500})
"""Statuses by which an operation itself answers that it cannot, as the reference has them."""


class Dialect:
    """What is known of the paths of a server: one for a client and all of its views.

    Args:
        version: That of the API that the server speaks, if somebody has said so.
    """

    def __init__(self, version: ApiVersion | None = None) -> None:
        self.version = version
        self.is_later: bool | None = None if version is None else version >= LATER
        """Whether the later path is the right one; `None` while that is not known."""
        self.turn = Slots(1)
        """Taken by the call that finds out, while others wait."""
        call_after_fork(self)

    def check(self, operation: Operation[object]) -> None:
        """Refuse what a server of a version that was told does not have.

        Raises:
            InvalidArgumentError: It is in later versions only.
        """
        if self.version is not None and self.version < operation.since:
            error = InvalidArgumentError(
                f"it is there from API {spelled(operation.since)} on, and the server's is said to"
                f" be {spelled(self.version)}"
            )
            error.operation = operation.id
            raise error

    def forget(self, is_later: bool) -> None:
        """Note that a path is not there, whatever was known: servers are upgraded under clients."""
        if self.is_later is is_later:
            self.is_later = None

    def learn(self, is_later: bool, error: ConversationClientError | None) -> None:
        """Note how the call that finds out ended on a path."""
        if error is None or (isinstance(error, StatusError) and error.status in SAYS_PATH_IS_THERE):
            self.is_later = is_later

    def after_fork(self) -> object:
        """Leave the call that finds out to the parent process."""
        self.turn = Slots(1)
        return None

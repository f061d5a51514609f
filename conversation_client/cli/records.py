"""What is found in a file of ids: a record, with an id or without one."""

from collections.abc import Iterable
from typing import Protocol


class UnreadableError(ValueError):
    """There is no id in a line of the input."""


Record = tuple[int, str | UnreadableError]
"""The number of the line that it begins on, and its id or why there is none."""


class Reader(Protocol):
    """Finds the ids in lines."""

    def feed(self, number: int, line: str, /) -> Iterable[Record]:
        """Return the records that this line completes.

        Raises:
            UnusableFileError: The file is of another format.
        """
        ...

    def finish(self) -> Iterable[Record]:
        """Return what is left at the end."""
        ...

"""Copies of clients: what a subclass has added is copied as ever, what is the client's own is not."""

import copy
from typing import Any, ClassVar, Self


class Copied:
    """The part of a client that copies it."""

    _own: ClassVar[frozenset[str]]
    """Attributes that belong to the client itself."""

    def __copy__(self) -> Self:
        """Return a client on the same session; closing either closes both."""
        twin = object.__new__(type(self))
        vars(twin).update(vars(self))
        return twin

    def _others(self) -> dict[str, Any]:
        """Return the attributes that a subclass has added."""
        return {name: value for name, value in vars(self).items() if name not in self._own}

    def _twin(self, memo: dict[int, Any]) -> Self:
        """Begin a deep copy, with all but what is the client's own."""
        twin = object.__new__(type(self))
        memo[id(self)] = twin
        vars(twin).update(copy.deepcopy(self._others(), memo))
        return twin

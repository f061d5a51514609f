"""What one who watches conversations knows, and what is yet to be told of it; no I/O."""

from collections import OrderedDict
from collections.abc import Iterable

from conversation_client.changes import ConversationChange
from conversation_client.errors import DecodeError
from conversation_client.models.stream import StreamedIdentifier, StreamedIdentifiers

MOST_UNHEARD = 10_000
"""Deletions of what was made since anything was taken that are kept to be told, the latest."""


class Picture:
    """The conversations that there are, and the changes that nobody has taken.

    Changes of one conversation are one, its latest state, so that there are never many more than
    conversations, however slowly they are taken.
    """

    def __init__(self) -> None:
        self._there: set[str] = set()
        self._told: set[str] = set()
        """Those that whoever takes the changes believes to be there."""
        self._untold: OrderedDict[str, bool] = OrderedDict()
        """What is to be told: whether each is gone."""
        self._unheard: OrderedDict[str, None] = OrderedDict()
        """Those to be told as gone that were never told as being there."""

    def begin(self, changes: Iterable[ConversationChange]) -> None:
        """Take in the first frame of a connection, which names all that there are.

        What was known and is not among them has gone meanwhile.
        """
        there = [change.id for change in changes if not change.deleted]
        for name in self._there.difference(there):
            self._note(name, deleted=True)
        for name in there:
            self._note(name, deleted=False)

    def go_on(self, changes: Iterable[ConversationChange]) -> None:
        """Take in another frame, which names what has changed."""
        for change in changes:
            self._note(change.id, deleted=change.deleted)

    def take(self) -> ConversationChange | None:
        """Return the next change to tell, the oldest, if there is one."""
        if not self._untold:
            return None
        name, deleted = self._untold.popitem(last=False)
        self._unheard.pop(name, None)
        if deleted:
            self._told.discard(name)
        else:
            self._told.add(name)
        return ConversationChange(name, deleted)

    def _note(self, name: str, *, deleted: bool) -> None:
        self._untold[name] = deleted
        if not deleted:
            self._there.add(name)
            self._unheard.pop(name, None)
            return
        self._there.discard(name)
        if name not in self._told:
            self._unheard[name] = None
            if len(self._unheard) > MOST_UNHEARD:
                forgotten, _ = self._unheard.popitem(last=False)
                del self._untold[forgotten]


def changes_in(frame: StreamedIdentifiers) -> list[ConversationChange]:
    """Return what a frame says of conversations; what it says of others is passed over.

    Raises:
        DecodeError: It is about a conversation and does not say which.
    """
    changes: list[ConversationChange] = []
    for position, entry in enumerate(frame.iterable):
        if not isinstance(entry, StreamedIdentifier):  # pyright: ignore[reportUnnecessaryIsInstance]  # as it came
            path = f"$.iterable[{position}]"
            raise DecodeError(f"{path}: an object is expected", path=path)
        reference = entry.conversation
        if reference is None and "conversation" not in entry.extra:
            continue
        if reference is None or not reference.id:
            path = f"$.iterable[{position}].conversation"
            raise DecodeError(f"{path}: a conversation without an id", path=path)
        changes.append(ConversationChange(reference.id, bool(entry.deleted)))
    return changes

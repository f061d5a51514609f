"""The identifier streams: what there is, and what changes, by nothing but ids."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

import attrs

from conversation_client import operations
from conversation_client.operations import FIRST, ApiVersion, Material
from conversation_client.testing.documents import JsonObject, dump

Tell = Callable[[str], object]
"""Takes a frame; it must not wait."""


class Subject(StrEnum):
    """What a stream is about: the key of its entries."""

    CONVERSATION = "conversation"
    MESSAGE = "conversationMessage"
    ASSET = "asset"
    ANCHOR = "anchor"
    RANGE = "range"


@attrs.frozen
class Stream:
    """An identifier stream."""

    subject: Subject
    path: str
    operation: str
    """Id of its row or, without one, in the official SDK."""
    since: ApiVersion = FIRST


STREAMS = (
    *(
        Stream(subject, row.path, row.id, row.since)
        for subject, row in (
            (Subject.CONVERSATION, operations.STREAM_CONVERSATION_IDENTIFIERS),
            (Subject.MESSAGE, operations.STREAM_MESSAGE_IDENTIFIERS),
        )
    ),
    Stream(Subject.ASSET, "/assets/stream/identifiers", "assets_stream_identifiers"),
    Stream(Subject.ANCHOR, "/anchors/stream/identifiers", "anchors_stream_identifiers", (3, 2)),
    Stream(Subject.RANGE, "/ranges/stream/identifiers", "ranges_stream_identifiers", (3, 2)),
)
MATERIALS: Mapping[str, Subject] = MappingProxyType(
    {
        Material.ASSET.collection: Subject.ASSET,
        Material.ANCHOR.collection: Subject.ANCHOR,
        Material.RANGE.collection: Subject.RANGE,
    }
)
"""The collections whose ids have a stream."""


def frame(subject: Subject, *ids: str, deleted: bool = False) -> JsonObject:
    """Return what a stream says of these ids."""
    rest = {"deleted": True} if deleted else {}
    # Without `reference`, which clients refuse if it is not a complete document.
    return {"iterable": [{subject.value: {"id": name}} | rest for name in ids]}


class Changes:
    """What transactions change, and who is told of it once each is done."""

    def __init__(self) -> None:
        self._noted: dict[tuple[Subject, str], bool] = {}
        self._listening: dict[Subject, set[Tell]] = {subject: set() for subject in Subject}

    def note(self, subject: Subject, name: str, *, deleted: bool = False) -> None:
        """Note that something was made, has changed, or was deleted."""
        self._noted[subject, name] = deleted

    def forget(self) -> None:
        """Begin a transaction."""
        self._noted.clear()

    def tell(self) -> None:
        """Tell what the transaction has changed, in a frame for each."""
        for (subject, name), deleted in self._noted.items():
            if self._listening[subject]:
                text = dump(frame(subject, name, deleted=deleted)).decode()
                for tell in tuple(self._listening[subject]):
                    tell(text)
        self._noted.clear()

    def add(self, subject: Subject, tell: Tell) -> None:
        """Tell somebody of all that changes from now on."""
        self._listening[subject].add(tell)

    def remove(self, subject: Subject, tell: Tell) -> None:
        """Tell somebody no more; from any thread, also between transactions."""
        self._listening[subject].discard(tell)

"""What the emulator does for each operation on messages."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import attrs

from conversation_client import operations
from conversation_client.operations import (
    MESSAGE_ASSOCIATIONS,
    MESSAGE_DISASSOCIATIONS,
    Material,
    MessageAssociationOperation,
    MessageMaterial,
    Operation,
)
from conversation_client.testing import authoring
from conversation_client.testing.calls import Call, MissingError, body_of, visible
from conversation_client.testing.documents import (
    Entry,
    JsonObject,
    as_object,
    as_text,
    attach,
    detach,
    listing,
    now,
)
from conversation_client.testing.search import Query, found, text_of
from conversation_client.testing.store import Store

_KNOWN_IN = {material.value: material.collection for material in Material}
"""Under which collection the ids of a material are known, of those that conversations have, too."""


class Messages:
    """The operations on messages, for a backend that runs them."""

    def __init__(self, store: Store, *, strict: bool) -> None:
        self._store = store
        self._strict = strict
        actions: dict[Operation[object], Callable[[Call], JsonObject | None]] = {
            operations.GET_MESSAGE: self._get,
            operations.LIST_MESSAGES: self._list,
            operations.UPDATE_MESSAGE: self._update,
            operations.UPDATE_MESSAGE_VALUE: self._update_value,
            operations.DELETE_MESSAGE: self._delete,
            operations.SEARCH_MESSAGES: self._search,
            operations.INCREMENT_MESSAGE_SCORES: self._increment_scores,
        }
        for row in MESSAGE_ASSOCIATIONS.values():
            actions[row] = partial(self._associate, row)
        for row in MESSAGE_DISASSOCIATIONS.values():
            actions[row] = partial(self._disassociate, row)
        self.actions: Mapping[Operation[object], Callable[[Call], JsonObject | None]] = (
            MappingProxyType(actions)
        )

    def _get(self, call: Call) -> JsonObject:
        return visible(self._require(call.ids["message"], status=410), call)

    def _list(self, call: Call) -> JsonObject:
        shown = (visible(message, call) for message in self._store.all_messages())
        return listing(Entry(message["id"], message) for message in shown)

    def _update(self, call: Call) -> JsonObject:
        changes = body_of(call)
        return self._write(self._named_in(changes), changes, call)

    def _update_value(self, call: Call) -> JsonObject:
        body = body_of(call)
        message = self._named_in(body)
        fragment = as_object(body.get("fragment"), "the fragment of a message")
        return self._write(message, {"fragment": fragment}, call)

    def _named_in(self, body: JsonObject) -> JsonObject:
        return self._require(as_text(body.get("id"), "the id of the message"))

    def _write(self, message: JsonObject, changes: JsonObject, call: Call) -> JsonObject:
        sent = {name: value for name, value in changes.items() if value is not None}
        written = authoring.merged(message, sent) | {"updated": {"value": now()}}
        self._put(written)
        return visible(written, call)

    def _put(self, message: JsonObject) -> None:
        self._store.put_message(Entry(message["id"]), message)
        self._store.touch_holders(message["id"])

    def _delete(self, call: Call) -> None:
        self._store.delete_message(self._require(call.ids["message"])["id"])

    def _search(self, call: Call) -> JsonObject:
        texts = ((message, text_of(message)) for message in self._store.all_messages())
        return found("message", texts, Query.of(body_of(call)), partial(visible, call=call))

    def _increment_scores(self, call: Call) -> None:
        message = self._require(call.ids["message"])
        score = as_object(message.get("score") or {}, "score")
        self._put(message | {"score": authoring.incremented(score, call.body or {})})

    def _associate(self, row: MessageAssociationOperation, call: Call) -> None:
        message = self._require(call.ids[row.owner])
        place, entry = row.material.collection, Entry(call.ids[row.item])
        self._admit(row.material, entry)
        entries = detach(message, place)
        listed = {known.id: known for known in entries if not known.removed}
        if entry.id in listed:
            return
        rest = [known for known in entries if known.id != entry.id]
        attach(message, place, [*rest, entry])
        self._put(message)

    def _disassociate(self, row: MessageAssociationOperation, call: Call) -> None:
        message = self._require(call.ids[row.owner])
        place, name = row.material.collection, call.ids[row.item]
        entries = detach(message, place)
        if not any(entry.id == name and not entry.removed for entry in entries):
            return
        attach(
            message,
            place,
            [attrs.evolve(each, removed=each.removed or each.id == name) for each in entries],
        )
        self._put(message)

    def _admit(self, material: MessageMaterial, entry: Entry) -> None:
        collection = _KNOWN_IN.get(material.value)
        if self._strict and collection and not self._store.knows(collection, entry):
            raise MissingError(f"{collection}: there is no {entry.id!r}")

    def _require(self, message: str, status: int = 500) -> JsonObject:
        document = self._store.message(message)
        if document is None:
            raise MissingError(f"there is no message {message!r}", status)
        return document

"""What the emulator does for each operation, on its store; no HTTP."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import attrs

from conversation_client import operations
from conversation_client.operations import (
    ASSOCIATIONS,
    DISASSOCIATIONS,
    AssociationOperation,
    Material,
    Operation,
)
from conversation_client.testing import authoring
from conversation_client.testing.calls import Call, MissingError, body_of, visible
from conversation_client.testing.documents import (
    ANNOTATIONS,
    COLLECTIONS,
    MESSAGES,
    Entry,
    JsonObject,
    as_object,
    as_text,
    attach,
    detach,
    dump,
    find,
    listing,
)
from conversation_client.testing.messages import Messages
from conversation_client.testing.search import Query, found, text_of
from conversation_client.testing.store import Store
from conversation_client.testing.streams import Subject, Tell, frame

_REQUIRED = ("id", "created", MESSAGES, "type")


class Backend:
    """The operations. Each succeeds, or raises and leaves everything as it was."""

    def __init__(self, store: Store, *, strict: bool = False) -> None:
        """Work on a store.

        Args:
            store: Where everything is kept; the caller closes it.
            strict: Whether the ids of materials must be known before they are associated.
        """
        self._store = store
        self._strict = strict
        self._actions: dict[Operation[object], Callable[[Call], JsonObject | None]] = {
            operations.GET_CONVERSATION: self._get_conversation,
            operations.GET_MESSAGES: self._get_messages,
            operations.UPDATE_CONVERSATION: self._update_conversation,
            operations.RENAME_CONVERSATION: self._rename_conversation,
            operations.SUMMARIZE_CONVERSATION: self._summarize_conversation,
            operations.INCREMENT_SCORES: self._increment_scores,
            operations.PREPARE_CONVERSATION: self._prepare_conversation,
            operations.SEARCH_CONVERSATION_MESSAGES: self._search_conversation_messages,
            operations.CREATE_CONVERSATION: self._create_conversation,
            operations.CREATE_CONVERSATION_FROM_ASSET: partial(
                self._create_from, Material.ASSET, "asset"
            ),
            operations.CREATE_CONVERSATION_FROM_WORKSTREAM_SUMMARY: partial(
                self._create_from, Material.WORKSTREAM_SUMMARY, "workstream_summary"
            ),
            operations.DELETE_CONVERSATION: self._delete_conversation,
            operations.LIST_CONVERSATIONS: self._list_conversations,
            operations.LIST_CONVERSATION_IDENTIFIERS: self._list_identifiers,
            operations.SEARCH_CONVERSATIONS: self._search_conversations,
            operations.STREAM_CONVERSATION_IDENTIFIERS: partial(self._stream, Subject.CONVERSATION),
            operations.STREAM_MESSAGE_IDENTIFIERS: partial(self._stream, Subject.MESSAGE),
            operations.CREATE_MESSAGE: self._create_message,
        }
        self._actions |= Messages(store, strict=strict).actions
        for row in ASSOCIATIONS.values():
            self._actions[row] = partial(self._associate, row)
        for row in DISASSOCIATIONS.values():
            self._actions[row] = partial(self._disassociate, row)

    def run(self, operation: Operation[object], call: Call) -> JsonObject | None:
        """Carry out one operation.

        Returns:
            The document to answer with, None where the answer is empty.

        Raises:
            MissingError: The call names something that does not exist.
            MalformedError: The body has another shape than its schema.
        """
        with self._store.transaction():
            return self._actions[operation](call)

    def identifiers(self, subject: Subject) -> JsonObject:
        """Return the frame that names all there are."""
        with self._store.transaction():
            return frame(subject, *self._store.known(subject))

    def listen(self, subject: Subject, tell: Tell) -> None:
        """Tell somebody of all there are in one frame, and in others of what changes from then on."""
        with self._store.transaction():
            tell(dump(frame(subject, *self._store.known(subject))).decode())
            self._store.changes.add(subject, tell)

    def leave(self, subject: Subject, tell: Tell) -> None:
        """Tell somebody no more."""
        self._store.changes.remove(subject, tell)

    def seed(self, document: JsonObject, messages: Iterable[JsonObject] = ()) -> str:
        """Add a conversation as it is, whatever materials it names.

        Args:
            document: A conversation; what the schema requires and it lacks is made up.
            messages: `SeededConversationMessage` documents to append.

        Returns:
            Its id.

        Raises:
            ValueError: There is such a conversation already, or a document is malformed.
        """
        complete = authoring.conversation(**document)
        conversation = as_text(complete["id"], "the id of the conversation")
        with self._store.transaction():
            if self._store.key(conversation) is not None:
                raise ValueError(f"there is a conversation {conversation!r} already")
            key = self._insert(complete)
            for message in messages:
                self._append(key, authoring.message(message, conversation))
        return conversation

    def is_empty(self) -> bool:
        """Say whether there is no conversation at all."""
        with self._store.transaction():
            return not self._store.all_keys()

    def associations(self, conversation: str, material: Material) -> tuple[str, ...]:
        """Return the ids that a conversation is associated with, in order.

        Raises:
            MissingError: There is no such conversation.
        """
        with self._store.transaction():
            return self._store.ids(self._require(conversation), material.collection)

    def conversations(self, material: Material, name: str) -> tuple[str, ...]:
        """Return the ids of the conversations that a material is associated with, in order."""
        with self._store.transaction():
            return self._store.holders(material.collection, Entry(name))

    def declare(self, material: Material, name: str) -> None:
        """Make the id of a material known."""
        with self._store.transaction():
            self._store.declare(material.collection, Entry(name))

    def material(self, material: Material, name: str) -> JsonObject:
        """Return what has been said of a material; nothing, if it was only named.

        Raises:
            MissingError: It was not even named.
        """
        place, entry = material.collection, Entry(name)
        with self._store.transaction():
            if not self._store.knows(place, entry):
                raise MissingError(f"there is no {material} {name!r}", 410)
            document = self._store.document(place, entry) or {}
        return as_object(document.get("reference") or {}, f"the {material}")

    def _get_conversation(self, call: Call) -> JsonObject:
        return self._shown(self._require(call.ids["conversation"], status=410), call)

    def _get_messages(self, call: Call) -> JsonObject:
        entries = self._store.entries(self._require(call.ids["conversation"]), MESSAGES)
        shown = ((entry, self._message(entry.id, call)) for entry in entries)
        return listing(
            Entry(entry.id, message, entry.removed)
            for entry, message in shown
            if message or entry.removed
        )

    def _update_conversation(self, call: Call) -> JsonObject:
        body = body_of(call)
        key = self._require(as_text(body.get("id"), "the id of the conversation"))
        changes = {
            name: value
            for name, value in body.items()
            if value is not None or name not in _REQUIRED
        }
        for collection in COLLECTIONS:
            if collection.split(".")[0] in changes:
                entries = detach(changes, collection)
                self._admit(collection, entries)
                if collection == MESSAGES:
                    entries = self._with_those_unlisted(key, entries)
                self._replace(key, collection, entries)
        fields = self._store.fields(key) | changes
        kept = {name: value for name, value in fields.items() if value is not None}
        self._store.write(key, kept)
        return self._shown(key, call)

    def _rename_conversation(self, call: Call) -> JsonObject:
        key = self._require(call.ids["conversation"])
        name = authoring.title(self._messages(self._store.ids(key, MESSAGES)))
        self._store.write(key, self._store.fields(key) | {"name": name})
        return self._shown(key, call)

    def _summarize_conversation(self, call: Call) -> JsonObject:
        conversation = call.ids["conversation"]
        key = self._require(conversation)
        named = detach(call.body or {}, MESSAGES)
        self._admit(Material.MESSAGE.collection, named)
        ids = [entry.id for entry in named if not entry.removed]
        seed = {
            "mechanism": "AUTOMATIC",
            "type": "SUMMARY",
            "text": authoring.summary(self._messages(ids or self._store.ids(key, MESSAGES))),
        }
        annotation = authoring.annotation(seed, conversation)
        reference: JsonObject = {"id": annotation["id"], "reference": annotation}
        self._store.add(key, ANNOTATIONS, Entry(annotation["id"], reference))
        return {"conversation": {"id": conversation}, "annotation": reference}

    def _increment_scores(self, call: Call) -> None:
        key = self._require(call.ids["conversation"])
        fields = self._store.fields(key)
        score = as_object(fields.get("score") or {}, "score")
        self._store.write(key, fields | {"score": authoring.incremented(score, call.body or {})})

    def _associate(self, row: AssociationOperation, call: Call) -> None:
        self._store.add(*self._named(row, call))

    def _disassociate(self, row: AssociationOperation, call: Call) -> None:
        self._store.remove(*self._named(row, call))

    def _named(self, row: AssociationOperation, call: Call) -> tuple[int, str, Entry]:
        """Return the conversation, the collection and the entry that an association names."""
        key = self._require(call.ids[row.owner])
        place, entry = row.material.collection, Entry(call.ids[row.item])
        self._admit(place, [entry])
        return key, place, entry

    def _prepare_conversation(self, call: Call) -> None:
        self._require(call.ids["conversation"])

    def _search_conversation_messages(self, call: Call) -> JsonObject:
        key = self._require(call.ids["conversation"])
        messages = self._messages(self._store.ids(key, MESSAGES))
        texts = ((message, text_of(message)) for message in messages)
        return found("message", texts, Query.of(body_of(call)), partial(visible, call=call))

    def _search_conversations(self, call: Call) -> JsonObject:
        texts: list[tuple[JsonObject, str]] = []
        for key in self._store.all_keys():
            document = self._shown(key, call)
            messages = self._messages(self._store.ids(key, MESSAGES))
            lines = [str(document.get("name") or ""), *map(text_of, messages)]
            texts.append((document, "\n".join(lines)))
        return found("conversation", texts, Query.of(body_of(call)), dict)

    def _create_from(self, material: Material, parameter: str, call: Call) -> JsonObject:
        entry = Entry(call.ids[parameter])
        self._admit(material.collection, [entry])
        document = authoring.conversation(name=authoring.DEFAULT_NAME)
        self._store.add(self._insert(document), material.collection, entry)
        return {"conversation": {"id": document["id"]}}

    def _delete_conversation(self, call: Call) -> None:
        self._store.delete(self._require(call.ids["conversation"]))

    def _list_identifiers(self, _: Call) -> JsonObject:
        return listing(Entry(self._store.fields(key)["id"]) for key in self._store.all_keys())

    def _stream(self, subject: Subject, _: Call) -> JsonObject:
        return frame(subject, *self._store.known(subject))

    def _create_conversation(self, call: Call) -> JsonObject:
        document = authoring.conversation_from_seed(body_of(call))
        return self._shown(self._insert(document, checked=("assets", "websites")), call)

    def _list_conversations(self, call: Call) -> JsonObject:
        shown = [self._shown(key, call) for key in self._store.all_keys()]
        return listing(Entry(document["id"], document) for document in shown)

    def _create_message(self, call: Call) -> JsonObject:
        seed = body_of(call)
        if seed.get("conversation") is None:
            key = self._insert(authoring.conversation(name=authoring.DEFAULT_NAME))
            conversation: str = self._store.fields(key)["id"]
        else:
            reference = as_object(seed["conversation"], "the conversation of the message")
            conversation = as_text(reference.get("id"), "the id of the conversation")
            key = self._require(conversation)
        message = authoring.message(seed, conversation)
        self._append(key, message)
        return visible(message, call)

    def _require(self, conversation: str, status: int = 500) -> int:
        key = self._store.key(conversation)
        if key is None:
            raise MissingError(f"there is no conversation {conversation!r}", status)
        return key

    def _admit(self, collection: str, entries: Iterable[Entry]) -> None:
        if not self._strict or collection == MESSAGES:
            return
        for entry in entries:
            if not entry.removed and not self._store.knows(collection, entry):
                raise MissingError(f"{collection}: there is no {entry.id!r}")

    def _insert(self, document: JsonObject, checked: Iterable[str] = ()) -> int:
        collections = {collection: detach(document, collection) for collection in COLLECTIONS}
        for collection in checked:
            self._admit(collection, collections[collection])
        key = self._store.insert(document["id"], document)
        for collection, entries in collections.items():
            if entries:
                self._replace(key, collection, entries)
        return key

    def _replace(self, key: int, collection: str, entries: Iterable[Entry]) -> None:
        if collection == MESSAGES:
            conversation = self._store.fields(key)["id"]
            entries = [self._entry_of_message(entry, conversation) for entry in entries]
        self._store.replace(key, collection, entries)

    def _with_those_unlisted(self, key: int, listed: list[Entry]) -> list[Entry]:
        """Return the messages of a conversation after an update that may be of an old copy.

        Those that it does not list stay, those that were taken away stay away.
        """
        sent = {entry.id: entry for entry in listed}
        before = self._store.entries(key, MESSAGES)
        kept = [attrs.evolve(sent.pop(entry.id, entry), removed=entry.removed) for entry in before]
        return [*kept, *sent.values()]

    def _entry_of_message(self, entry: Entry, conversation: str) -> Entry:
        """Keep the message that an entry refers to if it is new, and return the entry without it."""
        rest = dict(entry.document or {})
        reference = rest.pop("reference", None)
        if reference is not None:
            message: JsonObject = as_object(reference, "the reference of a message")
            if not entry.removed and self._store.message(entry.id) is None:
                made = {"conversation": {"id": conversation}} | message
                self._store.put_message(entry, {"id": entry.id} | made)
        return Entry(entry.id, rest if len(rest) > 1 else None, entry.removed)

    def _append(self, key: int, message: JsonObject) -> None:
        entry = Entry(message["id"])
        self._store.put_message(entry, message)
        self._store.add(key, MESSAGES, entry)

    def _messages(self, ids: Iterable[str]) -> Iterator[JsonObject]:
        return filter(None, map(self._store.message, ids))

    def _message(self, name: str, call: Call) -> JsonObject | None:
        message = self._store.message(name)
        return message and visible(message, call)

    def _shown(self, key: int, call: Call) -> JsonObject:
        """Return a conversation as it goes over the wire."""
        document = self._store.fields(key)
        for collection in COLLECTIONS:
            entries = self._store.entries(key, collection)
            if collection == MESSAGES:
                entries = [self._with_message(entry, call) for entry in entries]
            if entries or find(document, collection) is not None:
                attach(document, collection, entries)
        return document

    def _with_message(self, entry: Entry, call: Call) -> Entry:
        message = self._message(entry.id, call)
        if message is None:
            return entry
        document = (entry.document or {"id": entry.id}) | {"reference": message}
        return attrs.evolve(entry, document=document)

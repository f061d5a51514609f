"""What the emulator remembers: rows of an SQLite database, in memory or in a file.

An association is one row that serves both of its sides, so adding one costs the same however many
there are.
"""

import json
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from conversation_client.testing.documents import Entry, JsonObject, dump, now, readable
from conversation_client.testing.streams import MATERIALS, Changes, Subject

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        import sqlite3
    except ImportError:  # some Pythons are built without it
        sqlite3 = None

_APPLICATION_ID = 0x50434F4E
"""Marks a file as the emulator's; SQLite keeps the number in the file's header."""

_SCHEMA = f"""
BEGIN;
CREATE TABLE conversations (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    fields BLOB NOT NULL,
    touched TEXT
);
CREATE TABLE messages (id TEXT PRIMARY KEY, document BLOB NOT NULL);
CREATE TABLE materials (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (collection, id)
) WITHOUT ROWID;
CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (key),
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    document BLOB,
    removed INTEGER NOT NULL DEFAULT FALSE,
    UNIQUE (conversation, collection, id)
);
CREATE INDEX entries_by_id ON entries (collection, id);
PRAGMA application_id = {_APPLICATION_ID};
COMMIT;
"""

_ADD = """
INSERT INTO entries (conversation, collection, id, document) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET removed = FALSE, position = (SELECT max(position) + 1 FROM entries)
WHERE removed
"""

_REMOVE = """
UPDATE entries SET removed = TRUE
WHERE conversation = ? AND collection = ? AND id = ? AND NOT removed
"""

_PUT_MESSAGE = """
INSERT INTO messages (id, document) VALUES (?, ?)
ON CONFLICT (id) DO UPDATE SET document = excluded.document
"""

_KNOWN = """
SELECT EXISTS (SELECT 1 FROM materials WHERE collection = :collection AND id = :id)
    OR EXISTS (SELECT 1 FROM entries WHERE collection = :collection AND id = :id)
    OR :collection = 'grounding.messages' AND EXISTS (SELECT 1 FROM messages WHERE id = :id)
"""

_ALL_KNOWN = """
SELECT id FROM materials WHERE collection = :collection
UNION SELECT id FROM entries WHERE collection = :collection
"""


class Store:
    """Conversations, messages and associations. To be used inside `transaction()`."""

    def __init__(self, path: str | Path | None = None) -> None:
        """Open a database, or create it.

        Args:
            path: File to keep it in; None for memory.

        Raises:
            OSError: The file cannot be opened, or belongs to another program.
            ImportError: This Python has no sqlite3.
        """
        if sqlite3 is None:
            raise ImportError(
                "it keeps its state by sqlite3, which this Python was built without: use another"
                " Python",
                name="sqlite3",
            )
        self._lock = threading.Lock()
        self.changes: Changes = Changes()
        """What is changed, for those who want to be told."""
        try:
            self._db = _open(path or ":memory:")
        except sqlite3.Error as error:
            raise OSError(f"cannot keep the emulator's state in {path}: {error}") from error

    def close(self) -> None:
        """Close the database; what is only in memory is gone."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Do everything inside or nothing, with no other thread in between."""
        with self._lock:
            self.changes.forget()
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise
            self.changes.tell()

    def insert(self, conversation: str, fields: JsonObject) -> int:
        """Add a conversation without any entries, as of now if it does not say; return its key."""
        row = (conversation, dump(fields), None if "updated" in fields else now())
        (key,) = self._db.execute(
            "INSERT INTO conversations (id, fields, touched) VALUES (?, ?, ?) RETURNING key", row
        ).fetchone()
        self.changes.note(Subject.CONVERSATION, conversation)
        return int(key)

    def delete(self, key: int) -> None:
        """Take a conversation away, and its messages with it."""
        conversation = self._id(key)
        for entry in self.entries(key, "messages"):
            self.delete_message(entry.id)
        self._db.execute("DELETE FROM entries WHERE conversation = ?", (key,))
        self._db.execute("DELETE FROM conversations WHERE key = ?", (key,))
        self.changes.note(Subject.CONVERSATION, conversation, deleted=True)

    def _id(self, key: int) -> str:
        (conversation,) = self._db.execute(
            "SELECT id FROM conversations WHERE key = ?", (key,)
        ).fetchone()
        return str(conversation)

    def key(self, conversation: str) -> int | None:
        """Return the key of a conversation, or None if there is no such conversation."""
        row = self._db.execute(
            "SELECT key FROM conversations WHERE id = ?", (conversation,)
        ).fetchone()
        return row[0] if row else None

    def all_keys(self) -> list[int]:
        """Return the keys of all conversations, oldest first."""
        return [key for (key,) in self._db.execute("SELECT key FROM conversations ORDER BY key")]

    def fields(self, key: int) -> JsonObject:
        """Return a conversation without its entries."""
        fields, touched = self._db.execute(
            "SELECT fields, touched FROM conversations WHERE key = ?", (key,)
        ).fetchone()
        document: JsonObject = json.loads(fields)
        if touched:
            document["updated"] = {"value": touched, "readable": readable(touched)}
        return document

    def write(self, key: int, fields: JsonObject) -> None:
        """Replace a conversation's fields; its entries stay."""
        self._db.execute("UPDATE conversations SET fields = ? WHERE key = ?", (dump(fields), key))
        self._touch(key)

    def _touch(self, key: int) -> None:
        (conversation,) = self._db.execute(
            "UPDATE conversations SET touched = ? WHERE key = ? RETURNING id", (now(), key)
        ).fetchone()
        self.changes.note(Subject.CONVERSATION, conversation)

    def _note_material(self, collection: str, name: str) -> None:
        if collection in MATERIALS:
            self.changes.note(MATERIALS[collection], name)

    def add(self, key: int, collection: str, entry: Entry) -> None:
        """Put an entry at the end of a collection, unless its id is there."""
        row = (key, collection, entry.id, entry.document and dump(entry.document))
        if self._db.execute(_ADD, row).rowcount:
            self._touch(key)
            self._note_material(collection, entry.id)

    def remove(self, key: int, collection: str, entry: Entry) -> None:
        """Take an entry's id out of a collection, if it is there."""
        if self._db.execute(_REMOVE, (key, collection, entry.id)).rowcount:
            self._touch(key)
            self._note_material(collection, entry.id)

    def replace(self, key: int, collection: str, entries: Iterable[Entry]) -> None:
        """Make these the entries of a collection; ids that are no longer there count as removed."""
        before = {entry.id for entry in self.entries(key, collection)}
        after = list(entries)
        gone = before.difference(entry.id for entry in after)
        self._db.execute(
            "DELETE FROM entries WHERE conversation = ? AND collection = ?", (key, collection)
        )
        self._db.executemany(
            "INSERT INTO entries (conversation, collection, id, document, removed)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                (key, collection, entry.id, entry.document and dump(entry.document), entry.removed)
                for entry in [*after, *(Entry(name, removed=True) for name in gone)]
            ),
        )
        for name in before.symmetric_difference(entry.id for entry in after):
            self._note_material(collection, name)

    def entries(self, key: int, collection: str) -> list[Entry]:
        """Return a collection's entries in order, with those that were removed from it."""
        rows = self._db.execute(
            "SELECT id, document, removed FROM entries"
            " WHERE conversation = ? AND collection = ? ORDER BY position",
            (key, collection),
        )
        return [
            Entry(name, document and json.loads(document), bool(removed))
            for name, document, removed in rows
        ]

    def ids(self, key: int, collection: str) -> tuple[str, ...]:
        """Return the ids of a collection in order."""
        rows = self._db.execute(
            "SELECT id FROM entries"
            " WHERE conversation = ? AND collection = ? AND NOT removed ORDER BY position",
            (key, collection),
        )
        return tuple(name for (name,) in rows)

    def holders(self, collection: str, entry: Entry) -> tuple[str, ...]:
        """Return the ids of the conversations that list an entry's id, in the order they came to."""
        rows = self._db.execute(
            "SELECT conversations.id FROM entries JOIN conversations ON key = conversation"
            " WHERE collection = ? AND entries.id = ? AND NOT removed ORDER BY position",
            (collection, entry.id),
        )
        return tuple(name for (name,) in rows)

    def document(self, collection: str, entry: Entry) -> JsonObject | None:
        """Return an entry of any conversation as it was sent, if it held more than its id."""
        row = self._db.execute(
            "SELECT document FROM entries"
            " WHERE collection = ? AND id = ? AND NOT removed AND document IS NOT NULL",
            (collection, entry.id),
        ).fetchone()
        return json.loads(row[0]) if row else None

    def message(self, message: str) -> JsonObject | None:
        """Return a message, or None if there is no such message."""
        row = self._db.execute("SELECT document FROM messages WHERE id = ?", (message,)).fetchone()
        return json.loads(row[0]) if row else None

    def all_messages(self) -> list[JsonObject]:
        """Return all messages, oldest first."""
        rows = self._db.execute("SELECT document FROM messages ORDER BY rowid")
        return [json.loads(document) for (document,) in rows]

    def put_message(self, entry: Entry, message: JsonObject) -> None:
        """Add the message that an entry of `messages` stands for, or replace it."""
        self._db.execute(_PUT_MESSAGE, (entry.id, dump(message)))
        self.changes.note(Subject.MESSAGE, entry.id)

    def delete_message(self, message: str) -> None:
        """Take a message away, and out of every conversation that names it."""
        self._db.execute("DELETE FROM messages WHERE id = ?", (message,))
        self.changes.note(Subject.MESSAGE, message, deleted=True)
        rows = self._db.execute(
            "SELECT conversation, collection FROM entries"
            " WHERE collection IN ('messages', 'grounding.messages') AND id = ? AND NOT removed",
            (message,),
        ).fetchall()
        for key, collection in rows:
            self.remove(key, collection, Entry(message))

    def touch_holders(self, message: str) -> None:
        """Note that the conversations with a message have changed."""
        rows = self._db.execute(
            "SELECT conversation FROM entries"
            " WHERE collection = 'messages' AND id = ? AND NOT removed",
            (message,),
        ).fetchall()
        for (key,) in rows:
            self._touch(key)

    def declare(self, collection: str, entry: Entry) -> None:
        """Make an id known without associating it with anything."""
        self._db.execute("INSERT OR IGNORE INTO materials VALUES (?, ?)", (collection, entry.id))
        self._note_material(collection, entry.id)

    def knows(self, collection: str, entry: Entry) -> bool:
        """Say whether an id was declared, was ever listed, or is the id of a message."""
        names = {"collection": collection, "id": entry.id}
        return bool(self._db.execute(_KNOWN, names).fetchone()[0])

    def known(self, subject: Subject) -> list[str]:
        """Return the ids of all that a stream is about."""
        if subject is Subject.CONVERSATION:
            rows = self._db.execute("SELECT id FROM conversations ORDER BY key")
        elif subject is Subject.MESSAGE:
            rows = self._db.execute("SELECT id FROM messages ORDER BY rowid")
        else:
            collection = next(place for place, told in MATERIALS.items() if told is subject)
            rows = self._db.execute(_ALL_KNOWN, {"collection": collection})
        return [name for (name,) in rows]


def _open(path: str | Path) -> "sqlite3.Connection":
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        if application != _APPLICATION_ID and _has_tables(db):
            raise sqlite3.DatabaseError("it belongs to another program")
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL"):
            db.execute(statement).fetchall()  # what is not read to its end stays open on PyPy
        if application != _APPLICATION_ID:
            db.executescript(_SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _has_tables(db: "sqlite3.Connection") -> bool:
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM sqlite_schema)").fetchone()[0])

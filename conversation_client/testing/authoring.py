"""What the emulator writes by itself: new documents, names, summaries, scores."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from conversation_client.testing.documents import (
    ANNOTATIONS,
    MESSAGES,
    JsonObject,
    MalformedError,
    as_list,
    as_object,
    as_text,
    now,
)

DEFAULT_NAME = "New Conversation"
_CONTENTS = ("string", "bytes")
_SCORES = ("reuse", "update", "reference", "priority", "searched")
_ONLY_IN_SEEDED_ANCHORS = ("fullpath", "platform", "asset", "annotations", "conversation")
_HEADLINE_WORDS = 8
_HEADLINE_LENGTH = 60


def conversation(**fields: Any) -> JsonObject:
    """Return a conversation with what the SDK requires and the store does not add."""
    required: JsonObject = {
        "id": str(uuid4()),
        "created": {"value": now()},
        MESSAGES: {"iterable": []},
        "type": "COPILOT",
    }
    return required | fields


def conversation_from_seed(seed: JsonObject) -> JsonObject:
    """Return the conversation that a `SeededConversation` asks for.

    Raises:
        MalformedError: A part of the seed has another shape than its schema.
    """
    made = conversation()
    makers: dict[str, Callable[[JsonObject, str], JsonObject]] = {
        MESSAGES: message,
        ANNOTATIONS: annotation,
        "anchors": _anchor,
    }
    for name, value in seed.items():
        if value is None or name == "id":
            continue
        made[name] = _made(value, name, makers[name], made["id"]) if name in makers else value
    return made


def _made(
    seeds: object, name: str, make: Callable[[JsonObject, str], JsonObject], conversation: str
) -> JsonObject:
    listed: list[object] = as_list(seeds, name)
    references = (make(as_object(seed, f"an entry of {name}"), conversation) for seed in listed)
    return {"iterable": [_entry(reference) for reference in references]}


def _entry(reference: JsonObject) -> JsonObject:
    return {"id": reference["id"], "reference": reference}


def message(seed: JsonObject, conversation: str) -> JsonObject:
    """Return the message that a `SeededConversationMessage` asks for.

    Args:
        seed: The message without what the server adds.
        conversation: Id of the conversation that it becomes part of.

    Raises:
        MalformedError: It has no fragment or no role.
    """
    as_object(seed.get("fragment"), "the fragment of a message")
    as_text(seed.get("role"), "the role of a message")
    return _identified(seed) | {"conversation": {"id": conversation}}


def text_message(text: str, role: str) -> JsonObject:
    """Return the seed of a message."""
    return {"fragment": {"string": {"raw": text}, "metadata": {"ext": "txt"}}, "role": role}


def annotation(seed: JsonObject, conversation: str) -> JsonObject:
    """Return the annotation that a `SeededAnnotation` asks for: ids become references."""
    made = _identified(seed) | {"conversation": {"id": conversation}}
    for name in ("asset", "person", "model", "anchor"):
        if isinstance(made.get(name), str):
            made[name] = {"id": made[name]}
    if "workstream_summary" in made:
        made["summary"] = {"id": made.pop("workstream_summary")}
    return made


def _anchor(seed: JsonObject, conversation: str) -> JsonObject:
    path = as_text(seed.get("fullpath"), "the fullpath of an anchor")
    kept = {name: value for name, value in seed.items() if name not in _ONLY_IN_SEEDED_ANCHORS}
    made = _identified(kept)
    place: JsonObject = {"fullpath": path, "verified": False, "anchor": {"id": made["id"]}}
    if "platform" in seed:
        place["platform"] = seed["platform"]
    made["points"] = {"iterable": [_entry(_identified(place))]}
    made["conversations"] = {"iterable": [{"id": conversation}]}
    return made


def _identified(seed: JsonObject) -> JsonObject:
    made = {"value": now()}
    kept = {name: value for name, value in seed.items() if value is not None}
    return {"created": made} | kept | {"id": str(uuid4()), "updated": made}


def without_contents(message: JsonObject) -> JsonObject:
    """Return a message whose fragment has its metadata but not its contents."""
    if not isinstance(message.get("fragment"), dict):
        return message
    fragment: JsonObject = message["fragment"]
    bare = {name: value for name, value in fragment.items() if name not in _CONTENTS}
    return message | {"fragment": bare}


def merged(message: JsonObject, changes: JsonObject) -> JsonObject:
    """Return a message with changes; a fragment that was read without contents loses none."""
    changed = message | changes
    if isinstance(message.get("fragment"), dict) and isinstance(changes.get("fragment"), dict):
        changed["fragment"] = message["fragment"] | changes["fragment"]
    return changed


def title(messages: Iterable[JsonObject]) -> str:
    """Return a name for a conversation: how the first message of its user begins."""
    fallback = DEFAULT_NAME
    for message in messages:
        headline = _headline(message)
        if headline and message.get("role") == "USER":
            return headline
        if fallback == DEFAULT_NAME:
            fallback = headline or DEFAULT_NAME
    return fallback


def summary(messages: Iterable[JsonObject]) -> str:
    """Return a text about messages: how many, how the first begins and how the last begins."""
    headlines = [_headline(message) for message in messages]
    told = [headline for headline in headlines if headline]
    count = f"{len(headlines)} message{'' if len(headlines) == 1 else 's'}"
    if not told:
        return f"{count}."
    if len(told) == 1:
        return f"{count}: “{told[0]}”."
    return f"{count}, from “{told[0]}” to “{told[-1]}”."


def _headline(message: JsonObject) -> str:
    match message:
        case {"fragment": {"string": {"raw": str(raw)}}}:
            return " ".join(raw.split()[:_HEADLINE_WORDS])[:_HEADLINE_LENGTH]
        case _:
            return ""


def incremented(score: JsonObject, increment: JsonObject) -> JsonObject:
    """Return a score after one increment.

    `automatic` counts the increments; each flag that the increment raises for the conversation
    adds one to the counter of its name.

    Raises:
        MalformedError: The increment's `conversation` is not an object.
    """
    flags = as_object(increment.get("conversation") or {}, "conversation")
    raised = [name for name in _SCORES if flags.get(name) is True]
    counted = {name: _count(score, name) + 1 for name in ("automatic", *raised)}
    return score | {"manual": _count(score, "manual")} | counted


def _count(score: JsonObject, name: str) -> int:
    count = score.get(name, 0)
    if not isinstance(count, int):
        raise MalformedError(f"score.{name} is not a number")
    return count

"""The documents that the server answers with: a long conversation, and its 200 messages."""

import json
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

CONVERSATION = "conversation.json"
MESSAGES = "messages.json"
ID = "00000000-0000-4000-8000-000000000000"

COUNT = 200
TEXT = (
    "Count the attempts, wait twice as long after each of them — with some randomness, so that"
    " clients do not come back together — and stop once the time is up.\n\n```python\n"
    "async def send(request):\n    for attempt in range(3):\n        try:\n"
    "            return await transport(request)\n        except TimeoutError:\n"
    "            await asyncio.sleep(2**attempt * random.random())\n```\n\n"
)
SCHEMA = {"migration": 0, "semantic": "MAJOR_0_MINOR_0_PATCH_1"}
UNKNOWN = {"retention": {"days": 30, "since": "a version that no client knows"}}
"""A field that no model has, and that has to survive all the same."""

Json = dict[str, Any]


def write(folder: Path) -> None:
    """Write both documents into a folder."""
    for name, document in ((CONVERSATION, conversation()), (MESSAGES, messages())):
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        (folder / name).write_text(text, encoding="utf-8")


def comparable(value: Any) -> Any:
    """Return JSON with its times as instants, which may be spelt in several ways."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: datetime.fromisoformat(item) if name == "value" else comparable(item)
        for name, item in value.items()
    }


def messages() -> Json:
    found = [_message(number) for number in range(COUNT)]
    found[0] |= UNKNOWN
    indices = {message["id"]: index for index, message in enumerate(found)}
    return {"schema": SCHEMA, "iterable": found, "indices": indices, "score": _score(12)}


def conversation() -> Json:
    return {
        "schema": SCHEMA,
        "id": ID,
        "name": "Bounded retries — asyncio",
        "created": _time(0, readable="2 days ago"),
        "updated": _time(COUNT),
        "favorited": True,
        "application": {
            "schema": SCHEMA,
            "id": _id("application", 0),
            "name": "VS_CODE",
            "version": "1.89.1",
            "platform": "LINUX",
            "onboarded": True,
            "privacy": "ANONYMOUS",
            "capabilities": "BLENDED",
            "mechanism": "MANUAL",
            "automaticUnload": False,
        },
        "annotations": _collection([_annotation(number) for number in range(4)]),
        "messages": _references("message", COUNT),
        "model": {"id": _id("model", 0)},
        "assets": _references("asset", 24),
        "websites": _collection([_website(number) for number in range(6)]),
        "anchors": _collection([_anchor(number) for number in range(4)]),
        "type": "COPILOT",
        "grounding": {
            "messages": _references("message", 4),
            "temporal": {"workstreams": _collection([_range(number) for number in range(4)])},
        },
        "score": _score(31),
        "demo": False,
        "summaries": _references("summary", 4),
    } | UNKNOWN


def _message(number: int) -> Json:
    return {
        "schema": SCHEMA,
        "id": _id("message", number),
        "created": _time(number, readable="just now"),
        "updated": _time(number + 1),
        "model": _model(),
        "fragment": {
            "string": {"raw": (TEXT * 3)[:1000]},
            "metadata": {"ext": "md"},
        },
        "conversation": {"id": ID},
        "sentiment": "LIKE" if number % 2 else "DISLIKE",
        "role": "ASSISTANT" if number % 2 else "USER",
        "score": _score(number),
        "annotations": _references("annotation", 1),
        "anchors": _references("anchor", 1),
    }


def _model() -> Json:
    return {
        "schema": SCHEMA,
        "id": _id("model", 0),
        "version": "2024-05-13",
        "created": _time(0),
        "name": "A language model",
        "description": "Answers questions about code.",
        "cloud": True,
        "type": "SPEED",
        "usage": "CODE_GENERATION",
        "foundation": "GPT_4",
        "unique": "a-language-model-128k",
        "parameters": 8.5,
        "provider": "OPENAI",
        "maxTokens": {"total": 128000, "input": 124000, "output": 4000},
    }


def _annotation(number: int) -> Json:
    return {
        "id": _id("annotation", number),
        "created": _time(number),
        "updated": _time(number + 1),
        "mechanism": "AUTOMATIC",
        "type": "DESCRIPTION" if number else "SUMMARY",
        "text": TEXT[:158],
        "model": {"id": _id("model", 0)},
        "favorited": False,
        "conversation": {"id": ID},
    }


def _website(number: int) -> Json:
    return {
        "id": _id("website", number),
        "name": "asyncio docs",
        "url": f"https://docs.example.org/asyncio?tab=tasks#{number}",
        "created": _time(number),
        "updated": _time(number + 1),
        "mechanisms": {_id("website", number): "MANUAL"},
        "interactions": number,
        "conversations": {"schema": SCHEMA, "iterable": [{"id": ID}], "indices": {ID: 0}},
    }


def _anchor(number: int) -> Json:
    point = {
        "id": _id("point", number),
        "verified": True,
        "fullpath": f"src/project/retry_{number}.py",
        "anchor": {"id": _id("anchor", number)},
        "created": _time(number),
        "updated": _time(number + 1),
        "platform": "LINUX",
    }
    return {
        "id": _id("anchor", number),
        "type": "FILE",
        "watch": True,
        "created": _time(number),
        "updated": _time(number + 1),
        "name": f"retry_{number}.py",
        "points": _collection([point]),
        "conversations": {"schema": SCHEMA, "iterable": [{"id": ID}], "indices": {ID: 0}},
    }


def _range(number: int) -> Json:
    return {
        "id": _id("range", number),
        "created": _time(number),
        "updated": _time(number),
        "from": _time(number),
        "to": _time(number + 1),
        "between": True,
    }


def _references(kind: str, count: int) -> Json:
    ids = [_id(kind, number) for number in range(count)]
    return {
        "schema": SCHEMA,
        "iterable": [{"schema": SCHEMA, "id": id_} for id_ in ids],
        "indices": {id_: index for index, id_ in enumerate(ids)},
    }


def _collection(items: list[Json]) -> Json:
    return {
        "schema": SCHEMA,
        "iterable": [{"id": item["id"], "reference": item} for item in items],
        "indices": {item["id"]: index for index, item in enumerate(items)},
    }


def _score(automatic: int) -> Json:
    return {"schema": SCHEMA, "manual": 0, "automatic": automatic, "priority": 1, "reuse": 2}


def _time(minute: int, **more: str) -> Json:
    value = f"2024-05-14T{9 + minute // 60:02}:{minute % 60:02}:24.511503Z"
    return {"schema": SCHEMA, "value": value, **more}


def _id(kind: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}-{number}"))

"""pydantic 2 with models that somebody writes by hand for the messages, and that keep what they do not know."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from benchmarks import documents
from benchmarks.peers.sample import Job, Run, main, repeated


class Role(StrEnum):
    USER = "USER"
    SYSTEM = "SYSTEM"
    ASSISTANT = "ASSISTANT"


class Sentiment(StrEnum):
    LIKE = "LIKE"
    DISLIKE = "DISLIKE"
    REPORT = "REPORT"


class ModelType(StrEnum):
    SPEED = "SPEED"
    ACCURACY = "ACCURACY"


class ModelUsage(StrEnum):
    CODE_GENERATION = "CODE_GENERATION"
    CODE_SUMMARIZATION = "CODE_SUMMARIZATION"


class Foundation(StrEnum):
    GPT_3_5 = "GPT_3.5"
    GPT_4 = "GPT_4"


class Provider(StrEnum):
    OPENAI = "OPENAI"
    GOOGLE = "GOOGLE"


class Extension(StrEnum):
    MARKDOWN = "md"
    PYTHON = "py"


class SemanticVersion(StrEnum):
    FIRST = "MAJOR_0_MINOR_0_PATCH_1"


class Document(BaseModel):
    model_config = ConfigDict(extra="allow")


class Schema(Document):
    migration: int
    semantic: SemanticVersion


class Versioned(Document):
    schema_: Schema | None = Field(default=None, alias="schema")


class Timestamp(Versioned):
    value: datetime
    readable: str | None = None


class Score(Versioned):
    manual: int
    automatic: int
    priority: int | None = None
    reference: int | None = None
    reuse: int | None = None
    update: int | None = None
    searched: int | None = None


class Reference(Versioned):
    id: str


class References(Versioned):
    iterable: list[Reference]
    indices: dict[str, int] | None = None
    score: Score | None = None


class MaxTokens(Versioned):
    total: int
    input: int | None = None
    output: int | None = None


class Model(Versioned):
    id: str
    version: str
    created: Timestamp
    name: str
    description: str | None = None
    cloud: bool
    type: ModelType
    usage: ModelUsage
    foundation: Foundation | None = None
    unique: str | None = None
    parameters: float | None = None
    provider: Provider | None = None
    max_tokens: MaxTokens | None = Field(default=None, alias="maxTokens")


class FragmentString(Versioned):
    raw: str | None = None


class FragmentMetadata(Versioned):
    ext: Extension | None = None


class Fragment(Versioned):
    string: FragmentString | None = None
    metadata: FragmentMetadata | None = None


class Message(Versioned):
    id: str
    created: Timestamp
    updated: Timestamp
    deleted: Timestamp | None = None
    model: Model | None = None
    fragment: Fragment | None = None
    conversation: Reference
    sentiment: Sentiment | None = None
    role: Role
    score: Score | None = None
    annotations: References | None = None
    anchors: References | None = None


class Messages(Versioned):
    iterable: list[Message]
    indices: dict[str, int] | None = None
    score: Score | None = None


@contextmanager
def decoding(job: Job) -> Iterator[Run]:
    decode, data = Messages.model_validate_json, job.read()
    document = decode(data)
    written = document.model_dump_json(by_alias=True, exclude_unset=True)
    assert documents.comparable(json.loads(written)) == documents.comparable(json.loads(data))
    assert list(_unknown(document)) == [documents.UNKNOWN]
    yield repeated(lambda: decode(data))


def _unknown(value: Any) -> Iterator[dict[str, Any]]:
    """Find what has no field, in a document and all that is in it."""
    if isinstance(value, Document):
        if value.model_extra:
            yield value.model_extra
        value = [item for _, item in value]
    if isinstance(value, list):
        for item in value:
            yield from _unknown(item)


if __name__ == "__main__":
    main({"decode": decoding})

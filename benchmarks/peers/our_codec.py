"""This library's codec, lossless before it is measured."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import conversation_client
from benchmarks import documents
from benchmarks.peers.sample import Job, Run, main, repeated
from conversation_client.models.conversation import Conversation
from conversation_client.models.message import ConversationMessages


@contextmanager
def decoding(job: Job) -> Iterator[Run]:
    decode, (data, model) = conversation_client.decode, _lossless(job)
    yield repeated(lambda: decode(data, model))


@contextmanager
def encoding(job: Job) -> Iterator[Run]:
    encode, (data, model) = conversation_client.encode, _lossless(job)
    document = conversation_client.decode(data, model)
    yield repeated(lambda: encode(document))


def _lossless(job: Job) -> tuple[bytes, Any]:
    """Return the document and its model, if nothing is lost on the way there and back."""
    data = job.read()
    model = ConversationMessages if job.document == documents.MESSAGES else Conversation
    written = conversation_client.encode(conversation_client.decode(data, model))
    assert documents.comparable(json.loads(written)) == documents.comparable(json.loads(data))
    assert next(iter(documents.UNKNOWN)).encode() in written
    return data, model


if __name__ == "__main__":
    if "without-speed" in sys.argv:
        sys.modules["orjson"] = None  # type: ignore[assignment]  # as if it were not installed
    main({"decode": decoding, "encode": encoding})

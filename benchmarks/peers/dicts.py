"""JSON to dicts and back, without models."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from benchmarks.peers.sample import Job, Run, main, repeated

LOADS: dict[str, Callable[[bytes], Any]] = {"json": json.loads, "orjson": orjson.loads}
DUMPS: dict[str, Callable[[Any], bytes]] = {
    "json": lambda value: json.dumps(value).encode(),
    "orjson": orjson.dumps,
}
LIBRARY = sys.argv[-1]


@contextmanager
def decoding(job: Job) -> Iterator[Run]:
    data, loads = job.read(), LOADS[LIBRARY]
    yield repeated(lambda: loads(data))


@contextmanager
def encoding(job: Job) -> Iterator[Run]:
    document, dumps = json.loads(job.read()), DUMPS[LIBRARY]
    yield repeated(lambda: dumps(document))


if __name__ == "__main__":
    main({"decode": decoding, "encode": encoding})

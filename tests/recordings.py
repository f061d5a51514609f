"""Requests of released clients, as they are recorded, and the cases that make the same ones."""

import json
from collections.abc import Mapping
from types import NoneType
from typing import Any

from cases import CASES, IDS, PLAIN, REQUESTS, Case, Ids, minimal
from raw_server import EMPTY, RawRequest, json_reply, reply

from conversation_client.operations import ApiVersion, Operation

RECORDED: Mapping[str, Mapping[str, Mapping[str, Any]]] = REQUESTS["sets"]
"""What was sent: by release, then by set, then by operation id."""
ODD_IDS: Ids = dict.fromkeys(IDS, REQUESTS["odd_id"])


def calls_in(version: ApiVersion) -> list[tuple[str, Case, Ids]]:
    """Return the calls of all that a version has: the set of each, the case, the ids it names."""
    odd = ((case, "odd_ids", ODD_IDS) for case in PLAIN if case.operation.parameters)
    calls = [*((case, case.variant, IDS) for case in CASES), *odd]
    return [(name, case, ids) for case, name, ids in calls if case.operation.paths_in(version)]


def facts(request: RawRequest) -> dict[str, Any]:
    """Return what a recording has of a request."""
    found: dict[str, Any] = {
        "method": request.method,
        "target": request.target,
        "accept": request.header("Accept"),
    }
    content_type = request.header("Content-Type")
    found |= {"content_type": content_type} if content_type is not None else {}
    return found | ({"body": request.json()} if request.body else {})


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, indent=1)


def answer_to(operation: Operation[object]) -> bytes:
    """Return a reply such as the operation promises."""
    if operation.returns is NoneType:
        return EMPTY
    if operation.returns is str:
        return reply(200, "ok", content_type="text/plain")
    return json_reply(minimal(operation.returns.__name__))

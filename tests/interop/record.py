"""Records what the official SDK sends for each case of the table, and writes it to the golden data.

`python -m interop.record`, with `tests` on the path, replaces the sets of
`golden/requests.json`. The releases are installed where `CONVERSATION_CLIENT_INTEROP_ENVS` says,
if they are not there yet.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from cases import GOLDEN, REQUESTS, Case, Ids
from raw_server import RawServer
from recordings import answer_to, calls_in, facts

from conversation_client import encode
from conversation_client.operations import parse_version

from .environments import kept_environments

RELEASES = ("2.2.0", "4.4.1", "5.0.1")


def described(case: Case, ids: Ids) -> tuple[object, ...]:
    """Return a call as `drive_sdk.py` reads it."""
    row, sent = case.operation, None
    if row.body is not None and case.body is not None:
        sent = (row.body_argument, row.body.__name__, json.loads(encode(case.body(ids))))
    arguments = {name: ids[name] for name in row.parameters} | dict(case.kwargs)
    return row.id, arguments, sent, None


def recorded(python: Path, release: str) -> dict[str, dict[str, Any]]:
    """Return the sets of a release."""
    calls = calls_in(parse_version(release))
    answers = iter([answer_to(case.operation) for _, case, _ in calls])
    with RawServer(lambda _: next(answers)) as server, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.json"
        path.write_text(json.dumps([described(case, ids) for _, case, ids in calls]))
        script = Path(__file__).with_name("drive_sdk.py")
        subprocess.run(
            [python, script, "make", server.url, path], check=True, stdout=subprocess.DEVNULL
        )
    sets: dict[str, dict[str, Any]] = {}
    for (variant, case, _), request in zip(calls, server.requests, strict=True):
        sets.setdefault(variant, {})[case.operation.id] = facts(request)
    return sets


def spelled(value: object, depth: int = 0) -> str:
    """Spell JSON with a request, or a plain value, a line."""
    if not isinstance(value, dict) or "method" in value or depth == 4:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    lines = (f"{json.dumps(name)}:{spelled(part, depth + 1)}" for name, part in value.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def main() -> None:
    """Record all releases."""
    with tempfile.TemporaryDirectory() as folder:
        environments = kept_environments(Path(folder))
        pythons = [environments.python("pieces_os_client", release) for release in RELEASES]
        sets = {
            release: recorded(python, release)
            for release, python in zip(RELEASES, pythons, strict=True)
        }
    text = spelled(REQUESTS | {"sets": sets})
    (GOLDEN / "requests.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

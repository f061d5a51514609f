"""Shards on a real cluster of processes: all is done, and once but for what a kill explains."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

IDS = int(os.environ.get("CONVERSATION_CLIENT_CLUSTER_IDS", "200000"))
UNWRITTEN = 256 + 32 + 500
"""Items that are confirmed and not in the journal yet, at most: a group that is to be written, those
under way, and what comes in the 50 milliseconds between two looks."""

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.heavy,
    pytest.mark.skipif(
        find_spec("distributed") is None, reason="needs distributed, of the extra `integration`"
    ),
]


def test_all_shards_are_done_though_a_worker_is_killed_and_a_server_restarted(
    tmp_path: Path,
) -> None:
    program = str(Path(__file__).with_name("scenario.py"))
    ended = subprocess.run(
        [sys.executable, program, str(tmp_path), str(IDS)],
        env={**os.environ, "DASK_TEMPORARY_DIRECTORY": str(tmp_path / "scratch")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=540,
    )
    told = json.loads(ended.stdout)
    assert told["shards"] == 8
    assert told["associated"] == [IDS // 2, IDS // 2]
    assert told["all"] == IDS
    assert told["succeeded"] + told["skipped"] == IDS
    assert (told["failed"], told["not_started"]) == (0, 0)
    assert told["skipped"] > 0  # what the worker that was killed had done
    killed, restarted = told["requests"]
    assert IDS // 2 <= killed <= IDS // 2 + UNWRITTEN
    assert IDS // 2 <= restarted <= IDS // 2 + 2 * 32
    assert sum(told["requests"]) - told["succeeded"] <= told["skipped"] + UNWRITTEN + 2 * 32

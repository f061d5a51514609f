"""The results of the fault matrix, made as they are asked for."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cells import CLIENTS

PARSERS = ("c", "pure")
Record = dict[str, Any]


class Worker:
    """A process that runs cells with one of aiohttp's parsers."""

    def __init__(self, parser: str) -> None:
        folder = Path(__file__).parent
        variables = os.environ | {"PYTHONWARNINGS": "error"}
        variables["PYTHONPATH"] = os.pathsep.join([str(folder.parent), *sys.path])
        variables.pop("AIOHTTP_NO_EXTENSIONS", None)
        if parser == "pure":
            variables["AIOHTTP_NO_EXTENSIONS"] = "1"
        self._process = subprocess.Popen(
            [sys.executable, folder / "cells.py"],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.read() is (parser == "pure"), "this is not the parser that was asked for"

    def ask(self, faults: Iterable[str]) -> None:
        """Have all cells of the faults run, one after the other."""
        lines = "".join(f"{fault} {client}\n" for fault in faults for client in CLIENTS)
        self._process.stdin.write(lines)
        self._process.stdin.flush()

    def read(self) -> Any:
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1]
        return json.loads(line)

    def close(self) -> str:
        """End the process, and return its last words."""
        words = self._process.communicate()[1]
        return words if self._process.returncode == 0 else f"{self._process.returncode}: {words}"


class Matrix:
    """The cells of some faults; both workers run ahead of those who want to know."""

    def __init__(self, faults: Iterable[str]) -> None:
        self._faults = iter(faults := list(faults))
        self._records: dict[tuple[str, str, str, str], Record] = {}
        self._workers = {parser: Worker(parser) for parser in PARSERS}
        for worker in self._workers.values():
            worker.ask(faults)

    def record(self, fault: str, method: str, client: str, parser: str) -> Record:
        """Return what became of a cell."""
        key = (fault, method, client, parser)
        while key not in self._records:
            self._read(next(self._faults))
        return self._records[key]

    def _read(self, fault: str) -> None:
        for parser, worker in self._workers.items():
            for client in CLIENTS:
                for record in worker.read():
                    self._records[fault, record["method"], client, parser] = record

    def close(self) -> None:
        assert [worker.close() for worker in self._workers.values()] == ["", ""]

"""The results of the fault matrix, made by workers as they are asked for."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from children import New, without_coverage

from .cells import CLIENTS, methods_of

PARSERS = ("c", "pure")
Part = tuple[str, Sequence[str]]
"""A parser, and the clients whose cells one worker runs after each other."""
PARTS: tuple[Part, ...] = tuple(
    (parser, clients) for parser in PARSERS for clients in (CLIENTS[::2], CLIENTS[1::2])
)
Record = dict[str, Any]
Cell = tuple[str, str, str]
"""A method, a client and a parser."""


class CrashError(Exception):
    """The last words of a worker that has ended by itself."""


class Worker:
    """A process that runs cells with one of aiohttp's parsers."""

    def __init__(self, parser: str) -> None:
        folder = Path(__file__).parents[1]
        # Other tests reach as much, and being watched takes longer than the cells do.
        variables = without_coverage() | {"PYTHONWARNINGS": "error"}
        variables["PYTHONPATH"] = os.pathsep.join([str(folder), *sys.path])
        variables.pop("AIOHTTP_NO_EXTENSIONS", None)
        if parser == "pure":
            variables["AIOHTTP_NO_EXTENSIONS"] = "1"
        self._process = New(
            [sys.executable, "-m", "faults.cells"],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.read() is (parser == "pure"), "this is not the parser that was asked for"

    def ask(self, fault: str, client: str, *methods: str) -> None:
        """Have some cells of a fault run."""
        try:
            self._process.stdin.write(f"{fault} {client} {' '.join(methods)}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # which `read` tells

    def read(self) -> Any:
        line = self._process.stdout.readline()
        if not line:
            raise CrashError(self.close())
        return json.loads(line)

    def close(self) -> str:
        """End the process, and return its last words."""
        try:
            words = self._process.communicate()[1]
        except BrokenPipeError:
            words = self._process.stderr.read()
        return words if self._process.returncode == 0 else f"{self._process.returncode}: {words}"


class Matrix:
    """The cells of a fault at a time, those of both parsers and of half the clients side by side."""

    def __init__(self) -> None:
        self._workers: dict[Part, Worker] = {}

    def run(self, fault: str) -> dict[Cell, Record]:
        """Run all cells of a fault; the record of one that ends its worker holds its last words."""
        for parser, clients in PARTS:
            if (parser, clients) not in self._workers:
                self._workers[parser, clients] = Worker(parser)
            for client in clients:
                self._workers[parser, clients].ask(fault, client, *methods_of(client))
        return {
            (record["method"], client, parser): record
            for parser, clients in PARTS
            for client, record in self._read(fault, parser, clients)
        }

    def _read(
        self, fault: str, parser: str, clients: Sequence[str]
    ) -> Iterator[tuple[str, Record]]:
        part = parser, clients
        for number, client in enumerate(clients):
            try:
                records = self._workers[part].read()
            except CrashError:
                for method in methods_of(client):
                    yield client, self._alone(fault, client, method, parser)
                self._workers[part] = Worker(parser)
                for later in clients[number + 1 :]:
                    self._workers[part].ask(fault, later, *methods_of(later))
            else:
                for record in records:
                    yield client, record

    def _alone(self, fault: str, client: str, method: str, parser: str) -> Record:
        worker = Worker(parser)
        worker.ask(fault, client, method)
        record: Record
        try:
            (record,) = worker.read()
        except CrashError as crash:
            return {"method": method, "crash": str(crash)}
        worker.close()
        return record

    def close(self) -> None:
        assert {worker.close() for worker in self._workers.values()} <= {""}

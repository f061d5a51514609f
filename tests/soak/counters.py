"""Counters in a file that two processes share and that outlive a kill."""

import mmap
from pathlib import Path
from typing import Self


class Counters:
    """Numbers by name; one process at a time may add to them."""

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        size = 8 * len(names)
        if not path.exists():
            path.write_bytes(bytes(size))
        self._places = {name: place for place, name in enumerate(names)}
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), size)
        self._numbers = memoryview(self._memory).cast("Q")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._numbers.release()
        self._memory.close()

    def __getitem__(self, name: str) -> int:
        return self._numbers[self._places[name]]

    def add(self, name: str) -> None:
        self._numbers[self._places[name]] += 1

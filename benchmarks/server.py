"""The C server: compiled, started on a core of its own, and asked what it has done."""

import os
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.documents import CONVERSATION, MESSAGES

SOURCE = Path(__file__).with_name("server.c")


class Server:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}"

    def answered(self) -> int:
        """Return how many requests it has answered, these questions left out."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/count") as reply:
            return int(reply.read())

    def cpu(self) -> float:
        """Return the seconds of CPU that it has used."""
        _, _, after_name = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")
        user, system = after_name.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def build(folder: Path) -> Path:
    """Compile the server into the folder and return its program."""
    program = folder / "server"
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, "-O2", "-o", program, SOURCE], check=True)
    return program


@contextmanager
def serving(program: Path, core: int | None, *, microseconds: int = 0) -> Iterator[Server]:
    """Run a server of the documents beside it, which works for so long on each request."""
    folder = program.parent
    command = [program, folder / CONVERSATION, folder / MESSAGES, microseconds]
    with subprocess.Popen(
        [*map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield Server(process, int(process.stdout.readline()))
        finally:
            process.stdin.close()

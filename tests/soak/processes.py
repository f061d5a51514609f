"""The two processes of a soak: a server that can be killed, and the command that must survive it."""

import re
import subprocess
import sys
from pathlib import Path

import attrs

from conversation_client.errors import JournalError
from conversation_client.journal import read_journal
from conversation_client.testing.emulator import STARTING_CONVERSATION


@attrs.define
class Server:
    """The server; its state and its counters are in files."""

    folder: Path
    rate: float
    seed: int
    port: int = 0
    starts: int = 0
    _process: subprocess.Popen[str] | None = None

    @property
    def db(self) -> Path:
        return self.folder / "server.db"

    @property
    def counters(self) -> Path:
        return self.folder / "counters"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, port: int | None = None) -> None:
        """Start it, on the port that it had unless another is given."""
        self.starts += 1
        command = [sys.executable, "-m", "tests.soak.server"]
        command += ["--port", str(self.port if port is None else port), "--rate", str(self.rate)]
        command += ["--db", str(self.db), "--counters", str(self.counters)]
        command += ["--seed", str(self.seed + self.starts)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def kill(self) -> None:
        """End it as a power cut would, as far as it can tell."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@attrs.define
class Client:
    """The command, begun anew as often as it takes."""

    folder: Path
    ids: Path
    starts: int = 0
    peak: int = 0
    """Most KiB that any of its processes had resident."""
    _process: subprocess.Popen[bytes] | None = None

    @property
    def journal(self) -> Path:
        return self.folder / "journal.db"

    @property
    def log(self) -> Path:
        return self.folder / "client.log"

    def start(self, url: str) -> None:
        """Begin the job, or resume it from its journal if that holds all of it."""
        verb = ["resume", str(self.journal)]
        if not self._holds_all():
            verb = ["associate", STARTING_CONVERSATION, "--assets", str(self.ids)]
            verb += ["--journal", str(self.journal)]
        command = [sys.executable, "-m", "conversation_client.cli", *verb, "--server", url]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self.starts += 1

    def _holds_all(self) -> bool:
        try:
            return read_journal(self.journal).complete
        except JournalError:
            return False

    def poll(self) -> int | None:
        """Return its exit code, None while it runs; look at its memory meanwhile."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        resident = re.search(r"VmHWM:\s+(\d+) kB", status)  # a zombie has none
        self.peak = max(self.peak, int(resident[1]) if resident else 0)
        return self._process.poll()

    def log_end(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    def kill(self) -> None:
        if self._process is not None:
            if self._process.returncode is None:
                self.poll()
            self._process.kill()
            self._process.wait()
            self._process = None

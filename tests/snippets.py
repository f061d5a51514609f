"""The snippets of README and documentation: found, and run as whoever pastes them does."""

import ast
import asyncio
import contextlib
import inspect
import io
import logging
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
URL = "http://127.0.0.1:39300"
"""Where the emulator is on every page."""
STARTS = "--port 39300"
"""What starts it there."""
SHELL_LIMIT = 120
"""Seconds that the snippets of a page take at most."""
RUN = ("python", "sh")
NOT_RUN = ("py", "console")
"""Languages of snippets that need what a test has not, as a cluster."""


COMMAND = "from conversation_client.cli import main\nmain()\n"


class Snippet(NamedTuple):
    """A block of code, and what the block of text after it says that it prints."""

    page: Path
    line: int
    language: str
    code: str
    output: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def file(self) -> str | None:
        """The file that its first line says it is."""
        named = re.match(r"# (\w+\.py)\n", self.code)
        return named[1] if named else None

    @property
    def installs(self) -> bool:
        return "pip install" in self.code


def languages_on(page: Path) -> list[str]:
    """List the languages of all blocks, in order."""
    return [language for _, language, _ in _blocks(page)]


def snippets_on(page: Path) -> list[Snippet]:
    """List the blocks of code, in order."""
    found, blocks = [], [*_blocks(page), (0, "", "")]
    for (line, language, code), (_, next_language, text) in pairwise(blocks):
        if language in (*RUN, *NOT_RUN):
            output = text if next_language == "text" else ""
            found.append(Snippet(page, line, language, code, output))
    return found


def _blocks(page: Path) -> Iterator[tuple[int, str, str]]:
    text = page.read_text(encoding="utf-8")
    for block in re.finditer(r"^(`{3,})([^`\n]*)\n(.*?)^\1$", text, re.DOTALL | re.MULTILINE):
        yield text.count("\n", 0, block.start()) + 1, block[2], block[3]


def run_python(code: str) -> str:
    """Run code as a program of its own or a notebook would, and return what it prints.

    It runs in this process, which is much quicker.
    """
    output, names = io.StringIO(), {"__name__": "__main__"}
    program = compile(code, "<snippet>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with contextlib.redirect_stdout(output), _logging_as_in_a_new_process():
        waits = eval(program, names)
        if program.co_flags & inspect.CO_COROUTINE:
            asyncio.run(waits)
    return output.getvalue()


@contextlib.contextmanager
def _logging_as_in_a_new_process() -> Iterator[None]:
    loggers = (logging.getLogger(), logging.getLogger("conversation_client"))
    before = [(logger, logger.handlers[:], logger.level) for logger in loggers]
    logging.getLogger().handlers.clear()
    try:
        yield
    finally:
        for logger, handlers, level in before:
            logger.handlers[:] = handlers
            logger.setLevel(level)


def make_environment(directory: Path, project: Path = ROOT) -> None:
    """Make in a directory what `python3 -m venv .venv` and installing a project make.

    It is of this Python, with what is installed for it.
    """
    folder = directory / ".venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "activate").write_text(f'PATH="{folder}:$PATH"\n')
    programs = {
        "python": f'#!/bin/sh\nPYTHONPATH="{project}" exec "{sys.executable}" "$@"\n',
        "conversation-client": f"#!{sys.executable}\nimport sys\n"
        f"sys.path.insert(0, {str(project)!r})\n{COMMAND}",
    }
    for name, program in programs.items():
        (folder / name).write_text(program)
        (folder / name).chmod(0o755)


def at_another_url(snippets: Sequence[Snippet], url: str) -> tuple[str, list[Snippet]]:
    """Put another emulator in place of the one of the page, and return its URL and the snippets.

    Where they start one themselves, that is on a free port.

    Args:
        snippets: Those of a page.
        url: That of an emulator that is running.
    """
    if any(STARTS in each.code for each in snippets):
        with socket.create_server(("127.0.0.1", 0)) as free:
            url = f"http://127.0.0.1:{free.getsockname()[1]}"
    begins = f"--port {url.rpartition(':')[2]}"
    return url, [
        each._replace(
            code=each.code.replace(URL, url).replace(STARTS, begins),
            output=each.output.replace(URL, url),
        )
        for each in snippets
    ]


def run_shell(snippets: Sequence[Snippet], directory: Path, url: str) -> list[str]:
    """Paste snippets into one shell, one after the other, and return what each prints.

    What an emulator prints that they start, its URL, is left out, and so are other servers of this
    machine that are found.

    Args:
        snippets: What to paste.
        directory: Where; what is in its environment is found.
        url: Where the variable says that the server is.
    """
    marker = "--- end of the snippet"
    pasted = [f"{_for_shell(each, url)}\necho '{marker}'\n" for each in snippets]
    begin = "set -eu -o pipefail\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n"
    environment = {
        **os.environ,
        "PATH": f"{directory / '.venv' / 'bin'}:{os.environ['PATH']}",
        "CONVERSATION_CLIENT_BASE_URL": url,
    }
    shell = subprocess.run(
        ["bash", "-c", begin + "".join(pasted)],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SHELL_LIMIT,
        check=False,
    )
    assert shell.returncode == 0, shell.stdout + shell.stderr
    printed = re.sub(f"^{url}\n", "", shell.stdout, flags=re.MULTILINE)
    printed = re.sub(rf"^(found +).*{url}\b.*$", rf"\1{url}", printed, flags=re.MULTILINE)
    return printed.split(f"{marker}\n")[:-1]


def _for_shell(snippet: Snippet, url: str) -> str:
    port = url.rpartition(":")[2]
    if f"--port {port} &" in snippet.code:  # a person needs longer for the next one than it does
        is_there = f"(: > /dev/tcp/127.0.0.1/{port}) 2> /dev/null"
        return f"{snippet.code}until {is_there}; do sleep 0.1; done\n"
    if snippet.language == "sh":
        return snippet.code
    return f"python - <<'END OF CODE'\n{snippet.code}END OF CODE"

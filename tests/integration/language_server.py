"""What an editor asks a language server, in JSON-RPC on its standard input and output."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

LIMIT = 120
"""Seconds after which a server is killed, so that no test waits for it any longer."""


class LanguageServer:
    """A server that knows one directory, and what is asked of it about a text at a place in it."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], root: Path) -> None:
        self.name = name
        assert process.stdin is not None
        assert process.stdout is not None
        self._input, self._output = process.stdin, cast(BinaryIO, process.stdout)
        self._root = root
        self._asked = 0
        capabilities = {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {
                "completion": {"completionItem": {"documentationFormat": ["plaintext"]}},
                "hover": {"contentFormat": ["plaintext"]},
                "signatureHelp": {"signatureInformation": {"documentationFormat": ["plaintext"]}},
            },
        }
        folders = [{"uri": root.as_uri(), "name": root.name}]
        self._ask(
            "initialize",
            processId=None,
            rootUri=root.as_uri(),
            workspaceFolders=folders,
            capabilities=capabilities,
        )
        self._tell("initialized")

    def complete(self, text: str) -> list[str]:
        """Return what may follow at the end of a text."""
        found = self._at_end(text, "completion")
        items = found["items"] if isinstance(found, dict) else found
        return [item["label"] for item in items]

    def hover(self, text: str) -> str:
        """Return what is shown of the name at the end of a text."""
        contents = self._at_end(text, "hover")["contents"]
        return contents if isinstance(contents, str) else cast(str, contents["value"])

    def signature(self, text: str) -> str:
        """Return the signature of what is called at the end of a text."""
        signatures = self._at_end(text, "signatureHelp")["signatures"]
        return cast(str, signatures[0]["label"])

    def definition(self, text: str) -> tuple[str, str]:
        """Return the file in which the name at the end of a text is defined, and the line of it."""
        found = self._at_end(text, "definition")
        place = found[0] if isinstance(found, list) else found
        path = Path(place["uri"].removeprefix("file://"))
        return path.name, path.read_text().splitlines()[place["range"]["start"]["line"]]

    def _at_end(self, text: str, what: str) -> Any:
        """Open a text in the editor, ask about the place at its end, and close it again."""
        document = {"uri": (self._root / "program.py").as_uri()}
        opened = document | {"languageId": "python", "version": 1, "text": text}
        self._tell("textDocument/didOpen", textDocument=opened)
        *above, last = text.split("\n")
        position = {"line": len(above), "character": len(last)}
        found = self._ask(f"textDocument/{what}", textDocument=document, position=position)
        self._tell("textDocument/didClose", textDocument=document)
        return found

    def _tell(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def _ask(self, method: str, **params: Any) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params or None})
        while True:
            message = self._receive()
            if "method" in message:
                self._answer(message)
            elif message["id"] == self._asked:
                assert "error" not in message, message
                return message["result"]

    def _answer(self, request: dict[str, Any]) -> None:
        """Answer what a server asks of an editor: for settings, apart from what it only announces."""
        if "id" in request:
            wanted = (request.get("params") or {}).get("items", ())
            settings = {"python": {"pythonPath": sys.executable}}
            result = [settings.get(each.get("section"), {}) for each in wanted]
            self._send({"id": request["id"], "result": result})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._input.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._input.flush()

    def _receive(self) -> dict[str, Any]:
        length = 0
        while line := self._output.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the language server has ended"
        return cast(dict[str, Any], json.loads(self._output.read(length)))


@contextmanager
def serving(name: str, command: Sequence[str], root: Path) -> Iterator[LanguageServer]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command,
        cwd=root,
        env={**os.environ, "XDG_CACHE_HOME": str(root / ".cache")},  # jedi's does not share its own
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # pyright's has a child, Node
    ) as process:
        end = threading.Timer(LIMIT, os.killpg, (process.pid, signal.SIGKILL))
        end.start()
        try:
            yield LanguageServer(name, process, root)
        finally:
            end.cancel()
            os.killpg(process.pid, signal.SIGKILL)

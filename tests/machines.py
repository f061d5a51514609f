"""A machine as discovery finds it: ports with servers, squatters and silence, and a home of its own."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from raw_server import RawRequest, RawServer, Reply, reply

from conversation_client import AsyncConversationClient

HEALTH = "/.well-known/health"
WELL = reply(200, "ok:1", content_type="text/plain")
STARTING = reply(503, "starting", content_type="text/plain")
NOT_YET = reply(200, "loading", content_type="text/plain")
STRANGERS: dict[str, Reply] = {
    "a page": reply(200, "<html>ok</html>", content_type="text/html"),
    "ok as JSON": reply(200, '"ok"', content_type="application/json"),
    "404": reply(404, "no such route", content_type="text/plain"),
    "204": reply(204),
    "a redirect": reply(302, location="/login"),
    "401": reply(401, "who are you?", content_type="text/plain"),
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "the end": [b""],
    "half a reply": [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nok"],
    "endless headers": [b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n" * 10_000],
}
"""What programs that are no Pieces OS answer to anything."""


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def url_of(client: object) -> str:
    return repr(client).partition("'")[2].removesuffix("')")


async def discovered(*ports: int, base_url: str | None = None) -> str:
    """Return the URL of the client that is discovered."""
    async with await AsyncConversationClient.discover(base_url, ports=ports) as client:
        return url_of(client)


def by_port(*servers: RawServer) -> list[RawServer]:
    return sorted(servers, key=lambda server: port_of(server.url))


def pieces(version: str = "12.6.2", health: bytes = WELL) -> RawServer:
    """Serve health and version, and nothing else."""
    told = reply(200, version, content_type="text/plain")
    answers = {HEALTH: health, "/.well-known/version": told}

    def answer(request: RawRequest) -> bytes:
        return answers.get(request.target, reply(404, "no such route", content_type="text/plain"))

    return RawServer(answer)


def asked(server: RawServer) -> list[tuple[str, str]]:
    return [(request.method, request.target) for request in server.requests]


def only_its_health_was_asked(server: RawServer) -> bool:
    """Tell whether there were two requests at most, which tell nothing of who asks."""
    for request in server.requests:
        assert request.method in ("GET", "HEAD")
        assert request.target == HEALTH
        names = {name.lower() for name, _ in request.headers}
        assert names <= {"host", "accept", "accept-encoding", "user-agent", "connection"}
    return len(server.requests) <= 2


@contextmanager
def silence(port: int = 0) -> Iterator[int]:
    """Listen, on a port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def nobody(port: int = 0) -> Iterator[int]:
    """Hold a port on which nobody listens, such as one that a server has left."""
    with socket.socket() as holder:
        if port and os.name == "posix":  # where connections to that server may linger
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        yield holder.getsockname()[1]


def note_port(home: Path, content: bytes, place: str = ".local/share") -> Path:
    """Write the file in which Pieces OS notes its port."""
    file = home / place / "com.pieces.os" / "production" / "Config" / ".port.txt"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return file

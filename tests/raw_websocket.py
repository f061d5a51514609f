"""What a server sends over a websocket, byte by byte."""

import base64
import hashlib
import json
import struct

from raw_server import RawRequest

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


def accept(request: RawRequest, **headers: str) -> bytes:
    """Spell the reply that makes a websocket of a connection."""
    key = (request.header("Sec-WebSocket-Key") or "").encode()
    lines = {
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec_websocket_accept": base64.b64encode(hashlib.sha1(key + MAGIC).digest()).decode(),
        **headers,
    }
    text = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 101 X\r\n{text}\r\n".encode()


def message(
    content: bytes | str, kind: int = TEXT, *, final: bool = True, length: int | None = None
) -> bytes:
    """Spell a message, or a part of one, whose length may be a lie."""
    data = content.encode() if isinstance(content, str) else content
    size = len(data) if length is None else length
    first = kind | (0x80 if final else 0)
    if size < 126:
        return bytes([first, size]) + data
    if size < 65536:
        return bytes([first, 126]) + struct.pack(">H", size) + data
    return bytes([first, 127]) + struct.pack(">Q", size) + data


def told(*ids: str, deleted: bool = False) -> bytes:
    """Spell a frame of the stream of conversations."""
    rest = {"deleted": True} if deleted else {}
    entries = [{"conversation": {"id": name}} | rest for name in ids]
    return message(json.dumps({"iterable": entries}))

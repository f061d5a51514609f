"""Where a reply ends, by its head alone."""

import re

from aiohttp import hdrs
from multidict import CIMultiDictProxy

END = b"\r\n\r\n"
"""Of a head."""
STATUS_204 = re.compile(rb"HTTP/1\.\d 204\b")
CONTENT_LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r", re.IGNORECASE)
TRANSFER_ENCODING = re.compile(rb"\ntransfer-encoding:", re.IGNORECASE)


def end_of_reply(data: bytes) -> int:
    """Return where a reply ends that begins data, by its head; 0 if it goes on, or may."""
    head_end = data.find(END) + len(END)
    if head_end < len(END):
        return 0
    head = data[:head_end]
    if STATUS_204.match(head):
        return head_end
    length = CONTENT_LENGTH.search(head)
    if length is None or TRANSFER_ENCODING.search(head):
        return 0
    end = head_end + int(length[1])
    return end if end <= len(data) else 0


def is_misframed(status: int, headers: CIMultiDictProxy[str]) -> bool:
    """Tell whether a body may follow where there is none."""
    length = headers.get(hdrs.CONTENT_LENGTH, "0")
    return status == 204 and (length != "0" or hdrs.TRANSFER_ENCODING in headers)

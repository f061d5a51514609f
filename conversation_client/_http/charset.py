"""The text of a reply, in the charset that it declares."""

import codecs
import re

from conversation_client.errors import DecodeError

CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^\s;"']+)""", re.IGNORECASE)
BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""The first of these is also how the mark of UTF-32 begins in little endian."""
UTF_8 = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
"""Charsets that need no decoding of their own."""
NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
"""Python's encodings that no server can mean."""


def decoded(body: bytes, content_type: str) -> bytes | str:
    """Return the body of a JSON document, decoded if it is in another charset, as declared.

    Raises:
        DecodeError: It is not what was declared.
    """
    charset = _charset(body, content_type)
    if charset in UTF_8 or _is_utf_8(body):
        return body
    try:
        return body.decode(charset)
    except ValueError as error:
        refused = DecodeError(f"no {charset}, which was declared: {error}")
        refused.content = body
        raise refused from None


def _is_utf_8(body: bytes) -> bool:
    """Tell whether JSON is what it is to be, whatever is declared, which is wrong often enough."""
    if b"\0" in body or b"\x1b" in body:  # which no text in JSON holds as they are
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def text_of(body: bytes, content_type: str) -> str:
    """Return a body as text for people, whatever it is."""
    charset = "utf-8" if _is_utf_8(body) else _charset(body, content_type) or "utf-8"
    return body.decode(charset, errors="replace")


def _charset(body: bytes, content_type: str) -> str:
    """Return the name of the charset that is declared, empty if none is that Python knows."""
    declared = CHARSET.search(content_type)
    # What begins with a byte order mark says what it is.
    if declared is None or body.startswith(BYTE_ORDER_MARKS):
        return ""
    name = declared[1].lower()
    try:
        if codecs.lookup(name).name in NO_CHARSETS:
            return ""
        b" ".decode(name)
    except UnicodeError:  # half a character
        return name
    except (LookupError, ValueError):  # there is no such, or it is none of text
        return ""
    return name

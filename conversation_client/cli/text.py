"""Text for people, made harmless: a server's text must not drive the terminal."""

import re
from typing import TextIO

import click

PROGRAM = "conversation-client"

_DRIVES_TERMINAL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff]"
)
"""Control characters other than line feed, those that turn the direction of text, and halves of
characters, which no terminal can show."""
_ENDS_FIELD = re.compile(r"\r\n|[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_CREDENTIALS = re.compile(r"(\bhttps?:/*)[^/?#\s]*@", re.IGNORECASE)


def printable(text: str) -> str:
    """Spell what would drive a terminal, such as an escape; line breaks stay, tabs become spaces."""
    text = text.replace("\r\n", "\n").expandtabs(4)
    return _DRIVES_TERMINAL.sub(lambda match: ascii(match[0])[1:-1], text)


def one_line(text: str) -> str:
    """Spell a text so that it is one line."""
    return printable(text).replace("\n", "\\n")


def cell(text: str) -> str:
    """Spell a text so that it is one field of a line: what ends either becomes a blank."""
    return one_line(_ENDS_FIELD.sub(" ", text))


def printable_json(text: str) -> str:
    """Spell in a JSON document what would drive a terminal, so that it stays the same document."""
    return _DRIVES_TERMINAL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def counted(count: int, thing: str) -> str:
    """Say how many there are of what is named in the plural, such as "ids" or "lines"."""
    return f"{count:,} {thing[:-1] if count == 1 else thing}"


def without_credentials(text: str) -> str:
    """Return a text without the user and the password of the URLs in it."""
    return _CREDENTIALS.sub(r"\1", text)


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a stream, which is `None` where it is closed, is a terminal."""
    return stream is not None and stream.isatty()


def complain(text: object) -> None:
    """Say what is wrong, in one line on standard error."""
    click.echo(f"{PROGRAM}: {without_credentials(one_line(str(text)))}", err=True)

"""What functions of the package a piece of a test goes through."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import conversation_client

PACKAGE = str(Path(conversation_client.__file__).parent)


@contextmanager
def entered(within: str = PACKAGE) -> Iterator[list[str]]:
    """List the Python functions that this thread enters; to resume one is not to enter it.

    Args:
        within: What the paths of their files begin with.
    """
    names: list[str] = []
    frames: set[FrameType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(within) and frame not in frames:
            frames.add(frame)
            names.append(code.co_qualname)

    sys.setprofile(note)
    try:
        yield names
    finally:
        sys.setprofile(None)

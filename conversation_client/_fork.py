"""What a forked child does with the loops, connections and journals of its parent: nothing.

Parent and child share the sockets and the selector that watches them. An answer that the child reads
is lost to the parent, and a loop that the child closes takes the parent's sockets out of the
parent's selector. So whoever has a loop or a connection lets go of it in the child, and what was let
go of is kept alive, since collecting it would close it.
"""

import os
import sys
import weakref
from contextlib import suppress
from typing import Protocol


class _Owner(Protocol):
    def after_fork(self) -> object:
        """Forget what belongs to the parent; return it."""


_owners: weakref.WeakSet[_Owner] = weakref.WeakSet()
_of_parents: list[object] = []


def call_after_fork(owner: _Owner) -> None:
    """Have an object forget its loop or connections in every forked child."""
    _owners.add(owner)


def never_collect(thing: object) -> None:
    """Keep an object alive even as the interpreter ends, which collects all others."""
    if sys.implementation.name != "cpython":  # the others do not
        return
    with suppress(OSError, ImportError):  # no descriptor or permission left to import with
        import ctypes  # noqa: PLC0415  # few programs fork meanwhile

        ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def _after_fork_in_child() -> None:
    _of_parents.extend(owner.after_fork() for owner in list(_owners))


if hasattr(os, "register_at_fork"):  # pragma: no branch  # not on Windows
    os.register_at_fork(after_in_child=_after_fork_in_child)

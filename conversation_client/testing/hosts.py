"""Whom the emulator takes itself for: a page on the web must not reach it by a name of its own.

A browser sends a page's requests to wherever the name of its host leads, and the owner of that name
may have it lead to this machine (DNS rebinding). The `Host` header tells.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[^\[\]:@/\s]+)(?::[0-9]{0,5})?")
ANY = "*"


class Hosts:
    """The names that requests may give in their `Host` header.

    Args:
        listening: The address that is listened on.
        allowed: Others beside it and those of this machine's own loopback; `*` for any.
    """

    def __init__(self, listening: str, allowed: Iterable[str]) -> None:
        names = {_plain(name) for name in (listening, *allowed)}
        self._allows_any = ANY in names
        self._names = names

    def allow(self, headers: Iterable[str]) -> bool:
        """Tell whether a request may be answered that has these `Host` headers; it may have none."""
        return self._allows_any or all(map(self._allows, headers))

    def _allows(self, header: str) -> bool:
        found = _HOST.fullmatch(header)
        if found is None:
            return False
        name = _plain(found["name"])
        return name in self._names or is_local(name)


def _plain(name: str) -> str:
    return name.strip("[]").rstrip(".").lower()


def is_local(name: str) -> bool:
    """Tell whether a name or an address, without brackets, is that of this machine's loopback."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback

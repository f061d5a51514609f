"""Which route a request is for, and which ids its path names."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from aiohttp import hdrs

from conversation_client.testing.routes import Route

_ANY = ""
"""What stands for a parameter; as a part of a path it would name nothing."""


class Router:
    """Finds routes by the parts of a path, those first that have the fewest parameters.

    It takes a tenth of the time of aiohttp's to build, which each start of an emulator waits for.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: dict[tuple[str, tuple[str, ...]], tuple[Route, Mapping[int, str]]] = {}
        shapes: dict[int, set[tuple[int, ...]]] = {}
        for route in routes:
            parts, names = _split(route.path)
            self._routes.setdefault((route.method, parts), (route, names))
            shapes.setdefault(len(parts), set()).add(tuple(names))
        self._shapes = {length: sorted(those, key=len) for length, those in shapes.items()}

    def find(self, method: str, parts: Sequence[str]) -> tuple[Route | None, dict[str, str]]:
        """Return the route of a request and the ids that it names; HEAD has those of GET.

        Args:
            method: Its method.
            parts: The parts of its path, as yarl has them: "/", then each, decoded.
        """
        if method == hdrs.METH_HEAD:
            method = hdrs.METH_GET
        for shape in self._shapes.get(len(parts), ()):
            literal = [*parts]
            for at in shape:
                literal[at] = _ANY
            found = self._routes.get((method, tuple(literal)))
            if found is None:
                continue
            route, names = found
            if all(parts[at] for at in names):
                return route, {name: parts[at] for at, name in names.items()}
        return None, {}


@cache
def _split(path: str) -> tuple[tuple[str, ...], Mapping[int, str]]:
    """Return the parts of a path template, and the names of its parameters by where they are."""
    parts = ["/", *path[1:].split("/")]
    names = {at: part[1:-1] for at, part in enumerate(parts) if part.startswith("{")}
    for at in names:
        parts[at] = _ANY
    return tuple(parts), MappingProxyType(names)

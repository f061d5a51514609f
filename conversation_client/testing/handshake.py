"""What clients ask a server before they use it: whether it is well, what it is, whose it is.

The replies are what the released clients accept: they look for a user who is signed in and for
models of certain names, and stop without.
"""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4, uuid5

from conversation_client.operations import FIRST, GET_HEALTH, GET_VERSION, ApiVersion
from conversation_client.testing.calls import Call, body_of
from conversation_client.testing.documents import SINCE_EVER, JsonObject, as_object, as_text, dump
from conversation_client.testing.routes import Route, Socket
from conversation_client.testing.streams import Tell

NEWEST = "12.6.2"
"""The Pieces OS that the emulator says it is, if it is to answer as none in particular."""
_SHIPPED: tuple[tuple[ApiVersion, str], ...] = (
    ((4, 2), NEWEST),
    ((4, 0), "11.0.0"),
    ((2, 3), "10.1.5"),
    ((2, 2), "10.0.0"),
)
"""From which version of the API on a Pieces OS speaks it, the newest first."""
_OS_VERSION = re.compile(r"[0-9]+(\.[0-9]+)*|debug")
_MADE_FROM = UUID("2f4d8c1e-5f0b-4a55-9d3c-7d5f1f3c1a10")
"""What ids are made from, so that they are the same after a restart."""
_TOLD = ("name", "platform", "version")
_USER: JsonObject = {
    "id": "00000000-0000-4000-8000-000000000001",
    "name": "Emulator",
    "aesthetics": {"theme": {"dark": False}, "font": {"size": 14}},
}
_MODELS = (
    ("GPT-3.5-turbo Chat Model", "gpt-3.5-turbo"),
    ("Gemini-2.0-Flash-Lite Chat Model", "gemini-2.0-flash-lite-001"),
)
"""Name and `unique` of those that the released clients choose unasked; an echo is behind each."""


def os_version_for(version: ApiVersion | None, asked: str | None) -> str:
    """Return the version of Pieces OS to tell.

    Args:
        version: API version that is spoken; None for all there are.
        asked: The one that is wanted; None for one that speaks that version.

    Raises:
        ValueError: What is wanted is neither a version nor `debug`.
    """
    if asked is None:
        return next(os for since, os in _SHIPPED if version is None or version >= since)
    if not _OS_VERSION.fullmatch(asked):
        raise ValueError(f"a version of Pieces OS, such as '12.6.2', or 'debug', not {asked!r}")
    return asked


class Handshake:
    """A server as it presents itself."""

    def __init__(self, os_version: str) -> None:
        self._version = os_version
        self._id = str(uuid4())
        self._applications: dict[str, JsonObject] = {}
        self._register({"name": "OS_SERVER", "platform": "LINUX", "version": os_version})
        self.routes: tuple[Route, ...] = (
            Route(GET_HEALTH.id, GET_HEALTH.method, GET_HEALTH.path, self._health),
            Route(GET_VERSION.id, GET_VERSION.method, GET_VERSION.path, lambda _: os_version),
            Route(
                "get_installation_path",
                "GET",
                "/.well-known/installation/path",
                lambda _: str(Path(__file__).parent),
                since=(4, 3),
            ),
            Route("connect", "POST", "/connect", self._connect, takes_body=True),
            Route("user_snapshot", "GET", "/user", lambda _: {"user": _USER}),
            Route("models_snapshot", "GET", "/models", lambda _: {"iterable": _models()}),
            Route("applications_snapshot", "GET", "/applications", self._list_applications),
            Route(
                "workstream_pattern_engine_processors_vision_status",
                "GET",
                "/workstream_pattern_engine/processors/vision/status",
                lambda _: {},
            ),
            _said_once(
                "get_well_known_stream_health",
                "/.well-known/stream/health",
                self._health,
                since=(3, 2),
            ),
            _said_once("stream_user", "/user/stream", lambda _: _USER),
            _said_once(
                "workstream_pattern_engine_processors_vision_status_stream",
                "/workstream_pattern_engine/processors/vision/status/stream",
                lambda _: {},
                since=(2, 6),
            ),
        )

    def _health(self, _: Call) -> str:
        return f"ok:{self._id}"

    def _connect(self, call: Call) -> JsonObject:
        seed = as_object(body_of(call).get("application"), "the application")
        return {
            "os": self._id,
            "application": self._register(seed),
            "health": {"os": {"id": self._id, "version": self._version}},
            "user": _USER,
        }

    def _list_applications(self, _: Call) -> JsonObject:
        return {"iterable": list(self._applications.values())}

    def _register(self, seed: JsonObject) -> JsonObject:
        """Make an application known, whose name, platform and version were sent."""
        named = [as_text(seed.get(name), f"the {name} of the application") for name in _TOLD]
        made = str(uuid5(_MADE_FROM, " ".join(named[:2])))
        application: JsonObject = {"onboarded": False, "privacy": "OPEN"} | seed | {"id": made}
        dump(application)  # refuses what could not be told
        self._applications[made] = application
        return application


def _said_once(
    operation: str, path: str, act: Callable[[Call], JsonObject | str], since: ApiVersion = FIRST
) -> Route:
    """Return a stream of what does not change: one frame at once, and none after it."""

    def begin(tell: Tell) -> None:
        said = act(Call({}))
        tell(said if isinstance(said, str) else dump(said).decode())

    return Route(operation, "GET", path, act, since=since, socket=Socket(begin))


def _models() -> list[JsonObject]:
    return [
        {
            "id": str(uuid5(_MADE_FROM, unique)),
            "version": "1",
            "created": SINCE_EVER,
            "name": name,
            "unique": unique,
            "description": "Says what it is asked.",
            "cloud": True,
            "type": "SPEED",
            "usage": "CODE_CONVERSATION",
        }
        for name, unique in _MODELS
    ]

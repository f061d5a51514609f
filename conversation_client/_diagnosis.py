"""What is wrong where Pieces OS cannot be reached, decided from what was seen."""

from collections.abc import Iterable, Sequence
from typing import Literal

import attrs

from conversation_client._probe import Presence, Sight
from conversation_client.discovery import OsVersion, api_of, parse_os_version
from conversation_client.operations import OPERATIONS

State = Literal[
    "running",
    "not_running",
    "moved",
    "other_program",
    "starting",
    "hung",
    "unsupported",
    "wrong_url",
]

OLDEST: OsVersion = (10, 0)
"""The first version of Pieces OS that is known to work."""
TELLING = (Presence.WELL, Presence.STARTING, Presence.SILENT, Presence.OTHER, Presence.NOBODY)
"""What is told of several ports, the first that there is."""


@attrs.frozen
class Seen:
    """What was seen of the server that was asked for, and of this machine."""

    asked: Sight | None
    """Where it was said to be, if that was said and may be a URL at all."""
    others: Sequence[Sight]
    """Of the other ports of this machine, by port."""
    wrong: str | None = None
    """What is wrong with the URL itself."""
    is_local: bool = False
    """Whether what was asked for is a port of this machine."""

    @property
    def well(self) -> Sequence[Sight]:
        """Where Pieces OS is well, what was asked for first."""
        sights = (self.asked, *self.others) if self.asked else self.others
        return [sight for sight in sights if sight.presence is Presence.WELL]

    @property
    def main(self) -> Sight | None:
        """What it is about: what was asked for, else what tells most."""
        if self.asked is not None or self.wrong is not None:
            return self.asked
        return min(self.others, key=lambda each: TELLING.index(each.presence), default=None)


@attrs.frozen
class Told:
    """What a server has told of itself."""

    version: str | None = None
    conversations: int | None = None


@attrs.frozen
class Diagnosis:
    """What `doctor` says."""

    state: State
    url: str | None
    """What was asked for, else what was found; `None` if that is nothing."""
    found: Sequence[str]
    """Where Pieces OS is well."""
    version: str | None
    """That of Pieces OS, where it is well."""
    latency: float | None
    """Seconds that its health took."""
    conversations: int | None
    lacks: Sequence[str]
    """Ids of the operations that its version has not."""
    next_step: str


def diagnose(seen: Seen, told: Told, url: str | None) -> Diagnosis:
    """Say what is the matter.

    Args:
        seen: What was seen.
        told: What the first server that is well has told.
        url: What was asked for, if anything was.
    """
    state, main, well = state_of(seen, told.version), seen.main, seen.well
    if url is None and main is not None and main.presence is not Presence.NOBODY:
        url = main.url
    return Diagnosis(
        state=state,
        url=url,
        found=[sight.url for sight in well],
        version=told.version,
        latency=well[0].latency if well else None,
        conversations=told.conversations,
        lacks=lacking(told.version) if well else (),
        next_step=_next_step(state, seen, url),
    )


def state_of(seen: Seen, version: str | None) -> State:
    """Name the state that Pieces OS is in."""
    presence = Presence.NOBODY if seen.main is None else seen.main.presence
    if seen.wrong is not None or presence in (Presence.NO_HOST, Presence.NO_TLS):
        return "wrong_url"
    if presence is Presence.WELL:
        known = None if version is None else parse_os_version(version)
        return "running" if known is None or known >= OLDEST else "unsupported"
    if presence is Presence.STARTING:
        return "starting"
    if seen.well and seen.is_local:
        return "moved"
    if presence is Presence.SILENT:
        return "hung"
    return "other_program" if presence is Presence.OTHER else "not_running"


def lacking(version: str | None) -> Sequence[str]:
    """Return the operations that a version of Pieces OS is known not to have."""
    if version is None:
        return ()
    return [row.id for row in OPERATIONS if not row.paths_in(api_of(version))]


def _next_step(state: State, seen: Seen, url: str | None) -> str:
    elsewhere = _elsewhere(sight.url for sight in seen.well)
    own = "name Pieces OS by --server or CONVERSATION_CLIENT_BASE_URL, or start it"
    steps: dict[State, str] = {
        "running": "nothing is to be done",
        "not_running": elsewhere or "start Pieces OS, and try again",
        "moved": f"{_said(seen)} at {url}; {elsewhere}",
        "other_program": f"{url} is another program's: {elsewhere or own}",
        "starting": "wait a moment, and ask again; if it stays so, restart Pieces OS",
        "hung": elsewhere or f"restart Pieces OS: {url} takes connections and does not answer",
        "unsupported": "update Pieces OS: 10.0 is the first version that is known to work",
        "wrong_url": f"{seen.wrong or _said(seen)}: {elsewhere or 'correct the URL'}",
    }
    return steps[state]


def _said(seen: Seen) -> str:
    return Presence.NOBODY if seen.main is None else seen.main.presence


def _elsewhere(urls: Iterable[str]) -> str:
    """Say how to use the servers that were found instead; nothing if there is none."""
    found = " and ".join(urls)
    return found and (
        f"Pieces OS is at {found}: name it by --server or CONVERSATION_CLIENT_BASE_URL, or name"
        " none, and it is found"
    )

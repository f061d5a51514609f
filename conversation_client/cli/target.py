"""Which server a verb talks to, and how long it waits for an answer."""

import attrs


@attrs.frozen(kw_only=True)
class Target:
    """A server, and the time that it has."""

    server: str | None
    """Its URL; None for the client's default."""
    timeout: float | None
    """Seconds that a call may take, repeats included; None for as long as it takes."""

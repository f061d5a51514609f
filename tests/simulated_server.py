"""A batch and a server without either: what a limit does, in time that only goes on in thought.

The server does so many things at a time, in the order in which they came, those of another client
as well. The client has one processor: each reply costs it some microseconds, and each time that it
had nothing to do and is woken costs more.
"""

import heapq
import random
from collections import deque
from collections.abc import Callable
from functools import cache
from itertools import count
from math import inf
from statistics import quantiles
from typing import Protocol

import attrs

ITEM = 9e-6
WAKING = 8e-6
CONNECTING = 250e-6
NETWORK = 50e-6
"""Seconds: of the client's processor for an item, to be woken, for a connection; one way."""


class Limit(Protocol):
    """What a simulation needs of a limit."""

    value: int
    is_measuring: bool
    looks_at: float

    def replied(self, now: float, under_way: int) -> None: ...

    def look(self, now: float, ended: int, under_way: int) -> None: ...


class Fixed:
    """So many, come what may."""

    is_measuring = False
    looks_at = inf

    def __init__(self, value: int) -> None:
        self.value = value

    def replied(self, now: float, under_way: int) -> None: ...

    def look(self, now: float, ended: int, under_way: int) -> None: ...


@attrs.frozen
class Server:
    """How many things it does at a time, and how long one takes."""

    at_a_time: float
    seconds: float
    jitter: float = 0.0
    """Sigma of the lognormal distribution of the time, the mean of which stays."""


@attrs.define
class Run:
    """What came of it."""

    ended: int = 0
    measured: int = 0
    """Replies that the limit wanted to hear of."""
    elapsed: float = 0.0
    waits: list[float] = attrs.field(factory=list[float])
    """Seconds from each request of the other client to its reply."""
    limits: list[tuple[float, int]] = attrs.field(factory=list[tuple[float, int]])
    """When the limit became what."""
    requested: list[float] = attrs.field(factory=list[float])
    """When the other client asked, for each of `waits`."""
    replies: list[float] = attrs.field(factory=list[float])

    @property
    def throughput(self) -> float:
        return self.ended / self.elapsed

    @property
    def p95(self) -> float:
        return quantiles(self.waits, n=20)[-1]


class Simulation:
    """One batch against one server.

    Args:
        make_limit: Makes the limit.
        server: The server, or what it is at a time.
        connections: How many the client may have.
        others_every: Seconds between two requests of another client, on average; 0 for none.
        items_every: Seconds between two items of the input; 0 if all are there.
        seed: What chance is drawn from.
    """

    def __init__(
        self,
        make_limit: Callable[[float], Limit],
        server: Server | Callable[[float], Server],
        *,
        connections: int = 64,
        others_every: float = 0.0,
        items_every: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.now = 0.0
        self.limit = make_limit(0.0)
        self.run = Run()
        self._server = server if callable(server) else lambda _: server
        self._connections = connections
        self._others_every = others_every
        self._items_every = items_every
        self._chance = random.Random(seed)
        self._events: list[tuple[float, int, Callable[..., None], tuple[object, ...]]] = []
        self._number = count()
        self._under_way = 0
        self._sent = 0
        self._opened = 0
        self._at_client: deque[None] = deque()
        self._queue: deque[tuple[bool, float]] = deque()
        self._busy = 0
        self._free_at = 0.0
        self._left = 0

    def go(self, items: int, until: float = inf) -> Run:
        """Send so many items, or what can be sent until then."""
        self._left = 0 if self._items_every else items
        self._at(0.0, self._send)
        if self._items_every:
            for number in range(items):
                self._at(number * self._items_every, self._get)
        if self._others_every:
            self._at(self._chance.expovariate(1 / self._others_every), self._other)
        if self.limit.looks_at < inf:
            self._at(self.limit.looks_at, self._look)
        while self.run.ended < items and self._events[0][0] <= until:
            self.now, _, event, arguments = heapq.heappop(self._events)
            event(*arguments)
        self.run.elapsed = self.now
        return self.run

    def _at(self, moment: float, event: Callable[..., None], *arguments: object) -> None:
        heapq.heappush(self._events, (moment, next(self._number), event, arguments))

    def _spend(self, seconds: float) -> float:
        """Have the client's processor work; return when it is done."""
        waking = WAKING if self._free_at < self.now else 0.0
        self._free_at = max(self.now, self._free_at) + waking + seconds
        return self._free_at

    def _look(self) -> None:
        self.limit.look(self.now, self.run.ended, self._under_way)
        self._at(self.limit.looks_at, self._look)
        self._send()

    def _get(self) -> None:
        self._left += 1
        self._send()

    def _send(self) -> None:
        self._note()
        while self._left and self._under_way < self.limit.value:
            self._left -= 1
            self._under_way += 1
            if self._opened < min(self._under_way, self._connections):
                self._opened += 1
                self._at(self._spend(CONNECTING), self._transmit)
            else:
                self._transmit()

    def _note(self) -> None:
        limits = self.run.limits
        if not limits or limits[-1][1] != self.limit.value:
            limits.append((self.now, self.limit.value))

    def _transmit(self) -> None:
        """Send a request as soon as there is a connection."""
        if self._sent < self._connections:
            self._sent += 1
            self._at(self.now + NETWORK, self._arrive, False, self.now)
        else:
            self._at_client.append(None)

    def _other(self) -> None:
        self._at(self.now + NETWORK, self._arrive, True, self.now)
        self._at(self.now + self._chance.expovariate(1 / self._others_every), self._other)

    def _arrive(self, is_other: bool, since: float) -> None:
        self._queue.append((is_other, since))
        self._serve()

    def _serve(self) -> None:
        server = self._server(self.now)
        while self._queue and self._busy < server.at_a_time:
            self._busy += 1
            is_other, since = self._queue.popleft()
            seconds = server.seconds
            if server.jitter:
                seconds *= self._chance.lognormvariate(-(server.jitter**2) / 2, server.jitter)
            self._at(self.now + seconds, self._done, is_other, since)

    def _done(self, is_other: bool, since: float) -> None:
        self._busy -= 1
        if is_other:
            self.run.waits.append(self.now + NETWORK - since)
            self.run.requested.append(since)
        else:
            self._at(self.now + NETWORK, self._reach)
        self._serve()

    def _reach(self) -> None:
        self._at(self._spend(ITEM), self._reply)

    def _reply(self) -> None:
        self.run.ended += 1
        self.run.replies.append(self.now)
        self._sent -= 1
        if self._at_client:
            self._at_client.popleft()
            self._transmit()
        if self.limit.is_measuring:
            self.run.measured += 1
            self.limit.replied(self.now, self._under_way)
        self._under_way -= 1
        self._send()


def fixed(value: int) -> Callable[[float], Limit]:
    """Return what makes a limit that stays as it is."""
    return lambda _: Fixed(value)


@cache
@cache
def best_fixed(server: Server, items: int, connections: int = 64) -> float:
    """Return the throughput with the number that is best for a server."""
    runs = [
        Simulation(fixed(value), server, connections=connections).go(items)
        for value in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
    ]
    return max(run.throughput for run in runs)

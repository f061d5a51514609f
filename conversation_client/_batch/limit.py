"""How many calls a batch may have under way: no more than the server gains from.

A server that does one thing at a time answers no sooner for being asked 32 at once, and everybody
else waits behind them. What it gains shows in two stretches of replies with different numbers under
way: with twice as many there are twice as many replies a second, or as many as before.

Nothing is done for a single reply but during trials, which are short, and get rare while nothing
changes. Where calls are quicker than `QUICK` a queue harms nobody, and there are none.
"""

import math
from collections.abc import Generator

START = 16
"""Calls that a batch begins with, at most: their replies tell how to go on."""
FIRST = 8
"""Replies that may tell it, once or twice as many."""
FEW = 4
"""Calls that it goes on with where the server seems to do a few at a time."""
LOOK = 0.05
"""Seconds between two looks."""
QUICK = 0.001
"""Seconds that a call may take: too short to be worth a trial."""
LEAST, MOST = 16, 64
"""Replies that make a stretch, unless that is less than two for each call under way."""
GAINS, LOSES = 1.6, 1.1
"""What twice as many have to gain to be kept, and half as many may lose."""
ROOM = 0.125
"""By which share more are allowed than the server seems to gain from."""
TOGETHER, ONE_BY_ONE = 1.5, 2.8
"""Within how many times the time that half of the first replies took they are all there where the
server does many at a time; and at least how many times where twice as many have come and it does
a few at a time."""
QUEUE = 2.5
"""How many times as long as the first half of the first replies later ones take where the others
wait in a queue."""
RESTS = (4, 32)
"""Durations of a trial between two, at first and at most."""
CHANGE = 1.5
"""By what factor the time of a call changes where the server is another than at the last trial."""
PATIENCE = 6
"""How many times as long as expected a trial may take."""


class Stretch:
    """So many replies in a row, after some that do not count, and what they tell."""

    def __init__(self, now: float, count: int, skip: int = 0) -> None:
        self.moments: list[float] = []
        """When each came, in seconds from the beginning."""
        self.size = skip + count
        """How many replies it takes in all."""
        self._count = count
        self._skip = skip
        self._sum = 0
        self._began = now

    def add(self, now: float, under_way: int) -> bool:
        """Count a reply; tell whether it was the last."""
        if self._skip:
            self._skip -= 1
            self._began = now
            return False
        self._sum += under_way
        self.moments.append(now - self._began)
        return len(self.moments) == self._count

    @property
    def under_way(self) -> float:
        """How many calls were under way, on average."""
        return self._sum / self._count

    @property
    def throughput(self) -> float:
        """Replies a second."""
        return self._count / max(self.moments[-1], 1e-9)

    @property
    def latency(self) -> float:
        """Seconds that a call took, on average, by Little's law."""
        return self.under_way / self.throughput


Course = Generator[Stretch | None, None, None]
"""Gives the stretches that it wants to know; `None` for a rest."""


class Limit:
    """The number, between 1 and the maximum. It is told the time, in seconds, and has no clock.

    Args:
        maximum: What it may rise to.
        now: When the batch begins.
    """

    def __init__(self, maximum: int, now: float) -> None:
        self.maximum = maximum
        self.value = 0
        self.is_measuring = False
        """Whether it wants to hear of each reply."""
        self.looks_at = now + LOOK if maximum > 1 else math.inf
        """When it wants to look."""
        self._useful = min(maximum, START)
        """How many the server gains from."""
        self._bearable = maximum
        """How many it has not called too much: half as many, and one more after each round."""
        self._in_round = 0
        self._halves_from = 0
        self._now = self._trial_began = self._seen_at = now
        self._seen: int | None = None
        """Calls that had ended at `_seen_at`."""
        self._latency: float | None = None
        """Of a call, at the first look after the latest trial."""
        self._is_upward = True
        self._rest = 0
        self._before = self._useful
        """What it was when the trial began."""
        self._trial_at = self._fails_at = math.inf
        self._stretch: Stretch | None = None
        self._course = self._begin()
        self._go_on()

    def replied(self, now: float, under_way: int) -> None:
        """Count a reply, while `is_measuring`; its call is still one of those under way."""
        self._now = now
        if self._bearable < self._useful:
            self._recover()
        if self._stretch is not None and self._stretch.add(now, under_way):
            self._go_on()

    def overloaded(self, ended: int, under_way: int) -> None:
        """Halve the number, once for all calls that are under way.

        Args:
            ended: Calls that have ended in all.
            under_way: Calls that have not.
        """
        if ended < self._halves_from:
            return
        self._halves_from = ended + under_way
        self._in_round = 0
        self._bearable = max(1, self.value // 2)
        self._set(self._useful)

    def look(self, now: float, ended: int, under_way: int) -> None:
        """Look what has happened, at `looks_at`.

        Args:
            now: The time.
            ended: Calls that have ended in all.
            under_way: Calls that have not.
        """
        self._now = now
        self.looks_at = now + LOOK
        if ended == 0:  # it takes its time, or answers many together
            self._set(2 * self._useful)
        elif self._stretch is not None:
            if now >= self._fails_at:
                self._set(self._before)
                self._course = self._rest_and_try()
                self._schedule(RESTS[-1])
                self._go_on()
        elif self._seen is None or under_way < self.value:
            self._seen, self._seen_at = ended, now
        elif ended - self._seen >= max(LEAST, under_way):
            latency = under_way * (now - self._seen_at) / (ended - self._seen)
            self._seen, self._seen_at = ended, now
            self._judge(latency)

    def _judge(self, latency: float) -> None:
        """Have a trial if it is time, or if calls take another time than they did."""
        if latency < QUICK:
            self._set(self._quickly(latency))
            return
        if self._latency is None:
            self._latency = latency
        if max(latency / self._latency, self._latency / latency) > CHANGE:
            self._is_upward = latency < self._latency
            self._go_on()
        elif self._now >= self._trial_at:
            self._go_on()

    def _quickly(self, latency: float) -> int:
        """Return how many are as quick, if they are no more than need to wait for each other."""
        return self._useful if 2 * latency > QUICK else 2 * self._useful

    def _set(self, useful: int) -> None:
        self._useful = max(1, min(self.maximum, useful))
        if self._bearable >= self._useful:
            self._bearable = self.maximum
        self.value = min(self._useful, self._bearable)
        self.is_measuring = self._stretch is not None or self._bearable < self._useful

    def _recover(self) -> None:
        self._in_round += 1
        if self._in_round >= self.value:
            self._in_round = 0
            self._bearable += 1
            self._set(self._useful)

    # Trials

    def _go_on(self) -> None:
        self._stretch = next(self._course)
        self._set(self._useful)

    def _begin(self) -> Course:
        """Tell by the first replies whether the server does many at a time."""
        if self._useful >= FIRST:
            first = Stretch(self._now, FIRST)
            yield first
            half, whole = first.moments[FIRST // 2 - 1], first.moments[-1]
            second = Stretch(self._now, FIRST)
            if whole > TOGETHER * half:
                yield second
            here = self._useful
            if second.moments and whole + second.moments[-1] > ONE_BY_ONE * half:
                yield from self._walk(second, here, FEW)
                yield from self._try()
            elif here < self.maximum:
                self._set(2 * here)
                there = self._useful
                now = self._stretch_of(there, skip=here)
                yield now
                if now.latency > QUEUE * whole:
                    self._is_upward = False
                    yield from self._walk(now, there, FEW)
                    yield from self._try()
                elif there < self.maximum:
                    yield from self._walk(now, there, min(2 * there, self.maximum))
        if self._rest == 0:
            self._schedule(RESTS[0])
        yield from self._rest_and_try()

    def _rest_and_try(self) -> Course:
        while self.maximum > 1:
            yield None
            yield from self._try()
        yield None

    def _try(self) -> Course:
        """Look for the number that gains, until neither twice nor half as many are better."""
        kept = 0
        while kept < 2:
            self._trial_began, before = self._now, self._useful
            now = self._stretch_of(before, before)
            yield now
            if now.latency < QUICK:
                self._set(self._quickly(now.latency))
                if self._useful == before:
                    break
                continue
            self._is_upward = before == 1 or (self._is_upward and before < self.maximum)
            there = min(2 * before, self.maximum) if self._is_upward else before // 2
            yield from self._walk(now, before, there)
            if abs(self._useful - before) > max(1, before // 4):
                kept = self._rest = 0
            else:
                kept += 1 + (self._useful == self.maximum)
            self._is_upward = not self._is_upward
        self._schedule(min(RESTS[-1], 2 * self._rest or RESTS[0]))

    def _walk(self, now: Stretch, here: int, there: int) -> Course:
        """Go on from one number to the next for as long as that is better, and stay where it was."""
        is_upward = there > here
        self._before = here
        while True:
            self._set(there)
            then = self._stretch_of(there, skip=max(here, there))
            least = now.throughput * min(1, there / here)
            self._fails_at = self._now + PATIENCE * then.size / least
            yield then
            low, high = (now, then) if is_upward else (then, now)
            if high.under_way < LOSES * low.under_way:  # there is not more to send
                return self._set(self._before)
            gain = high.throughput / low.throughput
            is_better = gain > GAINS if is_upward else gain < LOSES
            if not is_better or there in (1, self.maximum):
                break
            here, now = there, then
            there = min(2 * here, self.maximum) if is_upward else here // 2
        self._fails_at = math.inf
        useful = there if is_upward and is_better else math.ceil(low.under_way * gain * (1 + ROOM))
        self._set(max(useful, int(high.under_way * QUICK / high.latency)))

    def _schedule(self, rest: int) -> None:
        self._rest = rest
        self._seen = self._latency = None
        self._trial_at = self._now + rest * (self._now - self._trial_began)
        self._fails_at = math.inf

    def _stretch_of(self, under_way: int, skip: int) -> Stretch:
        rounds = max(2, math.ceil(max(LEAST, min(4 * under_way, MOST)) / under_way))
        return Stretch(self._now, rounds * under_way, skip)

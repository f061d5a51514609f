"""What a batch does next: no loop, no I/O, no clock."""

import math
from operator import attrgetter

from conversation_client._batch.held import FEW, STRIKES, Held
from conversation_client._batch.limit import Limit
from conversation_client._batch.meaning import (
    is_failing,
    is_lack,
    is_missing,
    is_not_now,
    is_overload,
    is_refusal,
)
from conversation_client._batch.not_now import NotNow
from conversation_client._batch.outage import Outage
from conversation_client._batch.proof import Proof
from conversation_client.batch import Item
from conversation_client.errors import (
    ClientClosedError,
    ConversationClientError,
    DeadlineExceededError,
    ResponseError,
    StatusError,
    TlsError,
    TransportError,
)


class Plan:
    """The decisions of a batch: told what happened and when, asked what to send.

    Its engine, whoever runs it, hands it the items of the input one by one when it `wants_item`,
    sends what `take` gives, says how each call ended, and comes back at `wakes_at`.
    While it `is_calm`, a call that succeeds may be followed by the next item of the input in the
    same place without a word, but for counting it in `succeeded`.

    What always holds:

    - An item that was handed over is in one place: it waits, or is under way, or is counted once,
      in `succeeded` or `failed`.
    - There are never more under way than the limit allowed when the latest left; and no more wait
      or are under way than `concurrency`, or `FEW`, but for witnesses: an item that asks for the
      server where all that wait have had their tries.
    - While the server gives no answer, or asks to wait, nothing leaves but probes, one at a time,
      each after a longer wait and none before the server wants it.
    - No item fails because the server is away or asks to wait: it fails that has been tried three
      times while others were answered, or where no others are left to tell.
    - At most `proof.ENOUGH` items leave before one has succeeded, or the server has said that the
      conversation is there.
    - Until it `is_over` there is a call under way, an item wanted, or a moment in `wakes_at`.

    Args:
        concurrency: Calls that may be under way at the same time, at most.
        give_up_after: Seconds without a useful answer after which it ends.
        now: The time, in seconds, as of all its methods.
        can_ask: Whether there is a conversation to ask for.
    """

    def __init__(self, concurrency: int, give_up_after: float, now: float, can_ask: bool) -> None:
        self.succeeded = 0
        """Items that the server confirmed."""
        self.failed = 0
        self.waiting: list[Held] = []
        self.under_way = 0
        self.limit = Limit(concurrency, now)
        self.is_calm = False
        """Whether the success of a call changes nothing but the count."""
        self.is_over = False
        """Whether nothing is to be sent any more."""
        self.has_given_up = False
        """Whether calls that are under way are to end, too."""
        self.ended_by: ConversationClientError | None = None
        """Why it ended early, if the server or the client was the reason."""
        self.was_down = False
        """Whether there was an outage since this was last set to false."""
        self._give_up_after = give_up_after
        self._asks = can_ask
        self._places = max(concurrency, FEW)
        self._source_is_over = False
        self._outage: Outage | None = None
        self._has_to_ask = self._is_asking = self._is_probing = False
        self._proof, self._not_now = Proof(), NotNow()
        self._refusals = 0
        """Answers that confirmed nothing and did not ask to wait."""
        self._vouched = 0
        """How often the conversation was found to be there."""
        self._unconfirmed = 0
        """Calls that ended without success."""
        self._cuts_off_at = math.inf

    # What to do

    def take(self, now: float) -> Held | None:
        """Return the next item to send, which is under way from now on; `None` for none."""
        if self.is_over or self._has_to_ask:
            return None
        if self._outage is None:
            held = self._next(now) if self.under_way < self.limit.value else None
        else:
            held = self._probe(self._outage, now)
        if held is not None:
            self.waiting.remove(held)
            self.under_way += 1
            held.is_probe = self._outage is not None
            self._is_probing = self._is_probing or held.is_probe
            self._settle(now)
        return held

    def ask(self, now: float) -> bool:
        """Tell whether to ask if the conversation is there: if so, that is under way from now on."""
        if self.is_over or not self._can_ask_now:
            return False
        self._is_asking = self._outage is None or now >= self._outage.probe_at
        return self._is_asking

    @property
    def wants_item(self) -> bool:
        """Whether the next item of the input is to be handed over."""
        if self.is_over or self._source_is_over or self._has_to_ask or not self._may_go_on:
            return False
        if self._outage is not None:
            return self._needs_witness and not self._is_probing
        has_place = self.under_way < self.limit.value and self._has_room
        return has_place and not any(
            self._not_now.is_ripe(held, self._answers) for held in self.waiting
        )

    @property
    def wakes_at(self) -> float:
        """When to `wake` it though nothing has happened; infinity for never."""
        if self.is_over:
            return self._cuts_off_at if self.under_way and not self.has_given_up else math.inf
        if self._outage is not None:
            gives_up_at = self._outage.since + self._give_up_after
            may_ask = self._can_ask_now or self._can_probe
            return min(gives_up_at, self._outage.probe_at) if may_ask else gives_up_at
        moments = [self.limit.looks_at]
        if self.under_way < self.limit.value and not self._has_to_ask:
            moments += [held.retry_at for held in self.waiting]
        return min(moments)

    def wake(self, now: float) -> None:
        """Look at the time."""
        if self.is_over:
            self.has_given_up = self.has_given_up or now >= self._cuts_off_at
            return
        if self._outage is None:
            if now >= self.limit.looks_at:
                self.limit.look(now, self.succeeded + self._unconfirmed, self.under_way)
        elif now >= self._outage.since + self._give_up_after:
            self._end(self._outage.error, now)
            self.has_given_up = True
        self._settle(now)

    # What happened

    def add(self, position: int, item: Item) -> None:
        """Note an item that was wanted; it waits until it is taken."""
        self.waiting.append(Held(position, item))

    def exhausted(self, now: float) -> None:
        """Note that the input has no more items."""
        self._source_is_over = True
        self._settle(now)

    def confirmed(self, now: float, held: Held | None = None) -> None:
        """Note that the server has done what a call asked for."""
        self.succeeded += 1
        self._proof.is_given = True
        self._measure(now)
        self._end_call(held)
        self._answered(now)
        self._settle(now)

    def attempted(self, error: ConversationClientError, now: float) -> None:
        """Note an attempt that failed, of a call that repeats it."""
        self._learn(error, now)
        self._settle(now)

    def unconfirmed(self, held: Held, error: ConversationClientError, now: float) -> bool:
        """Note that a call has ended without success.

        Returns:
            Whether its item has failed; if not, it waits.
        """
        if isinstance(error, ResponseError):
            self._measure(now)
        self._learn(error, now)
        self._unconfirmed += 1
        self._end_call(held)
        held.count(error)
        has_failed = self._has_failed(held, error, now)
        if has_failed:
            self.failed += 1
        elif held.is_probe and is_refusal(error):
            self.waiting.insert(0, held)
        else:
            held.error = error.with_traceback(None)  # whose frames would be kept for as long
            self.waiting.append(held)
        self._settle(now)
        return has_failed

    def told(self, error: ConversationClientError | None, now: float) -> None:
        """Note whether the conversation is there: `None`, or the error of the call that asked.

        Once anything was done, an error that does not deny it shows that the server is well.
        """
        self._is_asking = False
        if error is not None and self._is_final(error):
            self._end(error, now)
        elif isinstance(error, TransportError) or (error is not None and is_failing(error)):
            self._begin_outage(error, now, again=True)
        elif error is None or (
            self._proof.is_given and is_refusal(error) and not is_missing(error)
        ):
            self._has_to_ask = False
            self._proof.is_given = True
            self._vouched += 1
            self._answered(now)
        else:
            self._end(error, now)
        self._settle(now)

    def stop(self, now: float) -> None:
        """Send nothing any more; calls that are under way go on."""
        self._end(None, now)

    def aborted(self, held: Held | None = None) -> None:
        """Note a call that has ended in a way that is none of the server's."""
        self._unconfirmed += 1
        self._end_call(held)
        self.failed += 1

    def close(self) -> tuple[list[Held], int | None]:
        """End the books of a batch that ended early.

        Returns:
            The items that have failed by now, since the server may have acted on them, and how
            many others were handed over or not; `None` if that is not known.
        """
        failed = [held for held in self.waiting if held.strikes]
        rest = len(self.waiting) - len(failed)
        self.waiting.clear()
        self.failed += len(failed)
        return failed, rest if self._source_is_over else None

    # What follows from it

    def _measure(self, now: float) -> None:
        if self.limit.is_measuring:
            self.limit.replied(now, self.under_way)

    def _end_call(self, held: Held | None) -> None:
        self.under_way -= 1
        if held is not None and held.is_probe:
            self._is_probing = False

    def _learn(self, error: ConversationClientError, now: float) -> None:
        """Learn about the server from an attempt that failed."""
        if is_overload(error) and self._outage is None:
            self.limit.overloaded(self.succeeded + self._unconfirmed, self.under_way)
        if is_refusal(error):
            self._refusals += 1
            self._answered(now)

    def _has_failed(self, held: Held, error: ConversationClientError, now: float) -> bool:
        if self._is_final(error):
            self._end(error, now)
            return error.effect != "none"
        if isinstance(error, TransportError):
            return self._is_to_blame(held, error, now)
        if is_not_now(error):
            return self._is_alone(held, error, now)
        if is_refusal(error):
            if held.is_probe and not self.is_over:  # it has not had its repeats
                return False
            self._refuse(error, now)
        return True

    def _is_final(self, error: ConversationClientError) -> bool:
        """Tell whether no wait would help; a handshake that has worked before may again."""
        is_refused = isinstance(error, TlsError) and not self._proof.is_given
        return is_refused or isinstance(error, ClientClosedError)

    def _is_to_blame(self, held: Held, error: TransportError, now: float) -> bool:
        have_all_tried = all(each.strikes >= STRIKES for each in self.waiting)
        is_last = self._source_is_over and not self.under_way and have_all_tried
        if held.strike(error, self._answers, is_last=is_last):
            return True
        is_delay = isinstance(error, DeadlineExceededError) and error.effect == "none"
        if not is_delay and not (is_lack(error) and self.under_way):
            self._begin_outage(error, now, again=held.is_probe)
        return False

    def _is_alone(self, held: Held, error: StatusError, now: float) -> bool:
        has_failed = self._not_now.note(held, self._answers, self._vouched, now)
        is_outage = self._outage is not None or self._not_now.is_for_all
        if error.retry_after or (is_outage and not has_failed):
            self._begin_outage(error, now, again=held.is_probe)
        return has_failed

    def _refuse(self, error: ResponseError, now: float) -> None:
        """Note that an item was refused; where all were, that is not about the items."""
        self._proof.refused(error)
        if self._proof.is_missing:
            if self._asks:
                self._has_to_ask = True
            elif self._proof.is_foreign:
                self._end(error, now)
            else:
                self._proof.is_given = True

    def _begin_outage(self, error: ConversationClientError, now: float, *, again: bool) -> None:
        if self.is_over:
            return
        if self._outage is None:
            self._outage = Outage(error, now)
            self.was_down = True
            if is_not_now(error):
                self._not_now.waits(self._answers)
        elif again:
            self._outage.wait(now)
        self._outage.error = error
        if isinstance(error, StatusError) and error.retry_after is not None:
            self._outage.hold(now + error.retry_after)
            if self._outage.not_before > self._outage.since + self._give_up_after:
                self._end(error, now)

    def _answered(self, now: float) -> None:
        """End the outage, if there is one, unless the server wants to be left alone still."""
        outage = self._outage
        self._not_now.answered()
        if outage is not None and now >= outage.not_before:
            self._outage = None
            self._not_now.waited(self._answers)
        elif outage is not None:
            outage.since = now

    def _end(self, error: ConversationClientError | None, now: float) -> None:
        if not self.is_over:
            self.is_over = True
            self.ended_by = error
            self._cuts_off_at = now + self._give_up_after
        self._outage = None
        self.is_calm = False

    def _settle(self, now: float) -> None:
        has_more = self.waiting or self.under_way or self._is_asking
        if self._source_is_over and not (has_more or self.is_over):
            self._end(None, now)
        self._has_to_ask = self._has_to_ask or self._has_suspect
        self.is_calm = (
            self._proof.is_given
            and self._outage is None
            and self.under_way <= self.limit.value
            and not (self.is_over or self.waiting or self._is_probing)
            and not (self._has_to_ask or self.limit.is_measuring)
        )

    # Questions

    @property
    def is_down(self) -> bool:
        """Whether the batch waits for the server."""
        return self._outage is not None

    @property
    def _answers(self) -> int:
        return self.succeeded + self._refusals

    @property
    def _has_room(self) -> bool:
        """Whether one more item may be taken from the input."""
        return self._may_go_on and self.under_way + len(self.waiting) < self._places

    @property
    def _may_go_on(self) -> bool:
        return self._proof.allows(self.under_way + len(self.waiting))

    def _next(self, now: float) -> Held | None:
        for held in self.waiting:
            if self._not_now.is_ripe(held, self._answers) or now >= held.retry_at:
                return held
        return self.waiting[0] if self.waiting and not self._has_room else None

    def _probe(self, outage: Outage, now: float) -> Held | None:
        if not self._can_probe or now < outage.probe_at:
            return None
        return min(self.waiting, key=attrgetter("tries"))

    @property
    def _can_probe(self) -> bool:
        """Whether an item may ask for the server, now or later."""
        if self._is_probing or self._has_to_ask or not self.waiting:
            return False
        return not self.under_way or len(self.waiting) > 1  # their answers may tell enough

    @property
    def _can_ask_now(self) -> bool:
        return self._has_to_ask and not self._is_asking and not self.under_way

    @property
    def _needs_witness(self) -> bool:
        """Whether no item that waits could tell its own fault from the server's."""
        if not self.waiting:
            return not self.under_way
        if len(self.waiting) + self.under_way < FEW:
            return all(held.tries for held in self.waiting)
        return all(held.has_had_its_tries(self._answers) for held in self.waiting)

    @property
    def _has_suspect(self) -> bool:
        """Whether the last item is one that the server wants later, and others it did not."""
        if not (self._asks and self._source_is_over and len(self.waiting) == 1) or self.under_way:
            return False
        (held,) = self.waiting
        is_unsure = held.vouched == self._vouched and self._answers < held.answers + FEW
        return self.succeeded > 0 and held.in_vain >= STRIKES and is_unsure

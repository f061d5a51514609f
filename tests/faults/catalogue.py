"""What can go wrong between the client and the server, and how a call is to end then."""

import json
import zlib
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

import attrs
from cases import PLAIN, Case

from conversation_client import errors, operations
from conversation_client.operations import Operation

from .chaos import Listening, Peer, Request, Script, document, good, healthy, reply

ROWS = (
    operations.GET_CONVERSATION,
    operations.ASSOCIATE_ASSET,
    operations.UPDATE_CONVERSATION,
    operations.RENAME_CONVERSATION,
    operations.SUMMARIZE_CONVERSATION,
    operations.INCREMENT_SCORES,
    operations.LIST_CONVERSATIONS,
    operations.CREATE_CONVERSATION,
    operations.DELETE_CONVERSATION,
)
"""Reading, adding to a set, deleting, and what must never be sent twice: with and without body and
result."""
CASES: Mapping[str, Case] = {case.method: case for case in PLAIN if case.operation in ROWS}


@attrs.frozen
class Ends:
    """How a call ends: in success, or in exactly this error."""

    error: type[errors.ConversationClientError] | None = None
    effect: errors.Effect | None = None
    requests: int = 1
    """Requests that the server sees, and that the error tells of."""
    says: str = ""
    """What the error's text holds."""
    path: str | None = None
    """JSON path that a `DecodeError` names."""
    looks: int = 0
    """Requests besides, by which the client sees what has come of its call."""


@attrs.frozen(kw_only=True)
class Fault:
    """A way to lie, and how each kind of call ends."""

    script: Script
    ends: Ends
    """Typed and repeatable operations, and all others as far as nothing else is said."""
    empty: Ends | None
    """Operations that are promised nothing."""
    once: Ends | None
    """Operations that are not repeatable; without it the same error after one request."""
    deletion: Ends | None
    """Operations that delete what they name, which the client may look for afterwards."""
    batch: Ends | None
    """Calls of a batch, which sees itself to what the server wants later."""
    pure: Ends | None
    """All operations, if aiohttp parses in pure Python and cannot see what the C parser sees."""
    listening: Listening
    is_warm: bool
    """Whether the call finds a connection that an earlier one has left."""
    is_busy: bool
    """Whether another call holds the only connection."""
    timeout: float

    @property
    def has_other_calls(self) -> bool:
        """Whether it takes other calls than the one that is looked at."""
        return self.is_warm or self.is_busy

    @property
    def only_waits(self) -> bool:
        """Whether calls pass their time doing nothing, and may do so together."""
        return self.timeout == TIME_LIMIT

    def ends_for(self, operation: Operation[object], *, batch: bool, pure: bool) -> Ends:
        if batch and self.batch:
            return self.batch
        if pure and self.pure:
            return self.pure
        if self.deletion and operation.removes and operation.verb is None:
            return self.deletion
        ends = self.empty if self.empty and operation.returns is NoneType else self.ends
        if operation.repeatable:
            return ends
        return self.once or attrs.evolve(ends, requests=min(ends.requests, 1))


FAULTS: dict[str, Fault] = {}

TIME_LIMIT = 0.5
NO_HURRY = 10.0


def fault(
    name: str,
    script: Script,
    ends: Ends,
    *,
    empty: Ends | None = None,
    once: Ends | None = None,
    deletion: Ends | None = None,
    batch: Ends | None = None,
    pure: Ends | None = None,
    listening: Listening = Listening.YES,
    warm: bool = False,
    busy: bool = False,
    timeout: float | None = None,
) -> None:
    assert name not in FAULTS
    FAULTS[name] = Fault(
        script=script,
        ends=ends,
        empty=empty,
        once=once,
        deletion=deletion,
        batch=batch,
        pure=pure,
        listening=listening,
        is_warm=warm,
        is_busy=busy,
        timeout=timeout or (TIME_LIMIT if name.startswith("time:") else NO_HURRY),
    )


# How calls end

DONE = Ends()
DONE_AT_THE_SECOND = Ends(requests=2)
LOST = Ends(errors.ConnectionLostError, "unknown", 3)
LOST_ONCE = Ends(errors.ConnectionLostError, "unknown", 1)
LATE = Ends(errors.DeadlineExceededError, "unknown", says="waiting for the reply")
NOT_HTTP = Ends(errors.ProtocolError, "unknown")
NO_CONTENT = Ends(errors.ProtocolError, "unknown", says="204 No Content, where a")
A_PAGE = Ends(errors.ContentTypeError, "unknown", says="where nothing is promised")
TOO_LONG = Ends(errors.ProtocolError, "unknown", says="too long")
TOO_MANY = Ends(errors.ProtocolError, "unknown", says="more headers")
NOT_JSON_TYPE = Ends(errors.ContentTypeError, "unknown")
NO_DOCUMENT = Ends(errors.DecodeError, "unknown", path="$")
WRONG_DOCUMENT = Ends(errors.DecodeError, "unknown", says="required field missing")
TOO_LARGE = Ends(errors.BodyTooLargeError, "unknown")


def refusal(kind: type[errors.StatusError], status: int, requests: int = 1) -> Ends:
    return Ends(kind, "answered", requests, says=str(status))


# How servers behave

Answer = bytes | Callable[[Request], bytes]


def spelled(answer: Answer, request: Request) -> bytes:
    return answer(request) if callable(answer) else answer


def answers(*in_turn: Answer, by_closing: bool = False) -> Script:
    """Answer the first request with the first, and all after the last with the last."""

    async def script(peer: Peer) -> None:
        while True:
            request = await peer.request()
            number = min(len(peer.site.requests), len(in_turn)) - 1
            await peer.send(
                good(request) if request.is_probe else spelled(in_turn[number], request)
            )
            if by_closing:
                return

    return script


def closes_after(part: Answer) -> Script:
    """Answer with a part of a reply and close."""
    return answers(part, by_closing=True)


def resets_after(part: Answer = b"") -> Script:
    async def script(peer: Peer) -> None:
        await peer.send(spelled(part, await peer.request()))
        await peer.reset()

    return script


def in_parts(*parts: bytes) -> Script:
    """Send parts so that the client sees one after the other."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(*parts, pause=0.02)
        await peer.stay_silent()

    return script


async def in_bytes(peer: Peer) -> None:
    """Answer as promised, byte by byte."""
    while True:
        whole = good(await peer.request())
        pieces = [*(whole[at : at + 1] for at in range(40)), whole[40:-9], whole[-9:]]
        await peer.send(*pieces, pause=0.0001)


def speaks_idle(unasked: Answer) -> Script:
    """Answer the first request twice, a while apart, and then as promised."""

    async def script(peer: Peer) -> None:
        request = await peer.request()
        await peer.send(good(request), spelled(unasked, request), pause=0.01)
        peer.site.is_ready = True
        await healthy(peer)

    return first(script)


def stalls_after(part: Answer = b"") -> Script:
    async def script(peer: Peer) -> None:
        await peer.send(spelled(part, await peer.request()))
        await peer.stay_silent()

    return script


def floods_after(part: bytes, chunk: bytes, pause: float = 0.0) -> Script:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(part)
        await peer.flood(chunk, pause)

    return script


def first(script: Script, then: Script = healthy) -> Script:
    """Be one thing on the first connection and another on all that follow."""

    async def either(peer: Peer) -> None:
        await (script if peer.number == 1 else then)(peer)

    return either


# What servers send

JSON = "Content-Type: application/json"


def payload(request: Request) -> bytes:
    return json.dumps(document(request)).encode()


def body_like(make: Callable[[bytes], bytes], *headers: str) -> Answer:
    """Answer 200 with something made of the promised document, whatever is promised."""
    return lambda request: reply(200, make(payload(request)), *(headers or (JSON,)))


def body(content: bytes, *headers: str) -> Answer:
    return reply(200, content, *(headers or (JSON,)))


def document_with(**members: Any) -> Answer:
    """Answer with the promised document changed; empty replies are as promised."""

    def make(request: Request) -> bytes:
        promised = document(request)
        if promised is None:
            return good(request)
        return reply(200, json.dumps(promised | members).encode(), JSON)

    return make


def headed(*headers: str) -> Answer:
    """Answer as promised, but with these headers too."""
    return lambda request: good(request, *headers)


def edited(old: bytes, new: bytes) -> Answer:
    return lambda request: good(request).replace(old, new, 1)


def echoed(request: Request) -> bytes:
    """Answer with the headers of the request, which are nobody else's business."""
    return request.head.replace(request.line, "HTTP/1.1 200 X", 1).encode()


def head_of(request: Request) -> bytes:
    return good(request).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def beginning(size: int) -> Answer:
    """Answer with the first bytes of the promised reply."""
    return lambda request: good(request)[:size]


def promised(size: int, *headers: str, sent: bytes = b'{"id"') -> bytes:
    lines = ("HTTP/1.1 200 OK", JSON, f"Content-Length: {size}", *headers, "", "")
    return "\r\n".join(lines).encode() + sent


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", size: str = "{:x}") -> bytes:
    spelled_chunks = (
        size.format(len(chunk)).encode() + b"\r\n" + chunk + b"\r\n" for chunk in chunks
    )
    head = f"HTTP/1.1 200 OK\r\n{JSON}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return head + b"".join(spelled_chunks) + end


def in_chunks(**how: Any) -> Callable[[Request], bytes]:
    """Answer with the document in chunks, where one is promised."""

    def make(request: Request) -> bytes:
        if document(request) is None:
            return good(request)
        content = payload(request)
        return chunked(content[:7], content[7:], **how)

    return make


def compressed(data: bytes, window: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    return packer.compress(data) + packer.flush()


def gzip(data: bytes) -> bytes:
    return compressed(data, 31)


GZIP = "Content-Encoding: gzip"
HTML = b"<!doctype html><title>Sign in</title>"
SSH = b"SSH-2.0-OpenSSH_9.6\r\n"
TLS_ALERT = b"\x15\x03\x03\x00\x02\x02\x46"

# Reach

fault(
    "reach:refused",
    healthy,
    Ends(errors.ServerNotRunningError, "none", 0, says="is Pieces OS running"),
    listening=Listening.REFUSING,
)


async def hangs_up_unasked(peer: Peer) -> None:
    peer.count_unread()


async def resets_unasked(peer: Peer) -> None:
    await peer.begun()  # a client that sees the end before has sent nothing, and connects again
    peer.count_unread()
    await peer.reset()


fault("reach:ssh-on-the-port", answers(SSH), NOT_HTTP)
fault("reach:tls-on-the-port", closes_after(TLS_ALERT), NOT_HTTP)
fault("reach:echo-on-the-port", closes_after(lambda request: request.head.encode()), NOT_HTTP)
fault(
    "reach:another-web-server",
    answers(reply(404, HTML, "Content-Type: text/html")),
    refusal(errors.NotFoundError, 404),
)
fault(
    "reach:still-starting",
    answers(reply(503), good),
    DONE_AT_THE_SECOND,
    once=refusal(errors.ServerError, 503),
    batch=refusal(errors.ServerError, 503),
)
fault("reach:accepts-and-closes", hangs_up_unasked, LOST)
fault("reach:accepts-and-resets", resets_unasked, LOST)
fault("reach:closes-once", first(hangs_up_unasked), DONE_AT_THE_SECOND, once=LOST_ONCE)

# Time


async def never_reads(peer: Peer) -> None:
    peer.count_unread()
    await peer.stay_silent()


async def drips_head(peer: Peer) -> None:
    head = good(await peer.request())
    await peer.send(*(head[at : at + 1] for at in range(30)), pause=0.04)
    await peer.stay_silent()


async def drips_body(peer: Peer) -> None:
    await peer.request()
    await peer.send(promised(1000, sent=b""))
    await peer.flood(b" ", 0.2)


async def answers_late(peer: Peer) -> None:
    request = await peer.request()
    await peer.send(b"", good(request), pause=0.1)
    await peer.stay_silent()


async def busy(peer: Peer) -> None:
    request = await peer.request()
    if request.is_probe:
        await peer.stay_silent()
    await peer.send(good(request))


fault("time:silent", stalls_after(), LATE)
fault("time:never-reads", never_reads, LATE)
fault(
    "time:never-accepts",
    healthy,
    Ends(errors.ServerUnresponsiveError, "none", 0, says="connecting"),
    listening=Listening.FULL,
)
fault(
    "time:connection-taken",
    busy,
    Ends(errors.DeadlineExceededError, "none", 0, says="waiting for a free connection"),
    busy=True,
)
fault("time:in-time", answers_late, DONE)
fault("time:drip-of-head", drips_head, LATE)
fault("time:drip-of-headers", floods_after(b"HTTP/1.1 204 X\r\n", b"A: b\r\n", 0.03), LATE)
fault("time:drip-of-body", drips_body, LATE)
fault("time:drip-of-chunks", floods_after(chunked(end=b""), b"1\r\n \r\n", 0.03), LATE)
fault("time:stalls-in-head", stalls_after(beginning(12)), LATE)
fault("time:stalls-in-body", stalls_after(promised(100)), LATE)
fault("time:stalls-in-chunks", stalls_after(chunked(b"{}", end=b"")), LATE)
fault("time:stalls-in-error", stalls_after(promised(9).replace(b"200", b"500")), LATE)
fault("time:flood-of-100", floods_after(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100, 0.05), LATE)
fault("time:drip-of-102", floods_after(b"", b"HTTP/1.1 102 Processing\r\n\r\n", 0.02), LATE)
fault(
    "time:lost-then-silent",
    first(resets_after(), stalls_after()),
    attrs.evolve(LATE, requests=2),
    once=LOST_ONCE,
)
fault(
    "time:refused-then-silent",
    first(closes_after(reply(503, b"", "Connection: close")), stalls_after()),
    attrs.evolve(LATE, requests=2),
    once=refusal(errors.ServerError, 503),
    batch=refusal(errors.ServerError, 503),
)

# Cut

fault("cut:closes-unanswered", closes_after(b""), LOST)
fault("cut:resets-unanswered", resets_after(), LOST)


async def resets_within_request(peer: Peer) -> None:
    await peer.head()
    await peer.reset()


fault("cut:resets-within-request", resets_within_request, LOST)


async def loses_and_refuses(peer: Peer) -> None:
    await peer.request()
    await peer.site.refuse()


fault("cut:closes-in-status", closes_after(beginning(7)), LOST)
fault("cut:closes-in-headers", closes_after(lambda r: head_of(r)[:-9]), LOST)
fault("cut:resets-in-headers", resets_after(lambda r: head_of(r)[:-9]), LOST)
fault("cut:closes-in-echoed-headers", closes_after(lambda r: echoed(r)[:-2]), LOST)
fault("cut:closes-before-end-of-head", closes_after(lambda r: head_of(r)[:-2]), LOST)
fault("cut:closes-before-body", closes_after(promised(100, sent=b"")), LOST)
fault("cut:closes-in-body", closes_after(promised(100)), LOST)
fault("cut:resets-in-body", resets_after(promised(100)), LOST)
fault("cut:closes-one-byte-early", closes_after(lambda r: reply(200, payload(r))[:-1]), LOST)
fault("cut:closes-in-chunk", closes_after(chunked(end=b"9\r\nabc")), LOST)
fault("cut:closes-in-chunk-size", closes_after(chunked(b"{}", end=b"1")), LOST)
fault("cut:closes-before-last-chunk", closes_after(chunked(b"{}", end=b"")), LOST)
fault("cut:closes-in-trailers", closes_after(chunked(b"{}", end=b"0\r\n")), LOST)
fault("cut:closes-in-gzip", closes_after(promised(100, GZIP, sent=gzip(b"{}")[:5])), LOST)
fault("cut:closes-in-error", closes_after(promised(100).replace(b"200", b"500")), LOST)
fault("cut:closes-after-100", closes_after(b"HTTP/1.1 100 Continue\r\n\r\n"), LOST)
fault("cut:once", first(closes_after(b"")), DONE_AT_THE_SECOND, once=LOST_ONCE)
fault("cut:closes-after-reply", closes_after(good), DONE)
fault("cut:closes-idle", closes_after(good), DONE, warm=True)
fault("cut:resets-idle", resets_after(good), DONE, warm=True)
fault(
    "cut:lost-then-refused",
    loses_and_refuses,
    Ends(errors.ServerNotRunningError, "unknown", 1),
    once=LOST_ONCE,
)
fault(
    "cut:lost-then-500",
    first(closes_after(b""), answers(reply(500))),
    Ends(errors.ServerError, "unknown", 2, says="500"),
    once=LOST_ONCE,
    deletion=Ends(errors.ServerError, "unknown", 2, says="500", looks=1),
)
fault(
    "cut:lost-then-not-http",
    first(closes_after(b""), answers(SSH)),
    Ends(errors.ProtocolError, "unknown", 2),
    once=LOST_ONCE,
)


# Status


async def answers_unread(peer: Peer) -> None:
    await peer.head()
    await peer.send(reply(413, b"too large", "Connection: close"))
    await peer.stay_silent()


for status in (300, 301, 302, 303, 304, 307, 308, 399):
    fault(
        f"status:{status}",
        answers(
            reply(status, b"" if status == 304 else b"moved", "Location: http://127.0.0.1:9/x")
        ),
        refusal(errors.RedirectError, status),
    )
for status, kind in {
    400: errors.StatusError,
    401: errors.StatusError,
    403: errors.StatusError,
    404: errors.NotFoundError,
    410: errors.GoneError,
    413: errors.StatusError,
    422: errors.StatusError,
    501: errors.ServerError,
    505: errors.ServerError,
    599: errors.ServerError,
    600: errors.StatusError,
    999: errors.StatusError,
}.items():
    fault(f"status:{status}", answers(reply(status, b"no")), refusal(kind, status))
for status, kind, in_batch in (
    (429, errors.RateLimitedError, 1),
    (502, errors.ServerError, 3),
    (503, errors.ServerError, 1),
    (504, errors.ServerError, 3),
):
    fault(
        f"status:{status}",
        answers(reply(status, HTML)),
        refusal(kind, status, 3),
        batch=refusal(kind, status, in_batch),
    )
fault("status:500", answers(reply(500, b"no such id")), refusal(errors.ServerError, 500, 2))
fault("status:500-json", answers(reply(500, b'{"e":1}', JSON)), refusal(errors.ServerError, 500, 2))
fault(
    "status:500-closing",
    closes_after(reply(500, b"", "Connection: close")),
    refusal(errors.ServerError, 500, 2),
)
fault("status:500-large", answers(reply(500, b"x" * 300_000)), refusal(errors.ServerError, 500, 2))
fault(
    "status:500-once",
    answers(reply(500), good),
    DONE_AT_THE_SECOND,
    once=refusal(errors.ServerError, 500),
)
for name, value, requests in (
    ("0", "0", 3),
    ("past-date", "Thu, 01 Jan 1970 00:00:00 GMT", 3),
    ("negative", "-1", 3),
    ("nan", "NaN", 3),
    ("word", "soon", 3),
    ("1e9", "1000000000", 1),
    ("past-the-deadline", "60", 1),
    ("far-date", "Fri, 31 Dec 9999 23:59:59 GMT", 1),
):
    fault(
        f"status:429-retry-after-{name}",
        answers(reply(429, b"wait", f"Retry-After: {value}")),
        refusal(errors.RateLimitedError, 429, requests),
        batch=refusal(errors.RateLimitedError, 429),
    )
fault("status:413-early", answers_unread, refusal(errors.StatusError, 413))
fault("status:204-for-all", answers(reply(204)), NO_CONTENT, empty=DONE)
fault("status:200-empty-for-all", answers(reply(200)), NO_DOCUMENT, empty=DONE)
fault(
    "status:200-ok-for-all",
    answers(body(b"OK", "Content-Type: text/plain")),
    NO_DOCUMENT,
    empty=DONE,
)
fault("status:201-for-all", answers(reply(201)), Ends(errors.ProtocolError, "unknown"), empty=DONE)
fault(
    "status:206-with-document",
    answers(lambda request: reply(206, payload(request), JSON)),
    Ends(errors.ProtocolError, "unknown"),
    empty=DONE,
)
answer: Answer
for name, answer in (
    ("204-with-body", reply(204, b"{}", "Content-Length: 2")),
    ("204-with-chunks", reply(204, b"0\r\n\r\n", "Transfer-Encoding: chunked")),
    ("204-with-both", reply(204, b"2\r\n{}\r\n0\r\n\r\n")),
    ("204-with-rubbish", reply(204, b"rubbish")),
):
    fault(f"status:{name}", answers(answer), NO_CONTENT, empty=DONE)
fault(
    "status:101",
    answers(reply(101, b"", "Upgrade: x", "Connection: upgrade")),
    Ends(errors.StatusError, "answered"),
)
fault("status:100-then-good", answers(lambda r: b"HTTP/1.1 100 X\r\n\r\n" + good(r)), DONE)
fault(
    "status:103-then-good", answers(lambda r: b"HTTP/1.1 103 X\r\nLink: a\r\n\r\n" + good(r)), DONE
)
fault("status:without-reason", answers(edited(b" X\r", b"\r")), DONE)

# Body

NOT_EMPTY = Ends(errors.ProtocolError, "unknown", says="bytes, where nothing is promised")
WITHOUT_PROMISE = {
    **dict.fromkeys(("html", "html-as-json", "image", "gzip-of-html"), A_PAGE),
    **dict.fromkeys(("deep", "deep-and-closed"), NOT_EMPTY),
}
"""How these bodies end operations that promise nothing; all others say that it is done."""

for name, answer, ends in (
    ("html", body(HTML, "Content-Type: text/html"), NOT_JSON_TYPE),
    ("html-as-json", body(HTML), NO_DOCUMENT),
    ("image", body(b"\x89PNG", "Content-Type: image/png"), NOT_JSON_TYPE),
    ("json-as-text", body_like(lambda d: d, "Content-Type: text/plain"), DONE),
    ("json-without-type", body_like(lambda d: d, "X-Y: z"), DONE),
    ("unknown-charset", body_like(lambda d: d, "Content-Type: application/json; charset=x"), DONE),
    ("byte-order-mark", body_like(lambda d: b"\xef\xbb\xbf" + d), DONE),
    ("utf-16", body_like(lambda d: d.decode().encode("utf-16")), DONE),
    ("bad-utf-8", body(b'{"id":"\xff\xfe"}'), NO_DOCUMENT),
    ("null", body(b"null"), NO_DOCUMENT),
    ("list", body(b"[]"), NO_DOCUMENT),
    ("text", body(b'"text"'), NO_DOCUMENT),
    ("nan", body(b'{"id":NaN}'), NO_DOCUMENT),
    ("infinity", body(b'{"id":-Infinity}'), NO_DOCUMENT),
    ("blank", body(b"  \n"), NO_DOCUMENT),
    ("two-documents", body_like(lambda d: d + d), NO_DOCUMENT),
    ("half", body_like(lambda d: d[: len(d) // 2]), NO_DOCUMENT),
    ("deep", body(b'{"a":' * 10_000), NO_DOCUMENT),
    ("deep-and-closed", body(b"[" * 10_000 + b"]" * 10_000), NO_DOCUMENT),
    ("nothing-in-it", body(b"{}"), WRONG_DOCUMENT),
    ("other-document", body(b'{"id":"x"}'), WRONG_DOCUMENT),
    ("gzip", body_like(gzip, JSON, GZIP), DONE),
    ("deflate", body_like(lambda d: compressed(d, 15), JSON, "Content-Encoding: deflate"), DONE),
    ("half-gzip", body_like(lambda d: gzip(d)[:-12], JSON, GZIP), NO_DOCUMENT),
    (
        "gzip-twice",
        body_like(lambda d: gzip(gzip(d)), JSON, "Content-Encoding: gzip, gzip"),
        NO_DOCUMENT,
    ),
    ("gzip-of-html", body(gzip(HTML), JSON, GZIP), NO_DOCUMENT),
    ("unknown-encoding", body(b"\x00\x01", JSON, "Content-Encoding: x-own"), NO_DOCUMENT),
):
    fault(f"body:{name}", answers(answer), ends, empty=WITHOUT_PROMISE.get(name, DONE))

fault(
    "body:half-by-closing",
    closes_after(lambda r: reply(200, payload(r)[:-1], JSON, length=False)),
    NO_DOCUMENT,
    empty=DONE,
)
fault("body:bad-gzip", answers(body(b"no gzip", JSON, GZIP)), NOT_HTTP)
fault("body:brotli", answers(body(b"no brotli", JSON, "Content-Encoding: br")), NOT_HTTP)
fault("body:zstd", answers(body(b"no zstd", JSON, "Content-Encoding: zstd")), NOT_HTTP)
fault("body:large", answers(body(b" " * 70_000)), NO_DOCUMENT, empty=TOO_LARGE)
fault("body:large-in-chunks", answers(chunked(b" " * 70_000)), NO_DOCUMENT, empty=TOO_LARGE)
fault(
    "body:large-of-gzip",
    answers(body(gzip(b" " * 70_000), JSON, GZIP)),
    NO_DOCUMENT,
    empty=TOO_LARGE,
)
fault("body:length-beyond-the-limit", answers(promised(10**9)), TOO_LARGE)
fault(
    "body:wrong-type",
    answers(document_with(id=1, model=1, conversation=1, name=1, iterable=1)),
    Ends(errors.DecodeError, "unknown"),
    empty=DONE,
)
fault("body:new-field", answers(document_with(novel={"a": [1]})), DONE)
fault("body:huge-integer", answers(document_with(novel=10**4000)), DONE)

# Framing

for name, answer, ends in (
    (
        "length-and-chunks",
        lambda r: chunked(payload(r)).replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n", 1),
        NOT_HTTP,
    ),
    ("two-lengths", promised(2).replace(b": 2", b": 2\r\nContent-Length: 5"), NOT_HTTP),
    (
        "same-length-twice",
        lambda r: reply(200, payload(r), f"Content-Length: {len(payload(r))}"),
        NOT_HTTP,
    ),
    ("negative-length", promised(-1), NOT_HTTP),
    ("length-with-plus", promised(5).replace(b": 5", b": +5"), NOT_HTTP),
    ("length-in-hex", promised(5).replace(b": 5", b": 0x5"), NOT_HTTP),
    ("length-list", promised(5).replace(b": 5", b": 5, 5"), NOT_HTTP),
    ("bad-chunk-size", chunked(b"{}", size="zz"), NOT_HTTP),
    ("negative-chunk-size", chunked(b"{}", size="-2"), NOT_HTTP),
    ("chunk-longer-than-told", chunked(b"{}   ", size="2"), NOT_HTTP),
    ("chunk-extension", in_chunks(size="{:x};a=b"), DONE),
    ("trailers", in_chunks(end=b"0\r\nA: b\r\n\r\n"), DONE),
    ("chunks", in_chunks(), DONE),
    ("chunked-twice", lambda r: in_chunks()(r).replace(b"chunked", b"chunked, chunked"), DONE),
    ("1000-headers", headed(*(f"A{n}: b" for n in range(1000))), TOO_MANY),
    ("100-kb-header", headed("A: " + "b" * 100_000), TOO_LONG),
    ("100-kb-reason", edited(b" X\r", b" " + b"X" * 100_000 + b"\r"), TOO_LONG),
    ("echoed-headers", lambda r: echoed(r).replace(b"\r\n", b"\r\nNonsense\r\n", 1), NOT_HTTP),
    ("header-without-colon", headed("Nonsense"), NOT_HTTP),
    ("header-without-name", headed(": b"), NOT_HTTP),
    ("space-in-header-name", headed("A B: c"), NOT_HTTP),
    ("space-before-colon", headed("A : b"), NOT_HTTP),
    ("folded-header", headed("A: b\r\n c"), DONE),
    ("nul-in-header", headed("A: b\0c"), NOT_HTTP),
    ("escape-in-header", headed("A: b\x1bc"), DONE),
    ("latin-1-header", headed("A: caf\xe9"), DONE),
    ("bare-line-feeds", lambda r: good(r).replace(b"\r\n", b"\n"), DONE),
    ("bare-carriage-return", headed("A: b\rC: d"), NOT_HTTP),
    ("http-0.9", payload, NOT_HTTP),
    ("http-1.0", edited(b"HTTP/1.1", b"HTTP/1.0"), DONE),
    ("http-2", edited(b"HTTP/1.1", b"HTTP/2.0"), NOT_HTTP),
    ("http-9", edited(b"HTTP/1.1", b"HTTP/9.9"), NOT_HTTP),
    ("version-in-lower-case", edited(b"HTTP", b"http"), NOT_HTTP),
    ("two-digit-status", reply("HTTP/1.1 20 OK"), NOT_HTTP),
    ("four-digit-status", reply("HTTP/1.1 2000 OK"), NOT_HTTP),
    ("no-status", reply("HTTP/1.1 OK"), NOT_HTTP),
    ("negative-status", reply("HTTP/1.1 -20 OK"), NOT_HTTP),
    ("empty-line-first", lambda r: b"\r\n" + good(r), NOT_HTTP),
    ("nul-bytes", b"\0" * 100, NOT_HTTP),
    ("binary", bytes(range(256)) * 10, NOT_HTTP),
    ("two-replies", lambda r: good(r) + reply(500), DONE),
):
    fault(f"framing:{name}", answers(answer), ends)

fault("framing:rubbish-after-reply", answers(lambda r: good(r) + b"rubbish"), DONE)
fault("framing:length-beyond-all", answers(promised(10**30)), NOT_HTTP, pure=TOO_LARGE)
fault(
    "framing:chunk-size-beyond-all",
    answers(chunked(b"{}", size="f" * 40)),
    NOT_HTTP,
    pure=LATE,
    timeout=TIME_LIMIT,
)
fault("framing:bad-chunk-size-late", in_parts(chunked(end=b""), b"zz\r\n{}\r\n"), NOT_HTTP)
fault("framing:no-chunk-end-late", in_parts(chunked(end=b""), b"2\r\n{}", b"{}\r\n"), NOT_HTTP)
fault("framing:bad-gzip-late", in_parts(promised(9, GZIP, sent=b""), b"no gzip!!"), NOT_HTTP)
fault("framing:reply-in-parts", in_bytes, DONE)
fault("framing:idle-reply", speaks_idle(reply(500)), DONE, warm=True)
fault("framing:idle-document", speaks_idle(body(b"{}")), DONE, warm=True)
fault("framing:idle-rubbish", speaks_idle(b"rubbish"), DONE, warm=True)
fault(
    "framing:unknown-transfer-encoding",
    closes_after(lambda r: chunked(payload(r)).replace(b"chunked", b"x-own")),
    NO_DOCUMENT,
    empty=DONE,
)

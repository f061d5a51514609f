"""Every exception that the library raises.

```text
ConversationClientError
├── InvalidArgumentError (ValueError)      refused before any I/O
├── ClientClosedError                      the client or its session is closed
├── TransportError                         nothing usable came back
│   ├── ServerNotRunningError              refused, or no such host
│   ├── ServerUnresponsiveError            the connection was never accepted
│   ├── TlsError                           the handshake failed
│   ├── ConnectionLostError                cut or reset
│   └── DeadlineExceededError (TimeoutError)
├── ResponseError                          something came back
│   ├── ProtocolError                      not the HTTP that was promised
│   │   ├── DecodeError                    a document of another shape
│   │   ├── BodyTooLargeError
│   │   └── ContentTypeError
│   └── StatusError                        the server's own no
│       ├── RedirectError                  3xx
│       ├── NotFoundError                  404
│       ├── GoneError                      410
│       ├── RateLimitedError               429
│       └── ServerError                    5xx
├── BatchError (ExceptionGroup)            some items of a batch failed
└── JournalError                           a journal cannot be used
    ├── JournalMismatchError               it belongs to another job
    ├── JournalVersionError                a newer version wrote it
    ├── JournalCorruptError                it is no journal, or damaged
    ├── JournalLockedError                 it is in use
    ├── JournalReadOnlyError
    └── JournalFullError                   no space left
```
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self, cast

Effect = Literal["none", "unknown", "answered"]
"""What a failed call did to the server: nothing, possibly something, or it said no."""


class ConversationClientError(Exception):
    """Base of every error of this library.

    Attributes:
        operation: The operation's id in the reference, or `None` outside of a call.
        ids: The call's path parameters by name.
        attempts: How many requests the server may have seen; 0 if none was sent.
        effect: `"none"` if the server has not acted, `"unknown"` if it may have, `"answered"` if
            it said no.
    """

    operation: str | None = None
    ids: Mapping[str, str] = {}  # replaced as a whole, never changed
    attempts: int = 0
    effect: Effect = "none"

    def __str__(self) -> str:
        """Say which call it was, how often it was tried and what went wrong."""
        message = super().__str__()
        if self.operation is None:
            return message
        ids = ", ".join(f"{name}={value!r}" for name, value in self.ids.items())
        tried = f" after {self.attempts} attempts" if self.attempts > 1 else ""
        return f"{self.operation}({ids}){tried}: {message}"


class InvalidArgumentError(ConversationClientError, ValueError):
    """An argument that cannot be sent; nothing was."""


class ClientClosedError(ConversationClientError):
    """The client, or the session that it was given, is closed."""


class TransportError(ConversationClientError):
    """Nothing usable came back: there was no reply, or none in time.

    Attributes:
        is_local: Whether it is for what this side lacks, as file descriptors, and no fault of the
            server's.
    """

    effect: Effect = "unknown"
    is_local: bool = False


class ServerNotRunningError(TransportError):
    """Nobody listens at the URL, or its host is not known."""

    effect: Effect = "none"


class ServerUnresponsiveError(TransportError):
    """The connection was not accepted in time."""

    effect: Effect = "none"


class TlsError(TransportError):
    """The TLS handshake failed, and would again; the message says why."""

    effect: Effect = "none"


class ConnectionLostError(TransportError):
    """The connection was cut or reset before the reply was complete."""


class DeadlineExceededError(TransportError, TimeoutError):
    """The call took longer than the client's `timeout`."""


class ResponseError(ConversationClientError):
    """The server sent something, and it is not what the call promises."""

    effect: Effect = "unknown"


class ProtocolError(ResponseError):
    """The reply is not the HTTP that the operation promises; the server may have acted.

    Attributes:
        is_excess: Whether it is more than the client reads, in bytes or in depth, and nothing else
            is known to be wrong with it.
    """

    is_excess: bool = False


class DecodeError(ProtocolError):
    """A document that is no JSON, or of another shape than its model.

    Attributes:
        path: JSON path of the first problem, `$` for the document as a whole.
        problems: Every problem found, as "path: what is wrong".
        content: The document as it came, if it came as text. It is neither shown nor pickled.
    """

    content: bytes | str | None = None

    def __init__(self, message: str, *, path: str = "$", problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.path = path
        self.problems: tuple[str, ...] = tuple(problems)

    def __reduce__(self) -> Any:
        """Leave the document behind."""
        make, arguments, state = cast(tuple[Any, Any, dict[str, Any]], super().__reduce__())
        return make, arguments, {name: value for name, value in state.items() if name != "content"}


class BodyTooLargeError(ProtocolError):
    """The reply is larger than the client reads; the rest was not read."""


class ContentTypeError(ProtocolError):
    """A page or another kind of file where a JSON document was promised."""


class StatusError(ResponseError):
    """The server's own no.

    Attributes:
        status: The HTTP status.
        text: The start of the reply's body, at most 4 KiB.
        retry_after: Seconds that the server asked to wait, if it did.
    """

    effect: Effect = "answered"
    statuses: ClassVar[Collection[int]] = ()
    """The statuses that a subclass stands for."""

    def __init__(
        self, message: str, *, status: int = 0, text: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.text = text
        self.retry_after = retry_after

    @staticmethod
    def of(
        status: int, message: str, *, text: str = "", retry_after: float | None = None
    ) -> "StatusError":
        """Make the error of the class that stands for the status."""
        kinds = StatusError.__subclasses__()
        kind = next((kind for kind in kinds if status in kind.statuses), StatusError)
        return kind(message, status=status, text=text, retry_after=retry_after)


class RedirectError(StatusError):
    """3xx: the server points elsewhere; redirects are never followed."""

    statuses: ClassVar[Collection[int]] = range(300, 400)


class NotFoundError(StatusError):
    """404: the server does not know the path."""

    statuses: ClassVar[Collection[int]] = (404,)


class GoneError(StatusError):
    """410: there is no such conversation."""

    statuses: ClassVar[Collection[int]] = (410,)


class RateLimitedError(StatusError):
    """429: too many requests."""

    statuses: ClassVar[Collection[int]] = (429,)


class ServerError(StatusError):
    """5xx: the server failed, or does not know an id."""

    statuses: ClassVar[Collection[int]] = range(500, 600)


class BatchError(ConversationClientError, ExceptionGroup[ConversationClientError]):
    """Some items of a batch failed; holds the errors that the report kept."""

    effect: Effect = "unknown"

    def derive(self, excs: Sequence[ConversationClientError], /) -> Self:  # type: ignore[override]
        """Make a group of some of the errors, for `split` and `subgroup`."""
        return type(self)(self.message, excs)


class JournalError(ConversationClientError):
    """A journal cannot be used; the message says which, why, and what to do."""


class JournalMismatchError(JournalError):
    """The journal belongs to another job: another operation, conversation or input."""


class JournalVersionError(JournalError):
    """A newer version of this library wrote the journal."""


class JournalCorruptError(JournalError):
    """The file is no journal of this library, or it is damaged."""


class JournalLockedError(JournalError):
    """Another process, or another batch of this one, uses the journal."""


class JournalReadOnlyError(JournalError):
    """The journal, or the directory that it is in, cannot be written to."""


class JournalFullError(JournalError):
    """There is no space left for the journal; what it holds stays valid."""

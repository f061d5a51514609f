"""The emulator: a local server whose routes are the table's rows."""

import asyncio
import socket
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack, closing, suppress
from functools import partial
from itertools import cycle
from pathlib import Path
from threading import Thread
from typing import Self

import attrs
from aiohttp import web

from conversation_client.models.base import Document
from conversation_client.operations import BY_ID, Material, Operation, parse_version
from conversation_client.testing.asking import Asking
from conversation_client.testing.authoring import text_message
from conversation_client.testing.backend import Backend
from conversation_client.testing.documents import JsonObject, dump, parse
from conversation_client.testing.faults import Fault, Faults, Reply
from conversation_client.testing.frontend import Frontend
from conversation_client.testing.handshake import Handshake, os_version_for
from conversation_client.testing.hosts import Hosts
from conversation_client.testing.materials import Materials
from conversation_client.testing.recording import RecordedRequest, RequestLog
from conversation_client.testing.routes import known_in, stored
from conversation_client.testing.store import Store

STARTING_CONVERSATION = "00000000-0000-4000-8000-000000000000"
"""Id of the conversation that every emulator starts with."""

_STARTING_NAME = "Retries in asyncio"
_STARTING_MESSAGES = (
    "How do I retry a coroutine at most three times?",
    "Count the attempts in a loop, and return as soon as one succeeds.",
    "And how long should it wait in between?",
    "Twice as long each time, with some randomness, so that clients do not come back together.",
)
_GRACE = 0.1
"""Seconds that requests in progress have left when the emulator stops."""


class Emulator:
    """A server that behaves like Pieces OS as far as conversations go.

    `async with` serves on the running loop, `with` from a thread with a loop of its own, so that
    blocking tests can use it too. It starts with one conversation, `STARTING_CONVERSATION`, that
    holds a few messages. Everything but entering and leaving may be used from any thread.

    ```python
    async with Emulator() as server:
        conversation = server.seed(messages=["How do I ...?", "Like this: ..."])
        async with AsyncConversationClient(server.url) as client:
            await client.associate_asset(conversation, "a1")
        assert server.associations(conversation, Material.ASSET) == ("a1",)
    ```
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        db: str | Path | None = None,
        strict: bool = False,
        delay: float = 0.0,
        api_version: str | None = None,
        os_version: str | None = None,
        allowed_hosts: Iterable[str] = (),
    ) -> None:
        """Prepare an emulator; it serves from `with` or `async with` on.

        Args:
            host: Address to listen on.
            port: Port to listen on, 0 to 65535; 0 takes a free one.
            db: SQLite file that keeps everything; it is created if need be. None keeps everything
                in memory, until the emulator stops.
            strict: Whether materials must exist before they are associated: as a message, by
                `add_material`, or as part of a conversation that was seeded.
            delay: Seconds to wait before each answer; it can be set at any time.
            api_version: Version of the API, such as "2.2", whose operations and paths alone it has;
                None for all that any version has.
            os_version: Version of Pieces OS that it says it is, such as "12.6.2", or "debug"; None
                for one that speaks that version of the API.
            allowed_hosts: Names by which requests may call this server in their `Host` header,
                beside `host` and those of the loopback; `*` for any. Others are answered by 403.

        Raises:
            ValueError: There is no such port, or a version is none.
            TypeError: `allowed_hosts` is a text, rather than names.
        """
        if isinstance(allowed_hosts, str):
            raise TypeError(f"allowed_hosts must be names, not the text {allowed_hosts!r}")
        if not 0 <= port <= 65535:
            raise ValueError(f"port must be 0 to 65535, not {port}")
        self._host = host
        self._port = port
        self._db = db
        self._strict = strict
        self._version = None if api_version is None else parse_version(api_version)
        handshake = Handshake(os_version_for(self._version, os_version))
        routes = (
            *stored(self._backend, self._version),
            *handshake.routes,
            *Asking(self._backend).routes,
            *Materials(self._backend).routes,
        )
        self._routes = tuple(known_in(self._version, routes))
        self._hosts = Hosts(host, allowed_hosts)
        self._faults = Faults(delay)
        self._log = RequestLog()
        self._running: _Running | None = None
        self._background: _Background | None = None

    @property
    def url(self) -> str:
        """Where it serves, such as `http://127.0.0.1:43211`."""
        return self._server.url

    @property
    def delay(self) -> float:
        """Seconds to wait before each answer; a request is carried out before the wait."""
        return self._faults.delay

    @delay.setter
    def delay(self, seconds: float) -> None:
        self._faults.delay = seconds

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """The latest 1,000 requests, oldest first, whatever came of them."""
        return self._log.latest()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many requests there were, by operation id; 0 for an operation that had none."""
        return self._log.counts()

    def seed(
        self,
        conversation: Document | Mapping[str, object] | None = None,
        *,
        messages: Iterable[str | tuple[str, str]] = (),
    ) -> str:
        """Add a conversation.

        Args:
            conversation: A `Conversation`, or the JSON of one; required fields that it lacks are
                made up. None for a new, empty one.
            messages: Texts to append to it, by USER and ASSISTANT in turn, or pairs of role and
                text.

        Returns:
            The conversation's id.

        Raises:
            ValueError: There is such a conversation already, or a document has another shape.
        """
        return self._server.backend.seed(_json(conversation), _seeds(messages))

    def associations(self, conversation: str, material: Material | str) -> tuple[str, ...]:
        """Return the ids that a conversation is associated with, in order.

        Raises:
            LookupError: There is no such conversation.
        """
        return self._server.backend.associations(conversation, Material(material))

    def conversations(self, material: Material | str, material_id: str) -> tuple[str, ...]:
        """Return the ids of the conversations that a material is associated with, in order."""
        return self._server.backend.conversations(Material(material), material_id)

    def add_material(self, material: Material | str, material_id: str) -> None:
        """Make a material exist, so that a strict emulator accepts its id."""
        self._server.backend.declare(Material(material), material_id)

    def fail_next(
        self,
        status: int = 500,
        *,
        times: int = 1,
        operation: Operation[object] | str | None = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer the next requests with a status, and do nothing else.

        Args:
            status: HTTP status of the answer.
            times: How many requests.
            operation: Operation that it is about, or its id; None for any request.
            text: Body of the answer; `text/plain` unless the headers say otherwise.
            headers: Header fields of the answer.

        Raises:
            ValueError: There is no such operation, or `times` is less than 1.
        """
        reply = Reply(
            status, f"failed on request: {status}" if text is None else text, headers or {}
        )
        self._faults.add(Fault(self._operation_id(operation), times, reply))

    def drop_next(
        self,
        times: int = 1,
        operation: Operation[object] | str | None = None,
        *,
        after: bool = False,
    ) -> None:
        """Close the connection of the next requests without an answer.

        Args:
            times: How many requests.
            operation: Operation that it is about, or its id; None for any request.
            after: Whether the request is carried out all the same.

        Raises:
            ValueError: There is no such operation, or `times` is less than 1.
        """
        self._faults.add(Fault(self._operation_id(operation), times, acts=after, drops=True))

    def delay_next(
        self,
        seconds: float,
        times: int = 1,
        operation: Operation[object] | str | None = None,
    ) -> None:
        """Carry out the next requests at once, but answer them later.

        Args:
            seconds: How much later, beside `delay`.
            times: How many requests.
            operation: Operation that it is about, or its id; None for any request.

        Raises:
            ValueError: There is no such operation, or `times` is less than 1.
        """
        self._faults.add(Fault(self._operation_id(operation), times, acts=True, delay=seconds))

    async def __aenter__(self) -> Self:
        if self._running is not None:
            raise RuntimeError("the emulator is running already")
        async with AsyncExitStack() as stack:
            backend = Backend(stack.enter_context(closing(Store(self._db))), strict=self._strict)
            if backend.is_empty():
                first = {"id": STARTING_CONVERSATION, "name": _STARTING_NAME}
                backend.seed(first, _seeds(_STARTING_MESSAGES))
            listener = stack.enter_context(_listener(self._host, self._port))
            frontend = Frontend(self._routes, self._faults, self._log, self._hosts)
            application = frontend.application()
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=_GRACE)
            stack.push_async_callback(_settle)
            stack.push_async_callback(runner.cleanup)
            stack.push_async_callback(_stop_accepting, listener)
            await runner.setup()
            await web.SockSite(runner, listener).start()
            self._running = _Running(_url(listener), backend, stack.pop_all())
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._running is not None:
            try:
                await self._running.resources.aclose()  # requests are answered until it is done
            finally:
                self._running = None

    def __enter__(self) -> Self:
        started: Future[Callable[[], object]] = Future()
        thread = Thread(
            target=lambda: asyncio.run(self._serve(started)), name="emulator", daemon=True
        )
        thread.start()
        try:
            stop = started.result()
        except Exception:
            thread.join()
            raise
        self._background = _Background(thread, stop)
        return self

    def __exit__(self, *exc_info: object) -> None:
        background, self._background = self._background, None
        if background is not None:
            background.stop()
            background.thread.join()

    async def _serve(self, started: Future[Callable[[], object]]) -> None:
        """Serve until someone calls what `started` is given."""
        try:
            await self.__aenter__()
        except Exception as error:
            started.set_exception(error)
            return
        stop = asyncio.Event()
        started.set_result(partial(asyncio.get_running_loop().call_soon_threadsafe, stop.set))
        await stop.wait()
        await self.__aexit__()

    def _backend(self) -> Backend:
        return self._server.backend

    def _operation_id(self, operation: Operation[object] | str | None) -> str | None:
        name = operation.id if isinstance(operation, Operation) else operation
        if name not in {None, *BY_ID, *(route.operation for route in self._routes)}:
            raise ValueError(f"there is no operation {name!r}")
        return name

    @property
    def _server(self) -> "_Running":
        if self._running is None:
            raise RuntimeError("the emulator is not running; use it in `with` or `async with`")
        return self._running


@attrs.frozen
class _Running:
    """What there is only while the emulator serves."""

    url: str
    backend: Backend
    resources: AsyncExitStack


@attrs.frozen
class _Background:
    """The thread that serves for `with`."""

    thread: Thread
    stop: Callable[[], object]


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise OSError(error.errno, f"cannot serve on {host}: {error.strerror}") from error


def _url(listener: socket.socket) -> str:
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _stop_accepting(listener: socket.socket) -> None:
    # asyncio never closes a connection that it accepts in the turn in which its server is closed.
    with suppress(NotImplementedError):  # on Windows
        asyncio.get_running_loop().remove_reader(listener)
    await _settle()


async def _settle() -> None:
    """Let tasks that were cancelled, and transports that were closed, come to their end."""
    for _ in range(5):
        await asyncio.sleep(0)


def _json(conversation: Document | Mapping[str, object] | None) -> JsonObject:
    """Return a conversation as a JSON document of its own, whatever form it comes in."""
    if isinstance(conversation, Document):
        # Not at the top: only tests that seed models need the codec.
        from conversation_client.codec import encode  # noqa: PLC0415

        return parse(encode(conversation))
    return parse(dump(dict(conversation or {})))


def _seeds(messages: Iterable[str | tuple[str, str]]) -> list[JsonObject]:
    turns = zip(messages, cycle(("USER", "ASSISTANT")), strict=False)
    pairs = (message if isinstance(message, tuple) else (role, message) for message, role in turns)
    return [text_message(text, role) for role, text in pairs]

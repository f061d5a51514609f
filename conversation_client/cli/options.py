"""Arguments and options that several verbs take."""

import re
from collections.abc import Callable
from functools import wraps
from inspect import cleandoc
from typing import Protocol, TypeVar, cast

import click

from conversation_client.cli.streams import check_output
from conversation_client.cli.target import Target
from conversation_client.models.message import QGPTConversationMessageRoleEnum

F = TypeVar("F", bound=Callable[..., object])

TIMEOUT = 30.0
"""Seconds that a call may take, unless it waits for a model."""

NAMES = (
    "CONVERSATION is an id, or as much of its beginning as no other conversation has. A UUID is"
    " taken for a full id; anything else the server is asked about."
)


class Decorator(Protocol):
    """Adds an argument or an option to a verb."""

    def __call__(self, command: F, /) -> F:
        """Return the verb with it."""
        ...


def naming(text: str) -> str:
    """Return the help of a verb, and how its CONVERSATION is named."""
    return f"{cleandoc(text)}\n\n{NAMES}"


def _ports(_: click.Context, __: click.Parameter, text: str | None) -> frozenset[int] | None:
    if text is None:
        return None
    ports: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*([0-9]{1,5})(?:-([0-9]{1,5}))?\s*", part)
        first = int(found[1]) if found else 0
        last = int(found[2] or found[1]) if found else 0
        if not 0 < first <= last < 65536:
            raise click.BadParameter(f"ports such as 39300-39333,1000 are needed, not {part!r}")
        ports.update(range(first, last + 1))
    return frozenset(ports)


conversation: Decorator = click.argument("conversation")
journal: Decorator = click.argument("journal", type=click.Path(dir_okay=False))
as_json: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, for machines."
)
server: Decorator = click.option(
    "--server", metavar="URL", help="Where Pieces OS is, if not where expected."
)
ports: Decorator = click.option(
    "--ports",
    metavar="PORTS",
    callback=_ports,
    help="Look at these ports of this machine, such as 39300-39333,1000, and at no others.",
)
concurrency: Decorator = click.option(
    "--concurrency",
    default=32,
    show_default=True,
    type=click.IntRange(min=1),
    help="Requests at the same time, at most.",
)
give_up_after: Decorator = click.option(
    "--give-up-after",
    metavar="SECONDS",
    default=300.0,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    help="How long to wait for a server that has stopped answering.",
)
keeps_journal: Decorator = click.option(
    "--journal",
    type=click.Path(dir_okay=False),
    help="File that keeps what is done, so that the rest can be resumed.",
)


def roles() -> list[str]:
    """List whom a message may be from."""
    known = list(QGPTConversationMessageRoleEnum)
    return [role.value for role in known if role is not QGPTConversationMessageRoleEnum.UNKNOWN]


def prints(command: F) -> F:
    """Let a verb begin only where what it is asked for can be printed."""

    @wraps(command)
    def printing(*arguments: object, **options: object) -> object:
        check_output()
        return command(*arguments, **options)

    return cast("F", printing)


def target(command: Callable[..., object]) -> Callable[..., object]:
    """Add `--server` and `--timeout`, and pass both as `target`."""
    return _target(command, TIMEOUT)


def patient_target(command: Callable[..., object]) -> Callable[..., object]:
    """Add them to a verb that waits for a model."""
    return _target(command, None)


def _target(command: Callable[..., object], default: float | None) -> Callable[..., object]:
    @wraps(command)
    def with_target(*, server: str | None, timeout: float | None, **others: object) -> object:
        return command(target=Target(server=server, timeout=timeout), **others)

    timeout = click.option(
        "--timeout",
        metavar="SECONDS",
        default=default,
        show_default="as long as it takes" if default is None else True,
        type=click.FloatRange(min=0, min_open=True),
        help="How long a call may take.",
    )
    return server(timeout(with_target))

"""How the command ends: what an error says, and which exit code it is."""

import errno
import sys
from io import TextIOWrapper
from typing import NoReturn, cast

import click

from conversation_client.cli.text import complain
from conversation_client.errors import (
    ConversationClientError,
    InvalidArgumentError,
    JournalError,
    TransportError,
)

SOME_FAILED = 1
MISUSE = 2
NO_SERVER = 3
INTERRUPTED = 130
"""As shells have it: 128 and the number of SIGINT."""


class Program(click.Group):
    """A command whose verbs may raise; one line on standard error says what."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb that the command line names.

        Raises:
            SystemExit: The verb failed or was interrupted.
        """
        output = cast(TextIOWrapper | None, sys.stdout)
        if output is not None:  # its encoding may lack what a server sends
            output.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except ConversationClientError as error:
            _fail(error, _exit_code(error))
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read the output has enough; click ends quietly
                raise
            _fail(error, SOME_FAILED)
        except KeyboardInterrupt:
            _fail("interrupted", INTERRUPTED)


def _exit_code(error: ConversationClientError) -> int:
    match error:
        case InvalidArgumentError() | JournalError():
            return MISUSE
        case TransportError():
            return NO_SERVER
        case _:
            return SOME_FAILED


def _fail(reason: object, code: int) -> NoReturn:
    complain(reason)
    raise SystemExit(code)

"""How the command ends: what an error says, and which exit code it is."""

import errno
from typing import NoReturn

import click

from conversation_client.cli.looking import is_of_other_program, what_answers
from conversation_client.cli.streams import prepare
from conversation_client.cli.text import complain, without_credentials
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
COMMAND_LINE = f"{__name__}.command_line"
"""Where a context keeps the command line."""


class Program(click.Group):
    """A command whose verbs may raise; one line on standard error says what."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the command line, for what tells how to go on.

        Raises:
            UsageError: It is none; says of an option of verbs where that belongs.
        """
        ctx.meta[COMMAND_LINE] = tuple(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            taking = [name for name, verb in self.commands.items() if _takes(verb, error)]
            if not taking:
                raise
            shown = f"{ctx.command_path} {taking[0]} {error.option_name}"
            told = f"{error.option_name} is an option of verbs and stands after them: {shown} ..."
            raise click.UsageError(told, ctx) from None

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb that the command line names.

        Raises:
            SystemExit: The verb failed or was interrupted.
        """
        prepare()
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            vars(error).update(message=without_credentials(error.message))
            raise
        except ConversationClientError as error:
            is_stranger = is_of_other_program(error)
            told = what_answers(error) if is_stranger else error
            _fail(told, NO_SERVER if is_stranger else _exit_code(error))
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read the output has enough; click ends quietly
                raise
            _fail(error, SOME_FAILED)
        except KeyboardInterrupt:
            _fail("interrupted", INTERRUPTED)


def _takes(verb: click.Command, error: click.NoSuchOption) -> bool:
    """Tell whether a verb has the option that there is none of before it."""
    return any(error.option_name in option.opts + option.secondary_opts for option in verb.params)


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

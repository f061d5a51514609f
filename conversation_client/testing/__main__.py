"""`python -m conversation_client.testing`: the emulator as a program."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from conversation_client.testing.emulator import Emulator

NAME = "python -m conversation_client.testing"


def main(arguments: Sequence[str] | None = None, *, name: str = NAME) -> int:
    """Serve until SIGINT or SIGTERM.

    Prints the URL alone on the first line as soon as requests are answered.

    Args:
        arguments: Command line without the program's name; None for the process's own.
        name: What the help calls the program.

    Returns:
        Exit status: 0 when told to stop, 2 when it cannot serve with these arguments.
    """
    options = _parser(name).parse_args(arguments)
    try:
        asyncio.run(_serve(Emulator(**vars(options))))
    except (ImportError, OSError, ValueError) as error:
        sys.stderr.write(f"emulator: {error}\n")
        return 2
    except KeyboardInterrupt:  # pragma: no cover
        pass
    return 0


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=name,
        description="A local server that behaves like Pieces OS as far as conversations go.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--db", metavar="FILE", help="SQLite file that keeps everything")
    parser.add_argument(
        "--delay", type=float, default=0.0, metavar="SECONDS", help="wait before each answer"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        dest="allowed_hosts",
        metavar="NAME",
        help="name by which this server may be called, such as that of a container; * for any",
    )
    parser.add_argument(
        "--api-version",
        metavar="VERSION",
        help="API version, such as 2.2, whose operations and paths alone it has",
    )
    parser.add_argument(
        "--os-version", metavar="VERSION", help="Pieces OS that it says it is, such as 12.6.2"
    )
    parser.add_argument("--strict", action="store_true", help="refuse ids of unknown materials")
    return parser


async def _serve(emulator: Emulator) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # on Windows
            loop.add_signal_handler(number, stop.set)
    async with emulator as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())

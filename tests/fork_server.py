"""Starts programs that begin where everything is imported: a program that forks them.

    python fork_server.py DESCRIPTOR

The descriptor is a socket. A byte with four descriptors on it asks for a process: what its standard
input, output and error are to be, and a socket that brings a line of JSON that says what it is to
run, and on which its process id and then its end are told.
"""

import atexit
import ctypes
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import struct
import sys
import time
import types
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from system_calls import call

NUMBER = struct.Struct("=i")
"""A process id, or the status of a process that has ended."""
COMMAND = "conversation_client.cli"
STREAMS = ("stdin", "stdout", "stderr")
PACKAGES = (
    *("conversation_client", "conversation_client._batch", "conversation_client._http"),
    *("conversation_client.testing", COMMAND),
)
"""Those whose modules children are to find imported."""


def main() -> None:
    requests = socket.socket(fileno=int(sys.argv[1]))
    sys.path[0] = str(Path.cwd())  # as for `python -m` and `python -c`
    import_all()
    save_coverage()
    if program := serve(requests):  # in a child, which ends as all programs do
        program()


def import_all() -> None:
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.iter_modules(package.__path__, f"{name}."):
            if not (module.ispkg or module.name.endswith(("__main__", "pytest_plugin"))):
                importlib.import_module(module.name)


def save_coverage() -> None:
    """Write down what has been seen so far, if it is, so that no child has to."""
    if "coverage" in sys.modules:
        import coverage  # noqa: PLC0415  # which takes long

        if seen := coverage.Coverage.current():
            seen.save()


def keep_modules() -> None:
    """Spare children the freeing of all that is imported, which takes longer than all they do."""
    kept = {name: module for name, module in sys.modules.items() if name != "__main__"}
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))
    modules: dict[str, Any] = sys.modules
    missing = dict.fromkeys(kept.keys() - {"builtins", "sys", "warnings"})

    def collected(phase: str, _: object) -> None:
        if phase == "stop" and sys.is_finalizing():  # all that is left to be done is the freeing
            modules.update(missing)

    # Until a child ends it is to have no callback, which could fail where much is on the stack.
    atexit.register(gc.callbacks.append, collected)


def serve(requests: socket.socket) -> Callable[[], object] | None:
    """Fork children; return what to run in each of them, and None once nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # which is for the children
    signal.signal(signal.SIGCHLD, lambda *_: None)
    ends, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno())
    running: dict[int, socket.socket] = {}
    keep_modules()
    gc.freeze()  # so that a child's collections leave shared memory shared
    while True:
        ready, _, _ = select.select([requests, ends], [], [])
        if ends in ready:
            ends.recv(4096)
            tell_ends(running)
        if requests in ready:
            asked, descriptors, _, _ = socket.recv_fds(requests, 1, 4)
            if not asked:
                return None
            teller = socket.socket(fileno=descriptors.pop())
            if (pid := os.fork()) == 0:
                for inherited in (requests, ends, wakes, *running.values()):
                    inherited.close()
                return become(teller, descriptors)
            teller.sendall(NUMBER.pack(pid))
            running[pid] = teller
            for descriptor in descriptors:
                os.close(descriptor)


def tell_ends(running: dict[int, socket.socket]) -> None:
    for pid, teller in list(running.items()):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with running.pop(pid), suppress(BrokenPipeError):  # if nobody wants to know
                teller.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))


def become(teller: socket.socket, descriptors: list[int]) -> Callable[[], object]:
    """Make this process as a new one is that was asked for, and return what it is to run."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with teller, teller.makefile() as told:
        asked: dict[str, Any] = json.loads(told.readline())
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    enter_network(Path(asked["network"]))
    if asked["has_terminal"]:
        os.setsid()
        import fcntl  # noqa: PLC0415  # not on every system, where the rest can be imported
        import termios  # noqa: PLC0415

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C on it is a signal
    closed = asked["without"].split()
    for number, name in enumerate(STREAMS):
        stream = None if name in closed else reopened(getattr(sys, name), name == "stderr")
        vars(sys).update({name: stream, f"__{name}__": stream})
        if stream is None:
            os.close(number)
    os.chdir(asked["directory"])
    sys.path[0] = asked["directory"]
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    sys.excepthook = show
    code: str | None = asked["code"]
    sys.argv[:] = ["-c", *asked["arguments"]]
    if code is None:
        return partial(runpy.run_module, COMMAND, run_name="__main__", alter_sys=True)
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    return partial(exec, compile(code, "<string>", "exec"), module.__dict__)


def enter_network(network: Path) -> None:
    """Be where the thread is that asked, which a test may have taken to a network of its own."""
    if not network.samefile("/proc/self/ns/net"):
        with network.open("rb") as there:
            call("setns", there.fileno(), 0)


def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show what ends a program as if it had been started by nobody."""
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    sys.__excepthook__(kind, error, trace)


def reopened(stream: TextIO, by_lines: bool) -> TextIO:
    """Return a stream that knows what its descriptor has become."""
    buffer: Any = open(stream.fileno(), f"{stream.mode}b", closefd=False)  # noqa: SIM115  # as long as the process
    buffer.raw.name = stream.name
    return io.TextIOWrapper(
        buffer, stream.encoding, stream.errors, line_buffering=by_lines or buffer.isatty()
    )


if __name__ == "__main__":
    main()

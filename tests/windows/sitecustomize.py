"""Takes away what Windows lacks. Python imports this file by itself, where PYTHONPATH leads to it.

So no process of a run has it, those that tests start among them. The platform keeps its name, since
the standard library and other packages go by that; so they still find what they rely on, and what
is missing is so to the library and its tests alone.
"""

import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import select
import signal
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

ENCODING = "cp1252"
TICK = 1 / 64
"""Seconds between two readings of a clock that differ."""
CONTROL_C_EXIT = 0xC000013A
SIGNALS = {"SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM"}
HIDDEN = {
    os: """O_NONBLOCK chown fork forkpty getegid geteuid getgid getgroups getpgid getpgrp getuid
        killpg mkfifo mknod nice openpty posix_spawn register_at_fork sched_getaffinity setpgid
        setsid statvfs""",
    signal: """ITIMER_PROF ITIMER_REAL ITIMER_VIRTUAL alarm getitimer pause pthread_kill
        pthread_sigmask setitimer siginterrupt sigpending sigwait""",
}
MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"}
BY_NAME = "conversation_client._journal_claim"
"""The module that has to go by the platform's name, so that type checkers understand it."""

_OTHERS = sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), "<frozen"
_import, _open, _kill, _info = builtins.__import__, io.open, os.kill, time.get_clock_info
_clocks = {name: getattr(time, name) for name in ("monotonic", "time")}
_set_handler = signal.signal


def _is_ours(importer: Mapping[str, Any]) -> bool:
    """Tell whether a module's code is the library's or the tests', by its global names."""
    name, file = importer.get("__name__") or "", importer.get("__file__") or ""
    if name.partition(".")[0] == "conversation_client":
        return name != BY_NAME
    return not file.startswith(_OTHERS)


def hide(module: ModuleType, names: Iterable[str]) -> None:
    """Take names out of a module, for what is ours."""
    found = {name: vars(module).pop(name) for name in names if hasattr(module, name)}

    def get(name: str) -> Any:
        if name not in found or _is_ours(sys._getframe(1).f_globals):
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        return found[name]

    module.__getattr__ = get  # type: ignore[method-assign]


def take_away() -> None:
    """Take away what there is in modules that are there from the start."""
    every = {name for name in vars(signal) if name.startswith("SIG") and name[3] != "_"}
    for module, names in HIDDEN.items():
        hide(module, {*names.split(), *(every - SIGNALS if module is signal else ())})
    for name in ("epoll", "kqueue", "poll"):
        vars(select).pop(name, None)
    sys.modules["uvloop"] = None  # type: ignore[assignment]
    numbers = {getattr(signal, name) for name in SIGNALS}

    def set_handler(signalnum: int, handler: Any) -> Any:
        if signalnum not in numbers:
            raise ValueError("signal number out of range")
        return _set_handler(signalnum, handler)

    signal.valid_signals = lambda: numbers
    signal.signal = set_handler
    os.kill = lambda process, _: _kill(process, 9)


def _ticking(clock: Callable[[], float]) -> Callable[[], float]:
    def in_ticks_of_time() -> float:
        return clock() // TICK * TICK

    return in_ticks_of_time


def set_clocks() -> None:
    """Have the clocks go in ticks."""
    for name, clock in _clocks.items():
        setattr(time, name, _ticking(clock))
    time.monotonic_ns = lambda: int(time.monotonic() * 1e9)
    time.time_ns = lambda: int(time.time() * 1e9)
    time.get_clock_info = lambda name: SimpleNamespace(
        **{**vars(_info(name)), **({"resolution": TICK} if name in _clocks else {})}
    )


def set_encoding() -> None:
    """Have text that is read and written without a word on its encoding in the one of Windows."""

    def opened(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        *others: Any,
        **named: Any,
    ) -> Any:
        if "b" not in mode and encoding in {None, "locale"}:
            encoding = ENCODING
        return _open(file, mode, buffering, encoding, *others, **named)

    builtins.open = io.open = opened
    if not {"PYTHONIOENCODING", "PYTHONUTF8"} & os.environ.keys() and not sys.flags.utf8_mode:
        for stream in filter(None, (sys.stdin, sys.stdout, sys.stderr)):
            stream.reconfigure(encoding=ENCODING)


def limited_import(name: str, importer: Any = None, *others: Any, **named: Any) -> ModuleType:
    """Import a module, unless it is one that only others are to have."""
    if name in MODULES and _is_ours(importer or {}):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return _import(name, importer, *others, **named)


def _lacks_signals_and_readers(events: ModuleType) -> None:
    for name in ("reader", "writer", "signal_handler"):
        for verb in ("add", "remove"):
            _refuse(events.SelectorEventLoop, f"{verb}_{name}")


def _refuse(loop: type, name: str) -> None:
    method = getattr(loop, name)

    def refusing(*arguments: Any) -> Any:
        if _is_ours(sys._getframe(1).f_globals):
            raise NotImplementedError
        return method(*arguments)

    setattr(loop, name, refusing)


def _ends_processes_at_once(module: ModuleType) -> None:
    popen = module.Popen
    init, handle = popen.__init__, popen._handle_exitstatus

    def started(self: Any, *arguments: Any, **named: Any) -> None:
        if named.get("preexec_fn") is not None or named.get("pass_fds"):
            raise ValueError("is not supported on Windows platforms")
        if any(named.get(name) for name in ("text", "universal_newlines", "errors")):
            named["encoding"] = named.get("encoding") or ENCODING
        init(self, *arguments, **named)

    def send_signal(self: Any, number: int) -> None:
        if number != signal.SIGTERM:
            raise ValueError(f"Unsupported signal: {number}")
        self.terminate()

    def terminate(self: Any) -> None:
        if self.poll() is None:
            _kill(self.pid, 9)

    def exit_status(self: Any, status: int, *others: Any) -> None:
        handle(self, status, *others)
        if self.returncode < 0:
            self.returncode = CONTROL_C_EXIT if self.returncode == -signal.SIGINT else 1

    popen.__init__, popen.send_signal, popen._handle_exitstatus = started, send_signal, exit_status
    popen.terminate = popen.kill = terminate


def _spawns(context: ModuleType) -> None:
    context._default_context._default_context = context._concrete_contexts["spawn"]


def _tells_encoding(locale: Any) -> None:
    locale.getencoding = lambda: ENCODING
    locale.getpreferredencoding = lambda do_setlocale=True: ENCODING


CHANGES: dict[str, Callable[[ModuleType], None]] = {
    "asyncio.unix_events": _lacks_signals_and_readers,
    "subprocess": _ends_processes_at_once,
    "multiprocessing.context": _spawns,
    "locale": _tells_encoding,
}


class Changer(importlib.abc.MetaPathFinder):
    """Changes modules once they have been loaded."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(name, path) if name in CHANGES else None
        if spec is None or spec.loader is None:
            return None
        loader: Any = spec.loader
        execute = loader.exec_module

        def changed(module: ModuleType) -> None:
            execute(module)
            CHANGES[name](module)

        loader.exec_module = changed
        return spec


take_away()
set_clocks()
set_encoding()
vars(builtins).update(__import__=limited_import)
sys.meta_path.insert(0, Changer())
for name in CHANGES.keys() & sys.modules.keys():
    CHANGES[name](sys.modules[name])

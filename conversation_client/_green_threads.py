"""Libraries that put green threads in the place of Python's, under which no loop can run."""

import sys

from conversation_client.errors import ConversationClientError

_GREEN_THREADS = {"gevent.monkey": "is_module_patched", "eventlet.patcher": "is_monkey_patched"}
"""Modules that put other threads and sockets in the place of Python's, and how to ask them."""


def refuse_green_threads() -> None:
    """See that threads and sockets are Python's own.

    Raises:
        ConversationClientError: A library has replaced them.
    """
    for patcher, question in _GREEN_THREADS.items():
        module = sys.modules.get(patcher)
        if module is not None and any(
            map(getattr(module, question), ("thread", "threading", "select"))
        ):
            library = patcher.partition(".")[0]
            raise ConversationClientError(
                f"{library} has replaced threads or sockets in this process, and the event loop of a"
                " blocking client would wait for itself: use AsyncConversationClient in a real"
                f" thread, or a process without {library}"
            )

"""Run by the interpreter that has the official SDK: use its wrapper as its documentation says.

`drive_wrapper.py CONVERSATION` prints the line `ready` as soon as it knows all conversations; `seen`
when there is one named `watched`; `gone` when that is no longer there; and then what it has read and
done, as one line of JSON. The messages of CONVERSATION are read, its first one is edited and its
second one deleted.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

from pieces_os_client.wrapper import PiecesClient
from pieces_os_client.wrapper.basic_identifier.chat import BasicChat
from pieces_os_client.wrapper.streamed_identifiers import ConversationsSnapshot

T = TypeVar("T")
LONG = 60
"""Seconds that nothing takes."""
STEP = 0.02
HELD = 1.0
"""Seconds for which the wrapper may still be reading what a frame told it."""
MATERIALS = ("asset", "anchor", "message", "range")


def main(known: str) -> None:
    client = PiecesClient()
    if hasattr(client, "wait_for_cache"):
        client.wait_for_cache()
    chats = {chat.id: chat for chat in client.copilot.chats()}
    told: dict[str, Any] = {"listed": [(chat.id, chat.name) for chat in chats.values()]}
    told["version"] = client.version
    told["health"] = client.health
    said("ready")
    told["watched"] = watch()
    told["messages"] = read(chats[known])
    edit(chats[known])
    told["created"], told["name"] = create(client)
    # Before it has an asset: 5.0.1 cannot put a question where there is one.
    told["answer"] = ask(client, BasicChat(told["created"]))
    told["associated"] = associate(told["created"])
    told["deleted"] = delete(client)
    said(json.dumps(told))


def watch() -> str:
    """Wait until a conversation comes and goes; return its id."""
    (watched,) = until(lambda: ids_named("watched"))
    time.sleep(HELD)
    said("seen")
    until(lambda: not ids_named("watched"))
    said("gone")
    return watched


def read(chat: Any) -> list[tuple[str, str]]:
    return [(message.role, message.raw_content) for message in chat.messages()]


def edit(chat: Any) -> None:
    first, second, *_ = chat.messages()
    first.raw_content = "edited by the wrapper"
    second.delete()


def create(client: Any) -> tuple[str, str]:
    """Create a conversation and rename it, from what the wrapper knows of it; return id and name."""
    chat = client.copilot.create_chat("created by the wrapper")
    until(lambda: ids_named("created by the wrapper"))
    chat.name = "renamed by the wrapper"
    time.sleep(HELD)
    return chat.id, chat.name


def associate(name: str) -> list[str]:
    """Associate two materials of each kind with a conversation, and take one out again."""
    chat = BasicChat(name)
    kinds = [kind for kind in MATERIALS if hasattr(chat, f"associate_{kind}")]
    for kind in kinds:
        for word in ("kept", "removed"):
            getattr(chat, f"associate_{kind}")(SimpleNamespace(id=f"{word} {kind}"))
        getattr(chat, f"disassociate_{kind}")(SimpleNamespace(id=f"removed {kind}"))
    return kinds


def ask(client: Any, chat: Any) -> str:
    """Ask a question in a conversation; return the answer."""
    client.copilot.chat = chat
    parts, last = [], None
    for output in client.copilot.stream_question("a question by the wrapper?"):
        last = output.status.value
        if output.question:
            parts += [answer.text for answer in output.question.answers.iterable]
    assert last == "COMPLETED", last
    assert client.copilot.chat.id == chat.id
    return "".join(parts)


def delete(client: Any) -> str:
    chat = client.copilot.create_chat("deleted by the wrapper")
    until(lambda: ids_named("deleted by the wrapper"))
    time.sleep(HELD)
    name: str = chat.id
    chat.delete()
    until(lambda: name not in ConversationsSnapshot.identifiers_snapshot)
    return name


def ids_named(name: str) -> list[str]:
    known = dict(ConversationsSnapshot.identifiers_snapshot)
    return [
        key for key, conversation in known.items() if conversation and conversation.name == name
    ]


def until(condition: Callable[[], T]) -> T:
    """Wait for what comes by a websocket; return it."""
    end = time.monotonic() + LONG
    while not (found := condition()):
        assert time.monotonic() < end, "the wrapper was not told"
        time.sleep(STEP)
    return found


def said(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    # The wrapper takes long to close its websockets, and its threads would hold the program open.
    try:
        main(*sys.argv[1:])
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)

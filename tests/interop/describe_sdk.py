"""Run by the interpreter that has the official SDK: print how its operations are called.

`describe_sdk.py` prints, for each of the four classes and by operation id, the names of the arguments
in order, with a question mark behind those that may be left out; the endings of the names of the
methods that each operation has; and the options that all of these take. What it printed is kept in
`tests/golden/sdk`, a file for each release.
"""

import importlib
import inspect
import json
import re
import sys
from collections.abc import Callable

CLASSES = {
    "ConversationApi": "conversation_api",
    "ConversationMessageApi": "conversation_message_api",
    "ConversationMessagesApi": "conversation_messages_api",
    "ConversationsApi": "conversations_api",
}
METHOD = re.compile(r"([a-z]\w*?)(_with_http_info|_without_preload_content)?")
DOCUMENTED = re.compile(r":(?:param|type) (\w+)")


def arguments_of(method: Callable[..., object]) -> str:
    """Return the arguments of the operation itself, without options."""
    _, *parameters = inspect.signature(method).parameters.values()
    return " ".join(
        parameter.name + ("" if parameter.default is parameter.empty else "?")
        for parameter in parameters
        if parameter.kind is not parameter.VAR_KEYWORD and not parameter.name.startswith("_")
    )


def describe() -> dict[str, object]:
    classes: dict[str, dict[str, str]] = {}
    endings: set[str] = set()
    options: set[str] = set()
    count = 0
    for name, file in CLASSES.items():
        module = importlib.import_module(f"pieces_os_client.api.{file}")
        operations = classes[name] = {}
        for method_name, method in vars(getattr(module, name)).items():
            found = METHOD.fullmatch(method_name)
            if found is None:
                continue
            arguments = arguments_of(method)
            assert operations.setdefault(found[1], arguments) == arguments, method_name
            endings.add(found[2] or "")
            names = set(arguments.replace("?", "").split())
            options |= set(DOCUMENTED.findall(method.__doc__)) - names
            count += 1
    assert count == sum(map(len, classes.values())) * len(endings)
    return {"classes": classes, "endings": sorted(endings), "options": sorted(options)}


if __name__ == "__main__":
    json.dump(describe(), sys.stdout, indent=1)
    print()

"""Run by the interpreter that has the official SDK: use it as its documentation says.

`drive_sdk.py read URL CONVERSATION` prints the conversation and its messages.
`drive_sdk.py use URL CONVERSATION KEPT REMOVED` makes each call of the reference, associates the
two ids with the conversation as every kind of material and takes the second one out again. It
prints what each call returned, by operation id.
`drive_sdk.py make URL CALLS` makes the calls of a file: a list of an operation's id, its arguments,
the name, the model and the document of what it sends, or null, and the model that it returns, or
null. It prints what each returned.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pieces_os_client import models
from pieces_os_client.api.conversation_api import ConversationApi
from pieces_os_client.api.conversation_message_api import ConversationMessageApi
from pieces_os_client.api.conversation_messages_api import ConversationMessagesApi
from pieces_os_client.api.conversations_api import ConversationsApi
from pieces_os_client.api.well_known_api import WellKnownApi
from pieces_os_client.api_client import ApiClient
from pieces_os_client.configuration import Configuration
from pieces_os_client.models.conversation_summarize_input import ConversationSummarizeInput
from pieces_os_client.models.flattened_conversation_messages import FlattenedConversationMessages
from pieces_os_client.models.referenced_conversation_message import ReferencedConversationMessage
from pieces_os_client.models.seeded_score import SeededScore
from pieces_os_client.models.seeded_score_increment import SeededScoreIncrement

MATERIALS = {
    "conversation_associate_anchor": "conversation_disassociate_anchor",
    "conversation_associate_asset": "conversation_disassociate_asset",
    "conversation_associate_website": "conversation_disassociate_website",
    "conversation_associate_workstream_summary": "conversation_disassociate_workstream_summary",
    "conversation_associate_grounding_temporal_range_workstream": (
        "conversation_disassociate_grounding_temporal_range_workstream"
    ),
    "conversation_grounding_messages_associate_message": (
        "conversation_grounding_messages_disassociate_message"
    ),
}


APIS = (
    ConversationApi,
    ConversationsApi,
    ConversationMessageApi,
    ConversationMessagesApi,
    WellKnownApi,
)
MODELS = {name.replace("_", ""): name for _, name, _ in pkgutil.iter_modules(models.__path__)}


class Recorder:
    """Calls the SDK and keeps what it returned."""

    def __init__(self, url: str) -> None:
        client = ApiClient(Configuration(host=url))
        self.apis = [api(client) for api in APIS]
        self.returned: dict[str, Any] = {}

    def call(self, operation: str, *arguments: Any, **options: Any) -> Any:
        (method,) = [getattr(api, operation) for api in self.apis if hasattr(api, operation)]
        result = method(*arguments, **options)
        self.returned[operation] = result.to_dict() if hasattr(result, "to_dict") else result
        return result


def read(recorder: Recorder, conversation: str) -> Any:
    found = recorder.call("conversation_get_specific_conversation", conversation)
    recorder.call("conversation_specific_conversation_messages", conversation, transferables=True)
    return found


def use(recorder: Recorder, conversation: str, kept: str, removed: str) -> None:
    found = read(recorder, conversation)
    found.favorited = True
    found.name = "named by the official SDK"
    recorder.call("conversation_update", transferables=True, conversation=found)
    recorder.call("conversation_specific_conversation_rename", conversation, transferables=False)
    first = ReferencedConversationMessage(id=found.messages.iterable[0].id)
    named = ConversationSummarizeInput(messages=FlattenedConversationMessages(iterable=[first]))
    recorder.call("conversation_summarize", conversation, conversation_summarize_input=named)
    increment = SeededScoreIncrement(conversation=SeededScore(reuse=True))
    recorder.call("conversation_scores_increment", conversation, seeded_score_increment=increment)
    for associate, disassociate in MATERIALS.items():
        recorder.call(associate, conversation, kept)
        recorder.call(associate, conversation, removed)
        recorder.call(disassociate, conversation, removed)


def make(recorder: Recorder, path: str) -> None:
    for operation, arguments, body, _ in json.loads(Path(path).read_text(encoding="utf-8")):
        sent = {}
        if body:
            argument, model, document = body
            sent[argument] = model_of(model).from_dict(document)
        recorder.call(operation, **arguments, **sent)


def model_of(name: str) -> Any:
    """Return the class of a model; which file it is in differs between releases."""
    module = importlib.import_module(f"{models.__name__}.{MODELS[name.lower()]}")
    return getattr(module, name)


def main(action: str, url: str, *arguments: str) -> None:
    recorder = Recorder(url)
    actions: dict[str, Callable[..., object]] = {"read": read, "use": use, "make": make}
    actions[action](recorder, *arguments)
    json.dump(recorder.returned, sys.stdout, default=lambda value: value.isoformat())


if __name__ == "__main__":
    main(*sys.argv[1:])

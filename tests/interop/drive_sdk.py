"""Run by the interpreter that has the official SDK: use it as its documentation says.

`drive_sdk.py read URL CONVERSATION` prints the conversation and its messages.
`drive_sdk.py use URL CONVERSATION KEPT REMOVED` makes each call of the reference, associates the two ids
with the conversation as every kind of material and takes the second one out again. It prints what
each call returned, by operation id.
"""

import json
import sys

from pieces_os_client.api.conversation_api import ConversationApi
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


class Recorder:
    """Calls the SDK and keeps what it returned."""

    def __init__(self, url):
        self.api = ConversationApi(ApiClient(Configuration(host=url)))
        self.returned = {}

    def call(self, operation, *arguments, **options):
        result = getattr(self.api, operation)(*arguments, **options)
        self.returned[operation] = result.to_dict() if hasattr(result, "to_dict") else result
        return result


def read(recorder, conversation):
    found = recorder.call("conversation_get_specific_conversation", conversation)
    recorder.call("conversation_specific_conversation_messages", conversation, transferables=True)
    return found


def use(recorder, conversation, kept, removed):
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


def main(action, url, *arguments):
    recorder = Recorder(url)
    {"read": read, "use": use}[action](recorder, *arguments)
    json.dump(recorder.returned, sys.stdout, default=lambda value: value.isoformat())


if __name__ == "__main__":
    main(*sys.argv[1:])

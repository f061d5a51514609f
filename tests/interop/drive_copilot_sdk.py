"""Run by the interpreter that has pieces-copilot-sdk: use it as its documentation says.

`drive_copilot_sdk.py URL CONVERSATION` prints what each call returned, by its name.
"""

import json
import sys

from pieces_copilot_sdk import PiecesClient


def main(url: str, known: str) -> None:
    client = PiecesClient(config={"baseUrl": url})
    created = client.create_conversation({"name": "by the copilot SDK", "firstMessage": "a first?"})
    conversation = created["conversation"].id
    prompted = client.prompt_conversation("a second?", conversation, True)
    told = client.get_conversation(conversation, include_raw_messages=True)
    returned = {
        "created": conversation,
        "answer": created["answer"]["text"],
        "prompted": prompted,
        "name": told["name"],
        "messages": told["raw_messages"],
        "listed": [each.id for each in client.get_conversations()],
        "known": client.get_conversation(known, include_raw_messages=True)["raw_messages"],
        "asked": client.ask_question("a question?"),
        "picture": client.get_user_profile_picture(),
        "renamed": client.update_conversation_name(known),
    }
    json.dump(returned, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])

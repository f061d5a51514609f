"""Questions, which the emulator answers with an echo in place of a model."""

from collections.abc import Callable, Iterator
from typing import NoReturn
from uuid import uuid4

from conversation_client.operations import CREATE_CONVERSATION, CREATE_MESSAGE
from conversation_client.testing.authoring import DEFAULT_NAME, text_message
from conversation_client.testing.backend import Backend
from conversation_client.testing.calls import Call, MissingError, body_of
from conversation_client.testing.documents import (
    JsonObject,
    MalformedError,
    as_object,
    as_text,
    dump,
    parse,
)
from conversation_client.testing.routes import Route, Socket
from conversation_client.testing.streams import Tell

_PART = 24
"""Characters of an answer that are said at once; more, if there would be too many parts."""
_MOST_PARTS = 16


class Asking:
    """Answers questions, alone or as part of a conversation."""

    def __init__(self, backend: Callable[[], Backend]) -> None:
        """Have answers.

        Args:
            backend: Gives the backend, each time that there is something for it to do.
        """
        self._backend = backend
        self.routes: tuple[Route, ...] = (
            Route("question", "POST", "/qgpt/question", _question, takes_body=True),
            Route("relevance", "POST", "/qgpt/relevance", _relevance, takes_body=True),
            Route("qgpt_stream", "GET", "/qgpt/stream", _alone, socket=Socket(hear=self._hear)),
        )

    def _hear(self, text: str, tell: Tell) -> None:
        for frame in self._answers(text):
            tell(dump(frame).decode())

    def _answers(self, text: str) -> Iterator[JsonObject]:
        """Answer a frame with others.

        The question and the answer become messages of the conversation that is named, or of a new
        one. What goes wrong is told in a frame, and nothing is raised.

        Args:
            text: A `QGPTStreamInput` as JSON.
        """
        told: JsonObject = {"request": str(uuid4()), "conversation": ""}
        try:
            asked = parse(text.encode())
            dump(asked)  # refuses what could not be sent back
            told |= {name: asked[name] for name in told if asked.get(name) is not None}
            if asked.get("stop") or asked.get("reset"):
                yield told | {"status": "STOPPED" if asked.get("stop") else "RESET"}
                return
            query = _streamed_query(asked)
            told["conversation"] = told["conversation"] or self._new_conversation()
            self._say("USER", query, told["conversation"])
            answer = _echo(query)
            for part in _parts(answer):
                yield told | {
                    "status": "IN-PROGRESS",
                    "statusCode": 200,
                    "question": _answered(query, part),
                }
            self._say("ASSISTANT", answer, told["conversation"])
            yield told | {"status": "COMPLETED", "statusCode": 200}
        except (MalformedError, MissingError, UnicodeError) as error:
            yield told | {"status": "FAILED", "statusCode": 500, "errorMessage": str(error)}

    def _new_conversation(self) -> str:
        seed: JsonObject = {"type": "COPILOT", "name": DEFAULT_NAME}
        made = self._backend().run(CREATE_CONVERSATION, Call({}, seed)) or {}
        return str(made["id"])

    def _say(self, role: str, text: str, conversation: str) -> None:
        seed = text_message(text, role) | {"conversation": {"id": conversation}}
        self._backend().run(CREATE_MESSAGE, Call({}, seed))


def _alone(_: Call) -> NoReturn:
    raise MalformedError("questions are asked over a websocket")


def _question(call: Call) -> JsonObject:
    query = _query(body_of(call))
    return _answered(query, _echo(query))


def _relevance(call: Call) -> JsonObject:
    body = body_of(call)
    query = _query(body)
    found: JsonObject = {"relevant": {"iterable": []}}
    wants_answer = as_object(body.get("options") or {}, "options").get("question") is True
    return found | ({"answer": _answered(query, _echo(query))} if wants_answer else {})


def _streamed_query(asked: JsonObject) -> str:
    """Return what is asked: until SDK 3 as a question, later as what is to be relevant to it."""
    return _query(as_object(asked.get("question") or asked.get("relevance"), "the question"))


def _query(body: JsonObject) -> str:
    return as_text(body.get("query"), "the query")


def _echo(query: str) -> str:
    return f"You said: {query}"


def _parts(answer: str) -> Iterator[str]:
    size = max(_PART, -(-len(answer) // _MOST_PARTS))
    return (answer[start : start + size] for start in range(0, len(answer), size))


def _answered(query: str, text: str) -> JsonObject:
    return {
        "query": query,
        "relevant": {"iterable": []},
        "answers": {"iterable": [{"score": 1.0, "text": text}]},
    }

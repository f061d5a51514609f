"""How models and reports look at a prompt, in rich and in a notebook."""

import io
import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
import pytest
from cases import GOLDEN
from rich.console import Console

from conversation_client import (
    BatchFailure,
    BatchReport,
    InvalidArgumentError,
    ServerError,
    decode,
    from_dict,
    models,
    to_dict,
)
from conversation_client.models import (
    Conversation,
    ConversationMessages,
    Conversations,
    FlattenedConversationMessages,
    FragmentFormat,
    GroupedTimestamp,
    ReferencedConversationMessage,
    SeededConversationMessage,
    SeededScore,
    TransferableString,
)

SAMPLES = sorted((GOLDEN / "samples").glob("*/*.json"))
LARGEST = max(SAMPLES, key=lambda path: path.stat().st_size)
MOMENT = datetime.fromisoformat("2024-05-01T00:00:00+00:00")
HTML = "<script>alert('&')</script>"


def sample(path: Any) -> Any:
    return decode(path.read_bytes(), getattr(models, path.name.partition(".")[0]))


def many_messages() -> ConversationMessages:
    data = json.loads((GOLDEN / "samples/5.0.1/ConversationMessages.exhaustive.json").read_bytes())
    data["iterable"] = data["iterable"][:1] * 400
    return from_dict(ConversationMessages, data)


def printed(value: object) -> list[str]:
    output = io.StringIO()
    Console(file=output, width=80).print(value)
    return output.getvalue().splitlines()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_sample_takes_more_than_a_screen(path: Any) -> None:
    document = sample(path)
    assert len(repr(document)) < 2000
    assert repr(document).startswith(f"{type(document).__name__}(")
    assert len(printed(document)) < 60


def test_a_large_document_is_shown_at_once_with_counts_of_what_is_left_out() -> None:
    many = many_messages()
    for document in (many, sample(LARGEST)):
        times = []
        for _ in range(20):
            began = time.perf_counter()
            repr(document)
            times.append(time.perf_counter() - began)
        assert min(times) < 0.005  # a fifth of it, where nothing else runs
    shown = repr(many)
    assert len(shown) < 2000
    assert "397 more" in shown
    assert len(printed(many)) < 60


@pytest.mark.parametrize(
    "odd",
    [
        SeededScore(extra={"x": "a" * 10_000_000}),
        SeededScore(extra={"x" * 100_000: 1}),
        SeededScore(extra={str(number): [number] for number in range(100_000)}),
        SeededScore(extra={"x": 10**3000}),
        TransferableString(raw="\x00" * 100_000),
    ],
)
def test_whatever_a_document_holds_is_shown_in_bounds(odd: Any) -> None:
    assert len(repr(odd)) < 2000
    assert len(printed(odd)) < 60


def test_small_documents_are_shown_as_they_are_made() -> None:
    stamp = GroupedTimestamp.from_datetime(MOMENT)
    assert repr(stamp) == f"GroupedTimestamp(value={MOMENT!r})"
    assert eval(repr(SeededScore(reuse=True, extra={"a": [1]}))) == SeededScore(
        reuse=True, extra={"a": [1]}
    )
    assert printed(SeededScore(reuse=True)) == ["SeededScore(reuse=True)"]


def test_conversations_are_a_table_in_a_notebook() -> None:
    conversation = sample(GOLDEN / "samples/5.0.1/Conversation.typical.json")
    conversation.name = HTML
    for html in (
        conversation._repr_html_(),
        Conversations(iterable=[conversation])._repr_html_(),
    ):
        assert html.startswith("<table>")
        assert "&lt;script&gt;" in html
        assert "<script" not in html
        assert conversation.id in html
    many = Conversations(iterable=[conversation] * 1000)._repr_html_()
    assert "980 more" in many
    assert len(many) < 20_000


def test_messages_are_a_table_in_a_notebook() -> None:
    messages = many_messages()
    messages.iterable[0].fragment = FragmentFormat.from_text(HTML)
    html = messages._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "380 more" in html
    reference = ReferencedConversationMessage(id="<b>")
    shown = FlattenedConversationMessages(iterable=[reference])._repr_html_()
    assert "&lt;b&gt;" in shown
    odd = json.loads((GOLDEN / "samples/5.0.1/ConversationMessages.typical.json").read_bytes())
    del odd["iterable"][0]["created"]
    odd["iterable"].append("<i>")
    assert "&lt;i&gt;" in from_dict(ConversationMessages, odd)._repr_html_()


def report(**changes: Any) -> BatchReport:
    failures = tuple(BatchFailure(f"a{n}", ServerError(HTML, status=500)) for n in range(7))
    given: dict[str, Any] = {"succeeded": 12_000, "failed": 0, "failures": (), "elapsed": 3.21}
    given |= changes
    if given["failed"]:
        given["failures"] = failures[: given["failed"]]
    return BatchReport(**given)


def test_a_report_is_told_in_words() -> None:
    assert str(report()) == "12,000 succeeded in 3.2 s"
    lines = str(report(failed=7, skipped=5, not_started=None, ended_by=ServerError("no"))).split(
        "\n"
    )
    assert lines[:3] == [
        "12,000 succeeded, 7 failed, 5 skipped, an unknown number not started in 3.2 s",
        "  ended early: no",
        f"  a0: {HTML}",
    ]
    assert lines[-1] == "  and 2 more failed"
    assert len(lines) == 8


def test_a_report_is_a_table_in_a_notebook() -> None:
    html = report(failed=7, ended_by=ServerError("<no>"))._repr_html_()
    assert "12,000" in html
    assert "a6" in html
    assert "<script" not in html
    assert "&lt;no&gt;" in html


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_to_dict_and_back_is_the_same_and_shares_nothing(path: Any) -> None:
    document = sample(path)
    document.extra["later"] = {"a": [1]}
    data = to_dict(document)
    assert plain(data)
    json.dumps(data)
    again = from_dict(type(document), data)
    assert again == document
    data["later"]["a"].append(2)
    assert again.extra["later"] == document.extra["later"] == {"a": [1]}


def plain(value: Any) -> bool:
    if type(value) is dict:
        return all(type(key) is str and plain(item) for key, item in value.items())
    if type(value) is list:
        return all(map(plain, value))
    return type(value) in (str, int, float, bool, type(None))


def test_the_tools_of_attrs_work() -> None:
    conversation = sample(GOLDEN / "samples/5.0.1/Conversation.exhaustive.json")
    as_dict = attrs.asdict(conversation)
    assert as_dict["created"]["value"] == conversation.created.value
    twin = attrs.evolve(conversation, name="b")
    assert (twin.name, twin.id, twin.messages) == ("b", conversation.id, conversation.messages)
    assert attrs.has(Conversation)
    assert {"id", "schema"} < {field.name for field in attrs.fields(Conversation)}

    @attrs.define(kw_only=True, eq=False)
    class Mine(GroupedTimestamp):
        mine: int = 0

    make: Callable[..., Mine] = Mine  # mypy takes `value` for no field of it
    assert make(value=MOMENT, mine=1).mine == 1
    assert make(value=MOMENT).value == MOMENT


def test_models_are_made_of_what_people_have() -> None:
    for moment in (datetime(2024, 5, 1), MOMENT.date(), "2024-05-01T00:00:00Z", None):
        with pytest.raises(InvalidArgumentError, match="aware"):
            GroupedTimestamp.from_datetime(moment)  # type: ignore[arg-type]
    assert to_dict(GroupedTimestamp.from_datetime(MOMENT)) == {"value": MOMENT.isoformat()}
    seed = SeededConversationMessage.from_text("Hello", role="ASSISTANT", conversation="c")
    assert to_dict(seed) == {
        "fragment": {"string": {"raw": "Hello"}},
        "role": "ASSISTANT",
        "conversation": {"id": "c"},
    }
    assert to_dict(SeededConversationMessage.from_text("Hello"))["role"] == "USER"
    id_ = UUID(int=1)
    made = SeededConversationMessage.from_text("Hello", role="LATER", conversation=id_)
    assert to_dict(made)["conversation"] == {"id": str(id_)}
    assert made.role == "LATER"
    with pytest.raises(InvalidArgumentError, match="role: a text, not 5"):
        SeededConversationMessage.from_text("Hello", role=5)  # type: ignore[arg-type]

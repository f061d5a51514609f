"""The classes of the models against the schema, and what every model and enum can do."""

import copy
import importlib
import keyword
import pickle
import pkgutil
import re
import subprocess
import sys
import types
import typing
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs
import pytest
from cases import GOLDEN, golden

from conversation_client import decode, models
from conversation_client.models.base import WIRE_NAME, Document, OpenEnum, is_model
from conversation_client.models.common import GroupedTimestamp
from conversation_client.models.conversation import Conversation, ConversationTypeEnum

SCHEMA = golden("models")
DOCUMENTS: dict[str, Any] = SCHEMA["models"] | SCHEMA["extra"]
SAMPLES = sorted((GOLDEN / "samples").glob("*/*.json"))
MODULES = [
    importlib.import_module(f"{models.__name__}.{module.name}")
    for module in pkgutil.iter_modules(models.__path__)
    if module.name != "base"
]


def defined(kind: type) -> Iterator[type]:
    """Find the classes of a kind, each in the module that defines it."""
    for module in MODULES:
        for found in vars(module).values():
            if not isinstance(found, type) or not issubclass(found, kind) or found is kind:
                continue
            if is_model(found) or kind is OpenEnum:
                assert found.__module__ == module.__name__, f"{found} has two places"
                yield found


MODELS = {model.__name__: model for model in defined(Document)}
ENUMS: dict[str, type[OpenEnum]] = {enum.__name__: enum for enum in defined(OpenEnum)}


# The schema


def test_no_class_is_missing_and_none_is_too_many() -> None:
    assert len(list(defined(Document))) == len(MODELS)
    assert set(MODELS) == set(DOCUMENTS)
    assert set(ENUMS) == set(SCHEMA["enums"])
    assert (len(MODELS), len(ENUMS)) == (308, 38)


@pytest.mark.parametrize("name", SCHEMA["enums"])
def test_enum_has_the_values_of_the_schema(name: str) -> None:
    values = SCHEMA["enums"][name]
    assert [str(member) for member in ENUMS[name]] == values
    assert all(ENUMS[name](value) in ENUMS[name].__members__.values() for value in values)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_model_has_the_fields_of_the_schema(name: str) -> None:
    assert shape_of(MODELS[name]) == {
        wire_name: required_shape(DOCUMENTS[name]["in"], *field)
        for wire_name, field in DOCUMENTS[name]["fields"].items()
    }


Shape = tuple[object, bool, bool]
"""Type without `None`, whether required, whether it may be `None`."""


def required_shape(present: int, kind: str, required: int, null: str | None = None) -> Shape:
    """A field that some version of the model lacks, or does not require, is optional."""
    is_required = required & present == present
    return python_type(kind), is_required, not is_required or bool(null)


def python_type(kind: str) -> Any:
    if kind.startswith("list["):
        return types.GenericAlias(list, (python_type(kind[5:-1]),))
    if kind.startswith("map["):
        return types.GenericAlias(dict, (str, python_type(kind[4:-1])))
    plain = {"string": str, "int": int, "float": float, "bool": bool, "datetime": datetime}
    return plain.get(kind) or MODELS.get(kind) or ENUMS[kind]


def shape_of(model: type[Any]) -> dict[str, Shape]:
    hints = typing.get_type_hints(model)
    shape = {}
    for field in attrs.fields(model):
        if field.name == "_extra":
            continue
        kinds = [kind for kind in typing.get_args(hints[field.name]) if kind is not types.NoneType]
        optional = typing.get_origin(hints[field.name]) in (types.UnionType, typing.Union)
        kind = kinds[0] if optional else hints[field.name]
        assert field.default in (attrs.NOTHING, None)
        required = field.default is attrs.NOTHING
        shape[field.metadata.get(WIRE_NAME, field.name)] = (kind, required, optional)
    return shape


# The classes


def test_models_have_slots_and_keywords_and_no_hash() -> None:
    for model in MODELS.values():
        assert all(field.kw_only for field in attrs.fields(model)), model
        instance: Any = object.__new__(model)
        assert not hasattr(instance, "__dict__"), model
        with pytest.raises(AttributeError):
            instance.no_such_field = 1
        with pytest.raises(TypeError, match="unhashable"):
            hash(instance)


def test_names_are_pythons_and_differ_from_the_wires_only_where_they_must() -> None:
    for model in MODELS.values():
        for field in attrs.fields(model):
            if field.name != "_extra":
                wire_name = field.metadata.get(WIRE_NAME)
                assert wire_name != field.name, f"the same name twice in {model}"
                assert field.name == field.alias == pythons(wire_name or field.name), model


def pythons(name: str) -> str:
    in_words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return f"{in_words}_" if keyword.iskeyword(in_words) else in_words


def test_classes_have_docstrings_of_their_own() -> None:
    for found in (*MODELS.values(), *ENUMS.values()):
        assert re.fullmatch(r"[A-Z`].*\.", vars(found)["__doc__"].strip(), re.DOTALL), found


def test_modules_have_docstrings_and_stand_in_the_table_of_contents() -> None:
    named = re.findall(r"^- `(\w+)`: ", models.__doc__ or "", re.MULTILINE)
    assert sorted(named) == sorted(module.__name__.rpartition(".")[2] for module in MODULES)
    assert all(module.__doc__ for module in MODULES)


# What a model can do


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_copies_and_pickles_are_equal(path: Any) -> None:
    model = MODELS[path.name.partition(".")[0]]
    document: Any = decode(path.read_bytes(), model)
    document.extra["later"] = {"a": [1]}
    for twin in (
        copy.deepcopy(document),
        pickle.loads(pickle.dumps(document)),
        copy.copy(document),
    ):
        assert twin == document
        assert twin is not document
        assert repr(twin) == repr(document)


def test_sixty_samples_are_there() -> None:
    assert len(SAMPLES) == 60


def test_deep_copy_shares_nothing() -> None:
    stamp = GroupedTimestamp(value=datetime.fromisoformat("2024-05-01T00:00:00Z"))
    stamp.extra["later"] = [1]
    twin = copy.deepcopy(stamp)
    twin.extra["later"].append(2)  # type: ignore[attr-defined]
    assert stamp.extra == {"later": [1]}
    assert twin != stamp


def test_equality_is_by_class_and_fields() -> None:
    time = datetime.fromisoformat("2024-05-01T00:00:00Z")
    stamp = GroupedTimestamp(value=time)
    assert stamp == GroupedTimestamp(value=time)
    assert stamp == GroupedTimestamp(value=time, extra={})
    assert stamp != GroupedTimestamp(value=time, readable="now")
    assert stamp != GroupedTimestamp(value=time, extra={"later": 1})
    assert stamp != time
    assert models.person.FlattenedPersons(iterable=[]) != models.anchor.FlattenedAnchors(
        iterable=[]
    )


def test_repr_shows_what_is_set_and_nothing_else() -> None:
    seeded = models.common.SeededScore(reuse=True)
    assert repr(seeded) == "SeededScore(reuse=True)"
    seeded.extra["later"] = 1
    assert repr(seeded) == "SeededScore(reuse=True, extra={'later': 1})"
    assert repr(models.common.SeededScore()) == "SeededScore()"
    nested = models.common.SeededScoreIncrement(conversation=seeded)
    assert repr(nested) == f"SeededScoreIncrement(conversation={seeded!r})"


def test_fields_can_be_set() -> None:
    document = decode(
        (GOLDEN / "samples/5.0.1/Conversation.minimal.json").read_bytes(), Conversation
    )
    document.name = "new"
    assert document.name == "new"
    document.extra["later"] = 1
    assert document.extra == {"later": 1}


def test_wrong_arguments_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="nam"):
        models.common.SeededScore(nam="a")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        models.common.SeededScore(True)  # type: ignore[call-arg, arg-type]
    with pytest.raises(TypeError, match="value"):
        GroupedTimestamp()  # type: ignore[call-arg]


# Open enums


@pytest.mark.parametrize("text", ["BRAND_NEW", "", "copilot", "name", "mro", "é\ud800"])
def test_unknown_enum_value_keeps_its_text(text: str) -> None:
    unknown = ConversationTypeEnum(text)
    assert unknown == text
    assert isinstance(unknown, ConversationTypeEnum)
    assert unknown.value == unknown.name == str(unknown) == f"{unknown}" == text
    assert hash(unknown) == hash(text)
    assert unknown not in list(ConversationTypeEnum)
    assert text in repr(unknown) or "\\ud800" in repr(unknown)
    assert unknown == ConversationTypeEnum(text)
    for twin in (copy.deepcopy(unknown), copy.copy(unknown)):
        assert (twin, type(twin)) == (unknown, ConversationTypeEnum)
    if text.isprintable():
        again = pickle.loads(pickle.dumps(unknown))
        assert (again, type(again)) == (unknown, ConversationTypeEnum)
    assert len(ConversationTypeEnum) == len(SCHEMA["enums"]["ConversationTypeEnum"])


def test_known_enum_value_is_its_member() -> None:
    assert ConversationTypeEnum("COPILOT") is ConversationTypeEnum.COPILOT
    assert pickle.loads(pickle.dumps(ConversationTypeEnum.COPILOT)) is ConversationTypeEnum.COPILOT


@pytest.mark.parametrize("value", [5, None, b"COPILOT"])
def test_enum_value_that_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        ConversationTypeEnum(value)


# Modules execute late, each in a child process that has imported nothing yet


def run(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", PREAMBLE + code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert not result.stderr
    return result.stdout


PREAMBLE = """
import sys, types
import conversation_client
def executed():
    prefix = "conversation_client.models."
    found = {name: module for name, module in sys.modules.items() if name.startswith(prefix)}
    return {name[len(prefix):] for name in found if type(found[name]) is types.ModuleType}
"""


def test_the_table_executes_none_of_the_models_that_it_names() -> None:
    assert run("import conversation_client.operations; print(*executed())").split() == ["base"]


def test_clients_need_only_the_modules_that_their_methods_name() -> None:
    code = "print(*executed()); conversation_client.ConversationClient; print(*executed())"
    before, after = run(code).split("\n")[:2]
    assert set(after.split()) == {"base", "common", "conversation", "message"}
    assert set(before.split()) <= set(after.split())


def test_using_a_class_executes_its_module_alone() -> None:
    before, after = run(
        "conversation_client.decode; print(*executed());"
        "conversation_client.models.tracking.FlattenedActivity; print(*executed())"
    ).splitlines()
    assert set(after.split()) - set(before.split()) == {"common", "tracking"}


@pytest.mark.parametrize(
    "statement",
    [
        "from conversation_client.models.tracking import FlattenedActivity",
        "import conversation_client.models.tracking as t; t.FlattenedActivity",
        "from conversation_client.models import tracking; tracking.FlattenedActivity",
        "from conversation_client.models.tracking import *; FlattenedActivity",
        "import importlib; m = importlib.import_module('conversation_client.models.tracking');"
        "m.FlattenedActivity",
        "import inspect; assert inspect.getsource(conversation_client.models.tracking)",
        "import pydoc; assert pydoc.render_doc(conversation_client.models.tracking)",
        "assert 'FlattenedActivity' in dir(conversation_client.models.tracking)",
        "assert conversation_client.models.tracking.__doc__",
    ],
)
def test_deferred_module_behaves_like_any_other(statement: str) -> None:
    run(f"{statement}\nassert 'tracking' in executed()")


def test_missing_name_in_a_deferred_module_is_an_attribute_error() -> None:
    run(
        "try: conversation_client.models.tracking.NoSuchClass\n"
        "except AttributeError as error: assert 'NoSuchClass' in str(error)\n"
        "else: raise SystemExit(1)"
    )


def test_preload_executes_every_module() -> None:
    executed = set(run("conversation_client.preload(); print(*executed())").split())
    assert executed == {"base", *(module.__name__.rpartition(".")[2] for module in MODULES)}


def test_preload_leaves_no_function_to_be_made_for_the_first_document() -> None:
    path = GOLDEN / "samples/5.0.1/ConversationMessages.exhaustive.json"
    output = run(f"""
import pathlib
from conversation_client import _hooks, decode, encode
from conversation_client.models.message import ConversationMessages
def made():
    return [make.cache_info().misses for make in (_hooks.make_reader, _hooks.make_writer)]
conversation_client.preload()
before = made()
encode(decode(pathlib.Path({str(path)!r}).read_bytes(), ConversationMessages))
print(min(before), made() == before)
""")
    count, is_same = output.split()
    assert int(count) >= len(MODELS)
    assert is_same == "True"


def test_threads_may_meet_in_a_module_that_nobody_has_used() -> None:
    path = GOLDEN / "samples/5.0.1/Conversation.exhaustive.json"
    output = run(f"""
import threading
from conversation_client.models.conversation import Conversation
with open({str(path)!r}, 'rb') as file: data = file.read()
barrier, results = threading.Barrier(8), []
def work(index):
    barrier.wait()
    if index % 2:
        results.append(conversation_client.models.tracking.FlattenedActivity)
    else:
        results.append(conversation_client.decode(data, Conversation))
threads = [threading.Thread(target=work, args=[index]) for index in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
documents = [result for result in results if isinstance(result, Conversation)]
classes = set(result for result in results if isinstance(result, type))
assert all(document == documents[0] for document in documents)
print(len(documents), len(classes), len(results))
""")
    assert output.split() == ["4", "1", "8"]

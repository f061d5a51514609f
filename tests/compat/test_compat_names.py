"""What `compat` calls things, against what releases of the official SDK call them."""

import importlib
import inspect
import sys
from typing import Any

import pytest
from cases import DOCUMENTS, SCHEMA, golden

from conversation_client import compat, operations
from conversation_client.compat import api
from conversation_client.models.base import Document, OpenEnum
from conversation_client.operations import OPERATIONS

RELEASES = ("2.2.0", "5.0.1")
SDK = {release: golden(f"sdk/{release}") for release in RELEASES}
REORDERED = {"message_associate_annotation", "message_disassociate_annotation"}
"""Operations whose two ids changed places after 2.2.0."""

every_operation = pytest.mark.parametrize(
    ("release", "kind", "operation"),
    [
        (release, kind, operation)
        for release in RELEASES
        for kind, found in SDK[release]["classes"].items()
        for operation in found
    ],
)


def methods_of(kind: str, operation: str, release: str) -> list[Any]:
    """Return the methods of an operation that a release has."""
    endings = SDK[release]["endings"]
    return [getattr(getattr(compat, kind), f"{operation}{ending}") for ending in endings]


@every_operation
def test_method_has_the_arguments_of_the_release(release: str, kind: str, operation: str) -> None:
    recorded = SDK[release]["classes"][kind][operation].split()
    for method in methods_of(kind, operation, release):
        parameters = inspect.signature(method).parameters
        _, *names = parameters
        own = names[: len(recorded)]
        marked = [f"{n}?" if parameters[n].default is None else n for n in own]
        if release == "2.2.0" and operation in REORDERED:
            assert sorted(marked) == sorted(recorded)
        else:
            assert marked == recorded
        options = names[len(recorded) :]
        assert set(SDK[release]["options"]) <= set(options)
        assert not any(parameters[name].default is inspect.Parameter.empty for name in options)


def test_classes_have_the_methods_of_the_latest_release_and_no_others() -> None:
    latest = SDK[RELEASES[-1]]
    for kind, found in latest["classes"].items():
        expected = {f"{operation}{ending}" for operation in found for ending in latest["endings"]}
        own = {name for name in vars(getattr(compat, kind)) if not name.startswith("_")}
        assert own == expected
    assert {name for found in latest["classes"].values() for name in found} == {
        row.id for row in OPERATIONS
    }


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.id)
def test_method_is_that_of_its_row(row: operations.Operation[object]) -> None:
    (kind,) = (kind for kind in api.__all__ if hasattr(getattr(compat, kind), row.id))
    for ending in SDK[RELEASES[-1]]["endings"]:
        method = getattr(getattr(compat, kind), f"{row.id}{ending}")
        assert method.__name__ == f"{row.id}{ending}"
        assert method.__doc__ == f"{row.method} {row.path}"


MODULES = {
    "api.conversation_api": "ConversationApi",
    "api.conversation_message_api": "ConversationMessageApi",
    "api.conversation_messages_api": "ConversationMessagesApi",
    "api.conversations_api": "ConversationsApi",
    "api_client": "ApiClient",
    "api_response": "ApiResponse",
    "configuration": "Configuration",
    "exceptions": "ApiException",
    "rest": "ApiException",
    "models.conversation": "Conversation",
    "models.conversation_type_enum": "ConversationTypeEnum",
    "models.flattened_conversation_messages": "FlattenedConversationMessages",
    "models.qgpt_conversation_message_role_enum": "QGPTConversationMessageRoleEnum",
    "models.tlp_code_fragment_statistics": "TLPCodeFragmentStatistics",
    "models": "ConversationMessage",
}


@pytest.mark.parametrize(("module", "name"), MODULES.items())
def test_name_is_found_where_the_sdk_has_it(module: str, name: str) -> None:
    found = getattr(importlib.import_module(f"conversation_client.compat.{module}"), name)
    assert found is getattr(compat, name)
    assert found.__name__ == name


def test_every_model_is_the_librarys_own_and_has_a_module() -> None:
    models: Any = compat.models
    assert set(models.__all__) == {*DOCUMENTS, *SCHEMA["enums"]}
    modules = filter(inspect.ismodule, vars(models).values())
    prefix = f"{models.__name__}."
    in_modules = {
        name: value
        for module in modules
        if module.__name__.startswith(prefix) and sys.modules[module.__name__] is module
        for name, value in inspect.getmembers(module, inspect.isclass)
    }
    assert in_modules == {name: getattr(compat, name) for name in models.__all__}
    for model in in_modules.values():
        assert issubclass(model, Document | OpenEnum)
        assert model.__module__.startswith("conversation_client.models.")

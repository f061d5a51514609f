"""The documents of the Conversation API: attrs classes, a module for each domain.

- `conversation`: conversations, their grounding, summarizing them
- `message`: messages, their fragments and roles
- `annotation`: annotations and hints
- `search`: what to search for, and what was found
- `stream`: what a stream of identifiers tells
- `asset`: snippets and files, sensitive finds, shares
- `format`: the forms of an asset, classification, analysis
- `anchor`: files and folders
- `website`: websites
- `person`: persons, tags, relationships
- `user`: the signed-in user, identity providers, cloud allocation
- `organization`: teams, subscriptions, what their configuration allows
- `language_model`: AI models and prompt pipelines
- `workstream`: time ranges, summaries, events and their sources
- `context`: what an event saw in browser, editor and desktop
- `tracking`: activities and usage events
- `common`: times, scores, applications, transferable contents

All classes can be imported from here, too: `from conversation_client.models import Conversation`.

A module is executed when something in it is first used: few programs meet more than two or three.
"""

import importlib.util
import pkgutil
import sys
import threading
from collections.abc import Iterator
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, cast

from conversation_client.models.base import Document, is_model

if TYPE_CHECKING:
    from conversation_client.models.anchor import *
    from conversation_client.models.annotation import *
    from conversation_client.models.asset import *
    from conversation_client.models.common import *
    from conversation_client.models.context import *
    from conversation_client.models.conversation import *
    from conversation_client.models.format import *
    from conversation_client.models.language_model import *
    from conversation_client.models.message import *
    from conversation_client.models.organization import *
    from conversation_client.models.person import *
    from conversation_client.models.search import *
    from conversation_client.models.stream import *
    from conversation_client.models.tracking import *
    from conversation_client.models.user import *
    from conversation_client.models.website import *
    from conversation_client.models.workstream import *

_loading = threading.RLock()


class _DeferredModule(ModuleType):
    """A module that executes its code when an attribute is first asked for.

    `importlib.util.LazyLoader` would do, but is safe in threads from 3.11.9 and 3.12.3 only.
    """

    def __getattribute__(self, name: str) -> Any:
        if name not in ("__spec__", "__class__"):  # the import statement itself asks for these
            with _loading:
                _load(self)
        return ModuleType.__getattribute__(self, name)


def _load(module: ModuleType) -> None:
    """Execute a deferred module, unless it is loaded or being loaded further up the stack."""
    if type(module) is not _DeferredModule:
        return
    spec = object.__getattribute__(module, "__spec__")
    if spec.loader_state is None:
        spec.loader_state = "loading"
        try:
            spec.loader.exec_module(module)
            module.__class__ = ModuleType  # type: ignore[assignment]  # as LazyLoader does
        finally:
            spec.loader_state = None


def _defer(spec: ModuleSpec) -> ModuleType:
    module = importlib.util.module_from_spec(spec)
    module.__class__ = _DeferredModule
    sys.modules[spec.name] = module
    return module


def documents() -> Iterator[type[Document]]:
    """Execute every module, one after the other, and yield its documents."""
    for name in _names:
        module: ModuleType = globals()[name]
        _load(module)
        yield from filter(is_model, vars(module).values())


if not TYPE_CHECKING:  # to which all other names would be known, too

    def __getattr__(name: str) -> Any:
        if name == "__all__":
            return sorted(_homes())
        if name.startswith("_") or name not in _homes():
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(globals()[_homes()[name]], name)
        return found


def __dir__() -> list[str]:
    own = [name for name in globals() if name.startswith("__")]
    return sorted({*_homes(), *_names, "base", *own})


@cache
def _homes() -> dict[str, str]:
    """Name the module of every class, told by the modules' code, which is not executed."""
    return {
        constant.co_name: name
        for name in _names
        for constant in _code_of(name).co_consts
        if isinstance(constant, CodeType) and not constant.co_name.startswith("_")
    }


def _code_of(name: str) -> CodeType:
    # Not by the loader that the module has: others' import hooks bring some that know no code.
    found: Any = PathFinder.find_spec(f"{__name__}.{name}", __path__)
    return cast(CodeType, found.loader.get_code(found.name))


_names = [module.name for module in pkgutil.iter_modules(__path__) if module.name != "base"]
for _name in _names:
    _spec = importlib.util.find_spec(f"{__name__}.{_name}")
    if _spec is not None:
        globals()[_name] = _defer(_spec)

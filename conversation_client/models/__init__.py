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
- `common`: times, scores, applications, transferable contents, references to AI models

All classes can be imported from here, too: `from conversation_client.models import Conversation`.

A module is executed when something in it is first used: few programs meet more than two or three.
"""

import importlib.util as _import
import pkgutil as _pkgutil
import sys as _sys
import threading as _threading
from collections.abc import Iterator as _Iterator
from functools import cache as _cache
from importlib.machinery import ModuleSpec as _ModuleSpec
from importlib.machinery import PathFinder as _PathFinder
from types import CodeType as _CodeType
from types import ModuleType as _ModuleType
from typing import TYPE_CHECKING
from typing import Any as _Any
from typing import cast as _cast

from conversation_client.models.base import Document as _Document
from conversation_client.models.base import is_model as _is_model

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

_loading = _threading.RLock()


class _DeferredModule(_ModuleType):
    """A module that executes its code when an attribute is first asked for.

    `importlib.util.LazyLoader` would do, but is safe in threads from 3.11.9 and 3.12.3 only.
    """

    def __getattribute__(self, name: str) -> _Any:
        if name not in ("__spec__", "__class__"):  # the import statement itself asks for these
            with _loading:
                _load(self)
        return _ModuleType.__getattribute__(self, name)


def _load(module: _ModuleType) -> None:
    """Execute a deferred module, unless it is loaded or being loaded further up the stack."""
    if type(module) is not _DeferredModule:
        return
    spec = object.__getattribute__(module, "__spec__")
    if spec.loader_state is None:
        spec.loader_state = "loading"
        try:
            spec.loader.exec_module(module)
            module.__class__ = _ModuleType  # type: ignore[assignment]  # as LazyLoader does
        finally:
            spec.loader_state = None


def _defer(spec: _ModuleSpec) -> _ModuleType:
    module = _import.module_from_spec(spec)
    module.__class__ = _DeferredModule
    _sys.modules[spec.name] = module
    return module


def documents() -> _Iterator[type[_Document]]:
    """Execute every module, one after the other, and yield its documents."""
    for name in _names:
        module: _ModuleType = globals()[name]
        _load(module)
        yield from filter(_is_model, vars(module).values())


if not TYPE_CHECKING:  # to which all other names would be known, too

    def __getattr__(name: str) -> _Any:
        if name == "__all__":
            return sorted(_homes())
        if name.startswith("_") or name not in _homes():
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(globals()[_homes()[name]], name)
        return found


def __dir__() -> list[str]:
    own = [name for name in globals() if name.startswith("__")]
    return sorted({*_homes(), *_names, "base", *own})


@_cache
def _homes() -> dict[str, str]:
    """Name the module of every class, told by the modules' code, which is not executed."""
    return {
        constant.co_name: name
        for name in _names
        for constant in _code_of(name).co_consts
        if isinstance(constant, _CodeType) and not constant.co_name.startswith("_")
    }


def _code_of(name: str) -> _CodeType:
    # Not by the loader that the module has: others' import hooks bring some that know no code.
    found: _Any = _PathFinder.find_spec(f"{__name__}.{name}", __path__)
    return _cast(_CodeType, found.loader.get_code(found.name))


_names = [module.name for module in _pkgutil.iter_modules(__path__) if module.name != "base"]
for _name in _names:
    _spec = _import.find_spec(f"{__name__}.{_name}")
    if _spec is not None:
        globals()[_name] = _defer(_spec)

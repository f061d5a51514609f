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

A module is executed when something in it is first used: defining all classes takes longer than
importing aiohttp, and few programs meet more than two or three of the modules.
"""

import importlib.util
import pkgutil
import sys
import threading
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from conversation_client.models.base import Document

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
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Document) and value is not Document:
                yield value


_names = [module.name for module in pkgutil.iter_modules(__path__) if module.name != "base"]
for _name in _names:
    _spec = importlib.util.find_spec(f"{__name__}.{_name}")
    if _spec is not None:
        globals()[_name] = _defer(_spec)

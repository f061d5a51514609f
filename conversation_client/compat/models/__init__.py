"""The models where the official SDK has them: by name, and in a module each, such as `conversation`.

They are the classes of `conversation_client.models`. Once this is imported, these have as methods
what the SDK's have, and its names for four fields, where it steers clear of Python's own words.
"""

import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

from conversation_client import models as library
from conversation_client.compat._documents import extend
from conversation_client.models.base import OpenEnum

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


def _classes() -> Iterator[type]:
    yield from library.documents()
    for name in dir(library):
        value = getattr(library, name)
        if isinstance(value, type) and issubclass(value, OpenEnum):
            yield value


def _module_name(model: str) -> str:
    """Return what the SDK calls the module of a model."""
    words = re.sub("([A-Z]+)([A-Z][a-z][a-z]+)", r"\1_\2", model)
    return re.sub("([a-z0-9])([A-Z])", r"\1_\2", words).lower()


def _add(model: type) -> None:
    """Have a model found by its name and in its module, which an import then takes for loaded."""
    name = _module_name(model.__name__)
    module = ModuleType(f"{__name__}.{name}", model.__doc__)
    setattr(module, model.__name__, model)
    sys.modules[module.__name__] = module
    globals().update({model.__name__: model, name: module})


extend()
_models = tuple(_classes())
for _model in _models:
    _add(_model)
if not TYPE_CHECKING:
    __all__ = [model.__name__ for model in _models]

"""Materials, of which the emulator has little but ids: what clients read of one by its id."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from conversation_client.operations import Material
from conversation_client.testing.backend import Backend
from conversation_client.testing.calls import Call
from conversation_client.testing.documents import SINCE_EVER, JsonObject
from conversation_client.testing.routes import Route

_OPERATIONS: Mapping[Material, str] = MappingProxyType(
    {
        Material.ANCHOR: "anchor_specific_anchor_snapshot",
        Material.ANNOTATION: "annotation_specific_annotation_snapshot",
        Material.ASSET: "asset_snapshot",
        Material.RANGE: "ranges_specific_range_snapshot",
        Material.WEBSITE: "websites_specific_website_snapshot",
    }
)
"""The official SDK's name for reading one."""
_REQUIRED: Mapping[Material, JsonObject] = MappingProxyType(
    {
        Material.ANCHOR: {"type": "FILE", "points": {"iterable": []}},
        Material.ANNOTATION: {"type": "DESCRIPTION", "text": ""},
        Material.ASSET: {
            "creator": "",
            "mechanism": "MANUAL",
            "formats": {"iterable": []},
            "preview": {"base": {"id": ""}},
            "original": {"id": ""},
        },
        Material.RANGE: {},
        Material.WEBSITE: {"name": "", "url": ""},
    }
)
"""What clients refuse to be without, of a material that was only named."""


class Materials:
    """Answers what is known of a material that a conversation is or was associated with."""

    def __init__(self, backend: Callable[[], Backend]) -> None:
        """Have answers.

        Args:
            backend: Gives the backend, each time that there is something for it to do.
        """
        self._backend = backend
        self.routes: tuple[Route, ...] = tuple(
            Route(operation, "GET", f"/{material}/{{{material}}}", partial(self._read, material))
            for material, operation in _OPERATIONS.items()
        )

    def _read(self, material: Material, call: Call) -> JsonObject:
        name = call.ids[material]
        kept = self._backend().material(material, name)
        made = {"id": name, "created": SINCE_EVER, "updated": SINCE_EVER}
        return made | _REQUIRED[material] | kept

"""What a server says of itself."""

from typing import Final

from conversation_client import operations
from conversation_client.compat._methods import Api, data_of, reply_of, response_of


class WellKnownApi(Api):
    """What a server says of itself."""

    get_well_known_health: Final = data_of(operations.GET_HEALTH)
    get_well_known_version: Final = data_of(operations.GET_VERSION)

    get_well_known_health_with_http_info: Final = response_of(operations.GET_HEALTH)
    get_well_known_version_with_http_info: Final = response_of(operations.GET_VERSION)

    get_well_known_health_without_preload_content: Final = reply_of(operations.GET_HEALTH)
    get_well_known_version_without_preload_content: Final = reply_of(operations.GET_VERSION)

"""Operations on messages as a whole."""

from typing import Final

from conversation_client import operations
from conversation_client.compat._methods import Api, data_of, reply_of, response_of


class ConversationMessagesApi(Api):
    """Operations on messages as a whole."""

    messages_snapshot: Final = data_of(operations.LIST_MESSAGES)
    messages_create_specific_message: Final = data_of(operations.CREATE_MESSAGE)
    messages_delete_specific_message: Final = data_of(operations.DELETE_MESSAGE)
    search_messages: Final = data_of(operations.SEARCH_MESSAGES)
    conversation_messages_stream_identifiers: Final = data_of(operations.STREAM_MESSAGE_IDENTIFIERS)

    messages_snapshot_with_http_info: Final = response_of(operations.LIST_MESSAGES)
    messages_create_specific_message_with_http_info: Final = response_of(operations.CREATE_MESSAGE)
    messages_delete_specific_message_with_http_info: Final = response_of(operations.DELETE_MESSAGE)
    search_messages_with_http_info: Final = response_of(operations.SEARCH_MESSAGES)
    conversation_messages_stream_identifiers_with_http_info: Final = response_of(
        operations.STREAM_MESSAGE_IDENTIFIERS
    )

    messages_snapshot_without_preload_content: Final = reply_of(operations.LIST_MESSAGES)
    messages_create_specific_message_without_preload_content: Final = reply_of(
        operations.CREATE_MESSAGE
    )
    messages_delete_specific_message_without_preload_content: Final = reply_of(
        operations.DELETE_MESSAGE
    )
    search_messages_without_preload_content: Final = reply_of(operations.SEARCH_MESSAGES)
    conversation_messages_stream_identifiers_without_preload_content: Final = reply_of(
        operations.STREAM_MESSAGE_IDENTIFIERS
    )

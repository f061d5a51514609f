"""Operations on conversations as a whole."""

from typing import Final

from conversation_client import operations
from conversation_client.compat._methods import Api, data_of, reply_of, response_of


class ConversationsApi(Api):
    """Operations on conversations as a whole."""

    conversations_create_specific_conversation: Final = data_of(operations.CREATE_CONVERSATION)
    conversations_create_from_asset: Final = data_of(operations.CREATE_CONVERSATION_FROM_ASSET)
    conversations_create_from_workstream_summary: Final = data_of(
        operations.CREATE_CONVERSATION_FROM_WORKSTREAM_SUMMARY
    )
    conversations_delete_specific_conversation: Final = data_of(operations.DELETE_CONVERSATION)
    conversations_snapshot: Final = data_of(operations.LIST_CONVERSATIONS)
    conversations_identifiers_snapshot: Final = data_of(operations.LIST_CONVERSATION_IDENTIFIERS)
    search_conversations: Final = data_of(operations.SEARCH_CONVERSATIONS)
    conversations_stream_identifiers: Final = data_of(operations.STREAM_CONVERSATION_IDENTIFIERS)

    conversations_create_specific_conversation_with_http_info: Final = response_of(
        operations.CREATE_CONVERSATION
    )
    conversations_create_from_asset_with_http_info: Final = response_of(
        operations.CREATE_CONVERSATION_FROM_ASSET
    )
    conversations_create_from_workstream_summary_with_http_info: Final = response_of(
        operations.CREATE_CONVERSATION_FROM_WORKSTREAM_SUMMARY
    )
    conversations_delete_specific_conversation_with_http_info: Final = response_of(
        operations.DELETE_CONVERSATION
    )
    conversations_snapshot_with_http_info: Final = response_of(operations.LIST_CONVERSATIONS)
    conversations_identifiers_snapshot_with_http_info: Final = response_of(
        operations.LIST_CONVERSATION_IDENTIFIERS
    )
    search_conversations_with_http_info: Final = response_of(operations.SEARCH_CONVERSATIONS)
    conversations_stream_identifiers_with_http_info: Final = response_of(
        operations.STREAM_CONVERSATION_IDENTIFIERS
    )

    conversations_create_specific_conversation_without_preload_content: Final = reply_of(
        operations.CREATE_CONVERSATION
    )
    conversations_create_from_asset_without_preload_content: Final = reply_of(
        operations.CREATE_CONVERSATION_FROM_ASSET
    )
    conversations_create_from_workstream_summary_without_preload_content: Final = reply_of(
        operations.CREATE_CONVERSATION_FROM_WORKSTREAM_SUMMARY
    )
    conversations_delete_specific_conversation_without_preload_content: Final = reply_of(
        operations.DELETE_CONVERSATION
    )
    conversations_snapshot_without_preload_content: Final = reply_of(operations.LIST_CONVERSATIONS)
    conversations_identifiers_snapshot_without_preload_content: Final = reply_of(
        operations.LIST_CONVERSATION_IDENTIFIERS
    )
    search_conversations_without_preload_content: Final = reply_of(operations.SEARCH_CONVERSATIONS)
    conversations_stream_identifiers_without_preload_content: Final = reply_of(
        operations.STREAM_CONVERSATION_IDENTIFIERS
    )

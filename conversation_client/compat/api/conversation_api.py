"""Operations on a conversation."""

from typing import Final

from conversation_client import operations
from conversation_client.compat._methods import Api, data_of, reply_of, response_of


class ConversationApi(Api):
    """Operations on a conversation."""

    conversation_get_specific_conversation: Final = data_of(operations.GET_CONVERSATION)
    conversation_specific_conversation_messages: Final = data_of(operations.GET_MESSAGES)
    conversation_update: Final = data_of(operations.UPDATE_CONVERSATION)
    conversation_specific_conversation_rename: Final = data_of(operations.RENAME_CONVERSATION)
    conversation_summarize: Final = data_of(operations.SUMMARIZE_CONVERSATION)
    conversation_scores_increment: Final = data_of(operations.INCREMENT_SCORES)
    conversation_associate_anchor: Final = data_of(operations.ASSOCIATE_ANCHOR)
    conversation_associate_asset: Final = data_of(operations.ASSOCIATE_ASSET)
    conversation_grounding_messages_associate_message: Final = data_of(operations.ASSOCIATE_MESSAGE)
    conversation_associate_grounding_temporal_range_workstream: Final = data_of(
        operations.ASSOCIATE_RANGE
    )
    conversation_associate_website: Final = data_of(operations.ASSOCIATE_WEBSITE)
    conversation_associate_workstream_summary: Final = data_of(
        operations.ASSOCIATE_WORKSTREAM_SUMMARY
    )
    conversation_disassociate_anchor: Final = data_of(operations.DISASSOCIATE_ANCHOR)
    conversation_disassociate_asset: Final = data_of(operations.DISASSOCIATE_ASSET)
    conversation_grounding_messages_disassociate_message: Final = data_of(
        operations.DISASSOCIATE_MESSAGE
    )
    conversation_disassociate_grounding_temporal_range_workstream: Final = data_of(
        operations.DISASSOCIATE_RANGE
    )
    conversation_disassociate_website: Final = data_of(operations.DISASSOCIATE_WEBSITE)
    conversation_disassociate_workstream_summary: Final = data_of(
        operations.DISASSOCIATE_WORKSTREAM_SUMMARY
    )
    conversation_associate_annotation: Final = data_of(operations.ASSOCIATE_ANNOTATION)
    conversation_associate_grounding_workstream_pattern_engine_source: Final = data_of(
        operations.ASSOCIATE_SOURCE
    )
    conversation_disassociate_annotation: Final = data_of(operations.DISASSOCIATE_ANNOTATION)
    conversation_disassociate_grounding_workstream_pattern_engine_source: Final = data_of(
        operations.DISASSOCIATE_SOURCE
    )
    conversation_specific_conversation_prepare: Final = data_of(operations.PREPARE_CONVERSATION)
    search_conversation_specific_messages: Final = data_of(operations.SEARCH_CONVERSATION_MESSAGES)

    conversation_get_specific_conversation_with_http_info: Final = response_of(
        operations.GET_CONVERSATION
    )
    conversation_specific_conversation_messages_with_http_info: Final = response_of(
        operations.GET_MESSAGES
    )
    conversation_update_with_http_info: Final = response_of(operations.UPDATE_CONVERSATION)
    conversation_specific_conversation_rename_with_http_info: Final = response_of(
        operations.RENAME_CONVERSATION
    )
    conversation_summarize_with_http_info: Final = response_of(operations.SUMMARIZE_CONVERSATION)
    conversation_scores_increment_with_http_info: Final = response_of(operations.INCREMENT_SCORES)
    conversation_associate_anchor_with_http_info: Final = response_of(operations.ASSOCIATE_ANCHOR)
    conversation_associate_asset_with_http_info: Final = response_of(operations.ASSOCIATE_ASSET)
    conversation_grounding_messages_associate_message_with_http_info: Final = response_of(
        operations.ASSOCIATE_MESSAGE
    )
    conversation_associate_grounding_temporal_range_workstream_with_http_info: Final = response_of(
        operations.ASSOCIATE_RANGE
    )
    conversation_associate_website_with_http_info: Final = response_of(operations.ASSOCIATE_WEBSITE)
    conversation_associate_workstream_summary_with_http_info: Final = response_of(
        operations.ASSOCIATE_WORKSTREAM_SUMMARY
    )
    conversation_disassociate_anchor_with_http_info: Final = response_of(
        operations.DISASSOCIATE_ANCHOR
    )
    conversation_disassociate_asset_with_http_info: Final = response_of(
        operations.DISASSOCIATE_ASSET
    )
    conversation_grounding_messages_disassociate_message_with_http_info: Final = response_of(
        operations.DISASSOCIATE_MESSAGE
    )
    conversation_disassociate_grounding_temporal_range_workstream_with_http_info: Final = (
        response_of(operations.DISASSOCIATE_RANGE)
    )
    conversation_disassociate_website_with_http_info: Final = response_of(
        operations.DISASSOCIATE_WEBSITE
    )
    conversation_disassociate_workstream_summary_with_http_info: Final = response_of(
        operations.DISASSOCIATE_WORKSTREAM_SUMMARY
    )
    conversation_associate_annotation_with_http_info: Final = response_of(
        operations.ASSOCIATE_ANNOTATION
    )
    conversation_associate_grounding_workstream_pattern_engine_source_with_http_info: Final = (
        response_of(operations.ASSOCIATE_SOURCE)
    )
    conversation_disassociate_annotation_with_http_info: Final = response_of(
        operations.DISASSOCIATE_ANNOTATION
    )
    conversation_disassociate_grounding_workstream_pattern_engine_source_with_http_info: Final = (
        response_of(operations.DISASSOCIATE_SOURCE)
    )
    conversation_specific_conversation_prepare_with_http_info: Final = response_of(
        operations.PREPARE_CONVERSATION
    )
    search_conversation_specific_messages_with_http_info: Final = response_of(
        operations.SEARCH_CONVERSATION_MESSAGES
    )

    conversation_get_specific_conversation_without_preload_content: Final = reply_of(
        operations.GET_CONVERSATION
    )
    conversation_specific_conversation_messages_without_preload_content: Final = reply_of(
        operations.GET_MESSAGES
    )
    conversation_update_without_preload_content: Final = reply_of(operations.UPDATE_CONVERSATION)
    conversation_specific_conversation_rename_without_preload_content: Final = reply_of(
        operations.RENAME_CONVERSATION
    )
    conversation_summarize_without_preload_content: Final = reply_of(
        operations.SUMMARIZE_CONVERSATION
    )
    conversation_scores_increment_without_preload_content: Final = reply_of(
        operations.INCREMENT_SCORES
    )
    conversation_associate_anchor_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_ANCHOR
    )
    conversation_associate_asset_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_ASSET
    )
    conversation_grounding_messages_associate_message_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_MESSAGE
    )
    conversation_associate_grounding_temporal_range_workstream_without_preload_content: Final = (
        reply_of(operations.ASSOCIATE_RANGE)
    )
    conversation_associate_website_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_WEBSITE
    )
    conversation_associate_workstream_summary_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_WORKSTREAM_SUMMARY
    )
    conversation_disassociate_anchor_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_ANCHOR
    )
    conversation_disassociate_asset_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_ASSET
    )
    conversation_grounding_messages_disassociate_message_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_MESSAGE
    )
    conversation_disassociate_grounding_temporal_range_workstream_without_preload_content: Final = (
        reply_of(operations.DISASSOCIATE_RANGE)
    )
    conversation_disassociate_website_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_WEBSITE
    )
    conversation_disassociate_workstream_summary_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_WORKSTREAM_SUMMARY
    )
    conversation_associate_annotation_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_ANNOTATION
    )
    conversation_associate_grounding_workstream_pattern_engine_source_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_SOURCE
    )
    conversation_disassociate_annotation_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_ANNOTATION
    )
    conversation_disassociate_grounding_workstream_pattern_engine_source_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_SOURCE
    )
    conversation_specific_conversation_prepare_without_preload_content: Final = reply_of(
        operations.PREPARE_CONVERSATION
    )
    search_conversation_specific_messages_without_preload_content: Final = reply_of(
        operations.SEARCH_CONVERSATION_MESSAGES
    )

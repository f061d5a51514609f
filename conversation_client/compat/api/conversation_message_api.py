"""Operations on a message."""

from typing import Final

from conversation_client import operations
from conversation_client.compat._methods import Api, data_of, reply_of, response_of


class ConversationMessageApi(Api):
    """Operations on a message."""

    message_specific_message_snapshot: Final = data_of(operations.GET_MESSAGE)
    message_specific_message_update: Final = data_of(operations.UPDATE_MESSAGE)
    message_update_value: Final = data_of(operations.UPDATE_MESSAGE_VALUE)
    message_scores_increment: Final = data_of(operations.INCREMENT_MESSAGE_SCORES)
    message_associate_anchor: Final = data_of(operations.ASSOCIATE_MESSAGE_ANCHOR)
    message_associate_annotation: Final = data_of(operations.ASSOCIATE_MESSAGE_ANNOTATION)
    conversation_message_associate_asset: Final = data_of(operations.ASSOCIATE_MESSAGE_ASSET)
    conversation_message_associate_conversation_message: Final = data_of(
        operations.ASSOCIATE_MESSAGE_MESSAGE
    )
    message_associate_person: Final = data_of(operations.ASSOCIATE_MESSAGE_PERSON)
    conversation_message_associate_range: Final = data_of(operations.ASSOCIATE_MESSAGE_RANGE)
    conversation_message_associate_workstream_pattern_engine_source: Final = data_of(
        operations.ASSOCIATE_MESSAGE_SOURCE
    )
    conversation_message_associate_tag: Final = data_of(operations.ASSOCIATE_MESSAGE_TAG)
    message_associate_website: Final = data_of(operations.ASSOCIATE_MESSAGE_WEBSITE)
    conversation_message_associate_workstream_event: Final = data_of(
        operations.ASSOCIATE_MESSAGE_WORKSTREAM_EVENT
    )
    conversation_message_associate_workstream_summary: Final = data_of(
        operations.ASSOCIATE_MESSAGE_WORKSTREAM_SUMMARY
    )
    message_disassociate_anchor: Final = data_of(operations.DISASSOCIATE_MESSAGE_ANCHOR)
    message_disassociate_annotation: Final = data_of(operations.DISASSOCIATE_MESSAGE_ANNOTATION)
    conversation_message_disassociate_asset: Final = data_of(operations.DISASSOCIATE_MESSAGE_ASSET)
    conversation_message_disassociate_conversation_message: Final = data_of(
        operations.DISASSOCIATE_MESSAGE_MESSAGE
    )
    message_disassociate_person: Final = data_of(operations.DISASSOCIATE_MESSAGE_PERSON)
    conversation_message_disassociate_range: Final = data_of(operations.DISASSOCIATE_MESSAGE_RANGE)
    conversation_message_disassociate_workstream_pattern_engine_source: Final = data_of(
        operations.DISASSOCIATE_MESSAGE_SOURCE
    )
    conversation_message_disassociate_tag: Final = data_of(operations.DISASSOCIATE_MESSAGE_TAG)
    message_disassociate_website: Final = data_of(operations.DISASSOCIATE_MESSAGE_WEBSITE)
    conversation_message_disassociate_workstream_event: Final = data_of(
        operations.DISASSOCIATE_MESSAGE_WORKSTREAM_EVENT
    )
    conversation_message_disassociate_workstream_summary: Final = data_of(
        operations.DISASSOCIATE_MESSAGE_WORKSTREAM_SUMMARY
    )

    message_specific_message_snapshot_with_http_info: Final = response_of(operations.GET_MESSAGE)
    message_specific_message_update_with_http_info: Final = response_of(operations.UPDATE_MESSAGE)
    message_update_value_with_http_info: Final = response_of(operations.UPDATE_MESSAGE_VALUE)
    message_scores_increment_with_http_info: Final = response_of(
        operations.INCREMENT_MESSAGE_SCORES
    )
    message_associate_anchor_with_http_info: Final = response_of(
        operations.ASSOCIATE_MESSAGE_ANCHOR
    )
    message_associate_annotation_with_http_info: Final = response_of(
        operations.ASSOCIATE_MESSAGE_ANNOTATION
    )
    conversation_message_associate_asset_with_http_info: Final = response_of(
        operations.ASSOCIATE_MESSAGE_ASSET
    )
    conversation_message_associate_conversation_message_with_http_info: Final = response_of(
        operations.ASSOCIATE_MESSAGE_MESSAGE
    )
    message_associate_person_with_http_info: Final = response_of(
        operations.ASSOCIATE_MESSAGE_PERSON
    )
    conversation_message_associate_range_with_http_info: Final = response_of(
        operations.ASSOCIATE_MESSAGE_RANGE
    )
    conversation_message_associate_workstream_pattern_engine_source_with_http_info: Final = (
        response_of(operations.ASSOCIATE_MESSAGE_SOURCE)
    )
    conversation_message_associate_tag_with_http_info: Final = response_of(
        operations.ASSOCIATE_MESSAGE_TAG
    )
    message_associate_website_with_http_info: Final = response_of(
        operations.ASSOCIATE_MESSAGE_WEBSITE
    )
    conversation_message_associate_workstream_event_with_http_info: Final = response_of(
        operations.ASSOCIATE_MESSAGE_WORKSTREAM_EVENT
    )
    conversation_message_associate_workstream_summary_with_http_info: Final = response_of(
        operations.ASSOCIATE_MESSAGE_WORKSTREAM_SUMMARY
    )
    message_disassociate_anchor_with_http_info: Final = response_of(
        operations.DISASSOCIATE_MESSAGE_ANCHOR
    )
    message_disassociate_annotation_with_http_info: Final = response_of(
        operations.DISASSOCIATE_MESSAGE_ANNOTATION
    )
    conversation_message_disassociate_asset_with_http_info: Final = response_of(
        operations.DISASSOCIATE_MESSAGE_ASSET
    )
    conversation_message_disassociate_conversation_message_with_http_info: Final = response_of(
        operations.DISASSOCIATE_MESSAGE_MESSAGE
    )
    message_disassociate_person_with_http_info: Final = response_of(
        operations.DISASSOCIATE_MESSAGE_PERSON
    )
    conversation_message_disassociate_range_with_http_info: Final = response_of(
        operations.DISASSOCIATE_MESSAGE_RANGE
    )
    conversation_message_disassociate_workstream_pattern_engine_source_with_http_info: Final = (
        response_of(operations.DISASSOCIATE_MESSAGE_SOURCE)
    )
    conversation_message_disassociate_tag_with_http_info: Final = response_of(
        operations.DISASSOCIATE_MESSAGE_TAG
    )
    message_disassociate_website_with_http_info: Final = response_of(
        operations.DISASSOCIATE_MESSAGE_WEBSITE
    )
    conversation_message_disassociate_workstream_event_with_http_info: Final = response_of(
        operations.DISASSOCIATE_MESSAGE_WORKSTREAM_EVENT
    )
    conversation_message_disassociate_workstream_summary_with_http_info: Final = response_of(
        operations.DISASSOCIATE_MESSAGE_WORKSTREAM_SUMMARY
    )

    message_specific_message_snapshot_without_preload_content: Final = reply_of(
        operations.GET_MESSAGE
    )
    message_specific_message_update_without_preload_content: Final = reply_of(
        operations.UPDATE_MESSAGE
    )
    message_update_value_without_preload_content: Final = reply_of(operations.UPDATE_MESSAGE_VALUE)
    message_scores_increment_without_preload_content: Final = reply_of(
        operations.INCREMENT_MESSAGE_SCORES
    )
    message_associate_anchor_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_MESSAGE_ANCHOR
    )
    message_associate_annotation_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_MESSAGE_ANNOTATION
    )
    conversation_message_associate_asset_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_MESSAGE_ASSET
    )
    conversation_message_associate_conversation_message_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_MESSAGE_MESSAGE
    )
    message_associate_person_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_MESSAGE_PERSON
    )
    conversation_message_associate_range_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_MESSAGE_RANGE
    )
    conversation_message_associate_workstream_pattern_engine_source_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_MESSAGE_SOURCE
    )
    conversation_message_associate_tag_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_MESSAGE_TAG
    )
    message_associate_website_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_MESSAGE_WEBSITE
    )
    conversation_message_associate_workstream_event_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_MESSAGE_WORKSTREAM_EVENT
    )
    conversation_message_associate_workstream_summary_without_preload_content: Final = reply_of(
        operations.ASSOCIATE_MESSAGE_WORKSTREAM_SUMMARY
    )
    message_disassociate_anchor_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_MESSAGE_ANCHOR
    )
    message_disassociate_annotation_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_MESSAGE_ANNOTATION
    )
    conversation_message_disassociate_asset_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_MESSAGE_ASSET
    )
    conversation_message_disassociate_conversation_message_without_preload_content: Final = (
        reply_of(operations.DISASSOCIATE_MESSAGE_MESSAGE)
    )
    message_disassociate_person_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_MESSAGE_PERSON
    )
    conversation_message_disassociate_range_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_MESSAGE_RANGE
    )
    conversation_message_disassociate_workstream_pattern_engine_source_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_MESSAGE_SOURCE
    )
    conversation_message_disassociate_tag_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_MESSAGE_TAG
    )
    message_disassociate_website_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_MESSAGE_WEBSITE
    )
    conversation_message_disassociate_workstream_event_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_MESSAGE_WORKSTREAM_EVENT
    )
    conversation_message_disassociate_workstream_summary_without_preload_content: Final = reply_of(
        operations.DISASSOCIATE_MESSAGE_WORKSTREAM_SUMMARY
    )

"""The classes of operations, where the official SDK has them."""

from conversation_client.compat.api.conversation_api import ConversationApi
from conversation_client.compat.api.conversation_message_api import ConversationMessageApi
from conversation_client.compat.api.conversation_messages_api import ConversationMessagesApi
from conversation_client.compat.api.conversations_api import ConversationsApi
from conversation_client.compat.api.well_known_api import WellKnownApi

__all__ = [
    "ConversationApi",
    "ConversationMessageApi",
    "ConversationMessagesApi",
    "ConversationsApi",
    "WellKnownApi",
]

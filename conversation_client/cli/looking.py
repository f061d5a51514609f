"""What listens where Pieces OS is expected: another program is told as that."""

from typing import TYPE_CHECKING

from conversation_client._batch.meaning import is_failing, is_foreign
from conversation_client.errors import (
    ConversationClientError,
    ResponseError,
    TransportError,
)

if TYPE_CHECKING:
    from conversation_client._http.wire import Id
    from conversation_client.client import AsyncConversationClient


class OtherProgramError(TransportError):
    """No Pieces OS answers there, but another program."""


async def look(client: "AsyncConversationClient", conversation: "Id") -> None:
    """Ask for a conversation, to see who answers.

    What is wrong is told as it is rather than as the failure of a call that nobody has made.

    Raises:
        OtherProgramError: No Pieces OS answers like that.
        TransportError: Nobody answers.
        ResponseError: The conversation cannot be had.
    """
    try:
        await client.get_conversation(conversation, transferables=False)
    except (TransportError, ResponseError) as error:
        error.operation = None
        if is_of_other_program(error):
            raise OtherProgramError(what_answers(error)) from None
        raise


def is_of_other_program(error: ConversationClientError) -> bool:
    """Tell whether no Pieces OS gives such an answer, of whatever version and in whatever state."""
    return is_foreign(error) and not is_failing(error)


def what_answers(error: ConversationClientError) -> str:
    """Say that another program has answered, and what."""
    return (
        f"another program than Pieces OS seems to listen there ({error}): --server or"
        " CONVERSATION_CLIENT_BASE_URL says where Pieces OS is"
    )

"""What is secret in a URL that is refused; the matrix sees to all other places."""

import pytest

from conversation_client import AsyncConversationClient, ConversationClient, InvalidArgumentError

from .canaries import PASSWORD, SECRETS, USER, found_in, told_by


@pytest.mark.parametrize("kind", [AsyncConversationClient, ConversationClient])
@pytest.mark.parametrize("prefix", ["", f"{USER}:{PASSWORD}@"])
@pytest.mark.parametrize("mark", "?#")
def test_refusal_of_a_base_url_tells_no_secret(
    kind: type[AsyncConversationClient | ConversationClient], prefix: str, mark: str
) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        kind(f"http://{prefix}localhost:1000/{mark}token={SECRETS['query token']}")
    assert [
        (where, found_in(text)) for where, text in told_by(caught.value) if found_in(text)
    ] == []

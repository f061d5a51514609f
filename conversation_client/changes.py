"""What `client.conversations.watch()` tells."""

import attrs


@attrs.frozen
class ConversationChange:
    """A conversation that is there, has changed, or is gone."""

    id: str
    deleted: bool
    """Whether it is gone."""

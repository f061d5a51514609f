"""A local server that behaves like Pieces OS, for tests and for trying things out."""

from conversation_client.testing.emulator import STARTING_CONVERSATION, Emulator
from conversation_client.testing.recording import RecordedRequest

__all__ = ["STARTING_CONVERSATION", "Emulator", "RecordedRequest"]

"""An exchange as a conversation that a person can read."""

from __future__ import annotations

from kaizen_eval.recording.conversation.reading import Conversation, conversation_of, last_words
from kaizen_eval.recording.conversation.said import Part, Said

__all__ = ["Conversation", "Part", "Said", "conversation_of", "last_words"]

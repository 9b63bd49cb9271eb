"""The text that a streamed answer adds up to, for whoever reviews a cassette."""

from __future__ import annotations

from kaizen_eval.recording.conversation.answers import answered
from kaizen_eval.recording.conversation.said import Part
from kaizen_eval.recording.conversation.streams import assembled, events

__all__ = ["assembled_text"]


def assembled_text(data: bytes) -> str:
    """What was said, as far as it came; empty where the body is no stream of events, or says nothing."""
    body = assembled(events(data)) if b"data:" in data[:1000] else None
    texts = [_text(part) for said in answered(body or {}) for part in said.parts]
    return "\n\n".join(text for text in texts if text)


def _text(part: Part) -> str:
    """A call as `get_weather {"city": "Paris"}`."""
    return f"{part.name} {part.text}".strip() if part.kind == "call" else part.text

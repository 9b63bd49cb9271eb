"""How large a cassette may be."""

from __future__ import annotations

from kaizen_eval.errors import RecordingError
from kaizen_eval.recording.body import Body

__all__ = ["MOST_BYTES", "MOST_BYTES_OF_BODY", "allowed", "too_large"]

MOST_BYTES = 512 * 1024 * 1024
"""What a whole file may hold; whoever reads one looks at its size first."""
MOST_BYTES_OF_BODY = 128 * 1024 * 1024


def allowed(body: Body) -> bytes:
    """Its bytes.

    Raises:
        RecordingError: they are too many to be kept.
    """
    if len(body.data) <= MOST_BYTES_OF_BODY:
        return body.data
    raise too_large(len(body.data))


def too_large(size: int, *, most: int = MOST_BYTES_OF_BODY) -> RecordingError:
    """What is said of a body of so many bytes."""
    return RecordingError(
        f"A body has {size:,} bytes; a cassette keeps bodies of up to {most:,}. "
        "Ask for less at once, or leave this request to mode 'live'."
    )

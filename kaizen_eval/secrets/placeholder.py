"""What stands in a cassette where a secret stood."""

from __future__ import annotations

from typing import Final

__all__ = ["REDACTED"]

REDACTED: Final = "[REDACTED]"
"""One for all kinds of secrets: the same request has the same key on every machine."""

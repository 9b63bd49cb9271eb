"""What a reply that is still being written says for certain."""

from __future__ import annotations

from kaizen_eval.llm.partial.reading import PartialReading

__all__ = ["PartialReading"]

"""PartialReading: the outputs that a reply states so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.signatures import Signature

__all__ = ["PartialReading"]


class PartialReading:
    def __init__(self, signature: type[Signature]) -> None:
        self._signature = signature

    def feed(self, text: str) -> dict[str, Any] | None:
        return None

    def contradicted(self, values: Mapping[str, Any]) -> str | None:
        return None

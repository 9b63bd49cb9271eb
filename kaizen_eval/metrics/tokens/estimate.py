"""The estimate: counts for models whose encoding is not at hand."""

from __future__ import annotations

from kaizen_eval.metrics.tokens.encoding import Encoding

__all__ = ["BYTES_PER_TOKEN", "ESTIMATE", "estimate"]

BYTES_PER_TOKEN = 4
"""The usual rule of thumb for English; an estimate, never what a provider bills."""


def estimate(text: str) -> int:
    """A rough count: UTF-8 bytes over four, rounded up."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


class _Estimate:
    name = "estimate"
    is_exact = False

    def count(self, text: str) -> int:
        return estimate(text)

    def split(self, text: str) -> tuple[bytes, ...]:
        data = text.encode("utf-8", "surrogatepass")
        return tuple(data[start : start + BYTES_PER_TOKEN] for start in range(0, len(data), BYTES_PER_TOKEN))


ESTIMATE: Encoding = _Estimate()

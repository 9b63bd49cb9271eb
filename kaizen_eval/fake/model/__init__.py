"""What a model does with a request: it speaks, calls tools and thinks, within the tokens it is given."""

from __future__ import annotations

__all__: list[str] = []

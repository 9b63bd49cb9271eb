"""How a reply is made from a JSON Schema; `kaizen_eval.fake.generate` is the entrance."""

from __future__ import annotations

__all__: list[str] = []

"""The steps by which `kaizen_eval.llm.parse` reads a reply: each module knows one of them."""

from __future__ import annotations

__all__: list[str] = []

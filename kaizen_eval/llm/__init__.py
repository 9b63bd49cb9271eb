"""One exchange with one model: prompt, call, parse, and the OpenAI provider."""

from __future__ import annotations

__all__: list[str] = []

"""What the fake says, and when: rules, the conditions under which each is for a request, and the replies they give."""

from __future__ import annotations

__all__: list[str] = []

"""The JSON objects in a stream of server-sent events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["events_of"]

_DATA = re.compile(r"^data:[ ]?(\{[^\r\n]*)", re.MULTILINE)


def events_of(data: bytes) -> Iterator[dict[str, Any]]:
    """Each that is whole, in order; none where the body is no such stream."""
    if b"data:" not in data[:1000]:
        return
    for found in _DATA.finditer(data.decode(errors="replace")):
        try:
            event = json.loads(found[1])
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            yield event

"""Bodies of responses that both kinds of a client's code accept as its own."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

__all__ = ["stream_of"]


@cache
def stream_of(http: ModuleType, kind: type) -> Any:
    """That class, as a synchronous and an asynchronous stream of the client's: it looks for its own base classes."""
    return type(kind.__name__, (kind, http.SyncByteStream, http.AsyncByteStream), {"__slots__": ()})

"""The errors of httpx and httpx2, by the names that a cassette keeps."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from kaizen_eval.errors import CassetteMiss
from kaizen_eval.recording.exchange import Failure

__all__ = ["name_of", "raised"]


def name_of(http: ModuleType, error: Exception) -> str:
    """What a cassette calls it: the nearest class that the client's module, httpx or httpx2, names; else its own."""
    names = (kind.__name__ for kind in type(error).__mro__ if _named(http, kind.__name__) is kind)
    return next(names, type(error).__name__)


def raised(http: ModuleType, failure: Failure, request: object) -> Exception:
    """What the client raises for it: its own error, or a CassetteMiss where it has none of that name."""
    kind = _named(http, failure.error)
    if kind is None:
        return CassetteMiss(
            f"While this was recorded, {failure.error} ended it ({failure.message or 'without a word'}). That is no "
            f"error of {http.__name__}, so it cannot be raised again: record it anew."
        )
    error: Exception = kind(failure.message, request=request)
    return error


def _named(http: ModuleType, name: str) -> Any:
    """The class; None where the module has no such error."""
    kind = getattr(http, name, None)
    return kind if isinstance(kind, type) and issubclass(kind, http.RequestError) else None

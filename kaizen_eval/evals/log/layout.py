"""A dataclass as a JSON object: what holds its default is left out, keys that are not known are passed by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

__all__ = ["Layout", "Part", "listed", "optional"]

_T = TypeVar("_T")
_NEVER = object()


class Part(NamedTuple):
    """How one field is written and read."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


class Layout(Generic[_T]):
    """Of one class. Fields without a part are strings, whole numbers and the like, which JSON holds as they are."""

    def __init__(self, kind: type[_T], **parts: Part) -> None:
        self._kind = kind
        known = fields(kind)  # type: ignore[arg-type]  # mypy knows no bound that means a dataclass
        self._values = attrgetter(*(field.name for field in known))
        self._writing = [(field.name, *_default(field), _writer(parts, field.name)) for field in known]
        self._reading = {field.name: parts[field.name].read if field.name in parts else None for field in known}

    def write(self, value: _T) -> dict[str, Any]:
        return {
            name: held if write is None else write(held)
            for (name, default, kind, write), held in zip(self._writing, self._values(value), strict=True)
            if held is not default and (held.__class__ is not kind or held != default)
        }

    def read(self, raw: dict[str, Any]) -> _T:
        """Raises:
        AttributeError, KeyError, TypeError, ValueError, ArithmeticError: it is none.
        """
        reading = self._reading
        held = {}
        for name, inner in raw.items():
            if name in reading:
                read = reading[name]
                held[name] = inner if read is None else read(inner)
        return self._kind(**held)

    @property
    def part(self) -> Part:
        """For a field of this class in another."""
        return Part(self.write, self.read)


def listed(part: Part) -> Part:
    """A tuple of such."""
    write, read = part
    return Part(lambda held: list(map(write, held)), lambda raw: tuple(map(read, raw)))


def optional(part: Part) -> Part:
    """For a field that may be None and has another default."""
    write, read = part
    return Part(
        lambda held: None if held is None else write(held),
        lambda raw: None if raw is None else read(raw),
    )


def _writer(parts: dict[str, Part], name: str) -> Callable[[Any], Any] | None:
    return parts[name].write if name in parts else None


def _default(field: Field[Any]) -> tuple[Any, type]:
    """With its class; what no field holds, where there is none."""
    if field.default_factory is not MISSING:
        default = field.default_factory()
    else:
        default = _NEVER if field.default is MISSING else field.default
    return default, default.__class__

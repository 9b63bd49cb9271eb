"""A patch: one attribute replaced, and put back as it was."""

from __future__ import annotations

from typing import Any

__all__ = ["Patch"]

_INHERITED: Any = object()


class Patch:
    """Replaces an attribute of a module or a class; code that was patched over it meanwhile is never undone."""

    def __init__(self, target: Any, attribute: str, replacement: Any) -> None:
        self.target = target
        self.attribute = attribute
        self.replacement = replacement
        self._original = vars(target).get(attribute, _INHERITED)

    def __repr__(self) -> str:
        return f"Patch({getattr(self.target, '__name__', self.target)}.{self.attribute})"

    def apply(self) -> None:
        setattr(self.target, self.attribute, self.replacement)

    def undo(self) -> bool:
        """False where somebody else has patched it since: theirs stays, and may put ours back when it goes."""
        if vars(self.target).get(self.attribute, _INHERITED) is not self.replacement:
            return vars(self.target).get(self.attribute, _INHERITED) is self._original
        if self._original is _INHERITED:
            delattr(self.target, self.attribute)
        else:
            setattr(self.target, self.attribute, self._original)
        return True

"""Problems: everything that is wrong in one file, each with its place, as one error."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import NoReturn

from kaizen_eval.errors import UsageError
from kaizen_eval.handwritten.nodes import Kind, Node, Spot

__all__ = ["Problems"]

_MOST = 20
"""Problems that an error tells; the others are counted."""


class Problems:
    """Collects what is wrong in a file.

    Args:
        name: the file's, as messages give it.
        error: the error that has this message, and tells of these problems.
    """

    def __init__(
        self, name: str, error: Callable[[str, tuple[str, ...]], UsageError] = lambda message, _: UsageError(message)
    ) -> None:
        self.name = name
        self._error = error
        self._found: list[tuple[Spot, str]] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, where: Node | Spot, what: str) -> None:
        """Take note of a problem; `what` is a sentence."""
        self._found.append((where.spot if isinstance(where, Node) else where, what))

    def expected(self, expected: str, node: Node, *, kinds: Container[Kind] = ()) -> None:
        """Take note that something else stands where this was expected, and one of these kinds."""
        self.add(node, f"expected {expected}, not {_came(node)}.{_hint(kinds, node)}")

    def stop(self, where: Spot, what: str) -> NoReturn:
        """The error for a file of which nothing more can be read."""
        self.add(where, what)
        raise self.error()

    def raise_any(self) -> None:
        """The error, if there is a problem.

        Raises:
            UsageError: with all of them, in the order of the file.
        """
        if self._found:
            raise self.error()

    def error(self) -> UsageError:
        """All problems, in the order of the file."""
        lines = [f"{self.name}:{spot.line}:{spot.column}: {what}" for spot, what in sorted(set(self._found))]
        return self._error(_message(self.name, lines), tuple(lines))


def _message(name: str, lines: list[str]) -> str:
    if len(lines) == 1:
        return lines[0]
    rest = [f"… and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return "\n  ".join([f"{name} has {len(lines)} mistakes:", *lines[:_MOST], *rest])


_LONGEST = 60
_NOUNS = {"null": "nothing", "list": "a list", "object": "an object"}


def _came(node: Node) -> str:
    if node.kind in _NOUNS:
        return _NOUNS[node.kind]
    shown = node.written if node.kind != "text" else repr(node.scalar)
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
    return f"the {'text' if node.kind == 'text' else 'value' if node.kind == 'flag' else 'number'} {shown}"


def _hint(kinds: Container[Kind], node: Node) -> str:
    """What was probably meant."""
    if "text" in kinds and node.written:
        return f' Write it in quotes: "{node.written}".'
    if "flag" in kinds and isinstance(node.scalar, str):
        meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(node.scalar.lower())
        return f" Write {meant}." if meant else ""
    return ""

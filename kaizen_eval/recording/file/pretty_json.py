"""JSON text with line breaks and indents for people, every token as it was written."""

from __future__ import annotations

import re

__all__ = ["pretty"]

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SCALAR = rf"(?:{_STRING}|-?[0-9][0-9.eE+-]*+|true|false|null|NaN|-?Infinity)"
_WHITE = r"[ \t\r\n]*+"
_TOKEN = re.compile(
    rf"(?P<row>\[{_WHITE}{_SCALAR}{_WHITE}(?:,{_WHITE}{_SCALAR}{_WHITE})*+\])"
    rf"|(?P<scalar>{_SCALAR})|(?P<open>[\[{{])|(?P<close>[\]}}])|(?P<comma>,)|(?P<colon>:)|(?P<white>[ \t\r\n]++)",
    re.DOTALL,
)
_ITEM = re.compile(_SCALAR, re.DOTALL)
_DEEPEST = 60
_WIDEST = 100


def pretty(text: str) -> str | None:
    """The same JSON on many lines; None where it is nested too deep for anybody to read."""
    lines = _Lines()
    for token in _TOKEN.finditer(text):
        lines.add(token.lastgroup or "", token[0])
        if lines.depth > _DEEPEST:
            return None
    return lines.text()


class _Lines:
    """Writes tokens on lines."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._is_fresh = False
        """Whether a list or object was opened and nothing stands in it yet."""
        self.depth = 0

    def add(self, kind: str, token: str) -> None:
        if kind == "close":
            self._close(token)
        elif kind != "white":
            if self._is_fresh:
                self._break()
            self._is_fresh = False
            getattr(self, f"_{kind}")(token)

    def text(self) -> str:
        return "".join(self._out)

    def _close(self, token: str) -> None:
        self.depth -= 1
        if not self._is_fresh:
            self._break()
        self._is_fresh = False
        self._out.append(token)

    def _open(self, token: str) -> None:
        self._out.append(token)
        self.depth += 1
        self._is_fresh = True

    def _scalar(self, token: str) -> None:
        self._out.append(token)

    def _comma(self, _: str) -> None:
        self._out.append(",")
        self._break()

    def _colon(self, _: str) -> None:
        self._out.append(": ")

    def _row(self, token: str) -> None:
        """A list without lists and objects in it: on one line where it fits, else filled, texts one to a line."""
        items = _ITEM.findall(token)
        joined = f"[{', '.join(items)}]"
        if len(joined) <= _WIDEST:
            self._out.append(joined)
            return
        self._open("[")
        self._is_fresh = False
        self._break()
        self._fill(items)
        self._close("]")

    def _fill(self, items: list[str]) -> None:
        room = _WIDEST
        for item in items[:-1]:
            self._out.append(f"{item},")
            room -= len(item) + 2
            if room < 0 or item.startswith('"'):
                self._break()
                room = _WIDEST
            else:
                self._out.append(" ")
        self._out.append(items[-1])

    def _break(self) -> None:
        self._out.append("\n" + "  " * self.depth)

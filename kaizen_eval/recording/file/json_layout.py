"""JSON bodies with line breaks and indents for people, and without them again, byte for byte.

Nothing is parsed into values: strings, numbers and names stay as they were written, and only the white space between
them changes. A layout names what makes the bytes again, in words: "compact", or "spaced" as Python writes it; "ascii"
where all else was escaped; "bare" where invisible characters stood as themselves; "newline" where one ended it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Laid", "bare_of", "laid_out"]

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SCALAR = rf"(?:{_STRING}|-?[0-9][0-9.eE+-]*+|true|false|null|NaN|-?Infinity)"
_WHITE = r"[ \t\r\n]*+"
_TOKEN = re.compile(
    rf"(?P<row>\[{_WHITE}{_SCALAR}{_WHITE}(?:,{_WHITE}{_SCALAR}{_WHITE})*+\])"
    rf"|(?P<scalar>{_SCALAR})|(?P<open>[\[{{])|(?P<close>[\]}}])|(?P<comma>,)|(?P<colon>:)|(?P<white>[ \t\r\n]++)",
    re.DOTALL,
)
_ITEM = re.compile(_SCALAR, re.DOTALL)
_INSIDE = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"|\Z)', re.DOTALL)
"""What stands in a string; one that never ends goes to the end."""
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})(?:\\u(d[c-f][0-9a-f]{2}))?|.)", re.DOTALL)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_INVISIBLE = re.compile(
    "[\x7f-\xa0\xad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202f\u205f-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)
"""Fixed, and no question to Unicode's tables: they change, and files stay."""
_DEEPEST = 60
_LARGEST = 4_000_000
"""Characters: nobody reads more, and indents could make many times that of it."""
_WIDEST = 100


class Laid(NamedTuple):
    text: str
    layout: str


def laid_out(text: str) -> Laid | None:
    """The JSON text on many lines; None where it is none, has many lines already, or would not come back."""
    if text[:1] not in {"{", "["} or "\n" in text[:-1] or len(text) > _LARGEST:
        return None
    lines = _on_lines(text)
    return None if lines is None else next((made for made in _candidates(lines, text) if bare_of(*made) == text), None)


def bare_of(text: str, layout: str) -> str:
    """The text without its line breaks and indents, as the layout says.

    Raises:
        ValueError: there is no such layout.
    """
    words = layout.split(" ")
    if words[0] not in {"compact", "spaced"} or not {"ascii", "bare", "newline"}.issuperset(words[1:]):
        raise ValueError(f"there is no layout {layout!r}")
    made = _close(text, is_spaced=words[0] == "spaced")
    if "bare" in words:
        made = _ESCAPE.sub(_bared, made)
    if "ascii" in words:
        made = _NOT_ASCII.sub(_escaped, made)
    return made + "\n" if "newline" in words else made


def _close(text: str, *, is_spaced: bool) -> str:
    """The text without white space between its tokens, or with one space after each comma and colon."""
    parts = _INSIDE.split(text) if '\\"' in text else text.split('"')
    outside = ["".join(part.split()) for part in parts[::2]]
    parts[::2] = [part.replace(",", ", ").replace(":", ": ") for part in outside] if is_spaced else outside
    return '"'.join(parts)


def _candidates(lines: str, text: str) -> Iterator[Laid]:
    """What may make the text again, the likeliest first."""
    end = " newline" if text.endswith("\n") else ""
    shown, signs = _shown(lines)
    for spaces in ("spaced", "compact") if ", " in text or ": " in text else ("compact", "spaced"):
        yield Laid(shown, f"{spaces}{signs}{end}")
        if shown != lines:
            yield Laid(lines, f"{spaces}{end}")


def _shown(lines: str) -> tuple[str, str]:
    """The lines with invisible characters escaped, or with visible ones not escaped, and the layout's word for it."""
    if not lines.replace("\n", "").isprintable() and _INVISIBLE.search(lines):
        return _INVISIBLE.sub(_escaped, lines), " bare"
    if "\\u" in lines and lines.isascii():
        shown = _ESCAPE.sub(_readable, lines)
        return shown, "" if shown == lines else " ascii"
    return lines, ""


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _character(found: re.Match[str]) -> str | None:
    """What an escape stands for; None where it stands for itself, a letter or half of a pair."""
    if found[1] is None:
        return None
    code = bytes.fromhex(found[1] + (found[2] or "")).decode("utf-16-be", "replace")
    return code if len(code) == 1 and code != "\ufffd" else None


def _readable(found: re.Match[str]) -> str:
    made = _character(found)
    return found[0] if made is None or made.isascii() or _INVISIBLE.match(made) else made


def _bared(found: re.Match[str]) -> str:
    made = _character(found)
    return made if made is not None and _INVISIBLE.match(made) else found[0]


def _on_lines(text: str) -> str | None:
    """The same tokens on many lines; None where it is no JSON, or nested too deep to be readable."""
    lines = _Lines()
    at = 0
    while (token := _TOKEN.match(text, at)) is not None and lines.add(token.lastgroup or "", token[0]):
        at = token.end()
    return lines.text() if at == len(text) and lines.depth == 0 else None


class _Lines:
    """Writes tokens on lines."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._is_fresh = False
        """Whether a list or object was opened and nothing stands in it yet."""
        self.depth = 0

    def add(self, kind: str, token: str) -> bool:
        """Whether it could be written."""
        if kind == "white":
            return True
        if kind == "close":
            return self._close(token)
        if self._is_fresh:
            self._break()
        self._is_fresh = False
        getattr(self, f"_{kind}")(token)
        return self.depth <= _DEEPEST

    def text(self) -> str:
        return "".join(self._out)

    def _close(self, token: str) -> bool:
        self.depth -= 1
        if not self._is_fresh:
            self._break()
        self._is_fresh = False
        self._out.append(token)
        return self.depth >= 0

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
        self._out.append("\n" + "  " * max(self.depth, 0))

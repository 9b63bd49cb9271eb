"""JSON bodies with line breaks and indents for people, and without them again, byte for byte.

Nothing is parsed into values: strings, numbers and names stay as they were written, and only the white space between
them changes. A layout names what makes the bytes again, in words: "compact", or "spaced" as Python writes it; "ascii"
where all else was escaped; "bare" where invisible characters stood as themselves; "newline" where one ended it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from kaizen_eval.recording.file.pretty_json import pretty

__all__ = ["Laid", "bare_of", "laid_out"]

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
_LARGEST = 4_000_000
"""Characters: nobody reads more, and indents could make many times that of it."""


class Laid(NamedTuple):
    text: str
    layout: str


def laid_out(text: str) -> Laid | None:
    """The JSON text on many lines; None where it is none, has many lines already, or would not come back."""
    if text[:1] not in {"{", "["} or "\n" in text[:-1] or len(text) > _LARGEST or not _is_json(text):
        return None
    lines = pretty(text)
    return None if lines is None else next((made for made in _candidates(lines, text) if bare_of(*made) == text), None)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


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

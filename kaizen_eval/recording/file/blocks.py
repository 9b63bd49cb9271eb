"""Bodies and other texts as blocks of YAML: readable where the bytes come back the same, safe where they would not."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from kaizen_eval.recording.file.json_layout import laid_out

__all__ = ["body_lines", "quoted", "scalar", "text_lines"]

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./+-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""What some version of YAML takes for something else than a text."""
_UNPRINTABLE = "[^\t\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_UNFIT = re.compile(_UNPRINTABLE + r"|[ \t](?=\n|\Z)")
"""What a literal block does not carry, or what editors and hooks take away from the ends of lines."""
_QUOTED = re.compile(rf'{_UNPRINTABLE}|[\t\n"\\]')
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_WIDE = 100
_MOST_LINES = 500_000
"""Beyond that nobody reads them, and the indents alone could outgrow the file."""


def scalar(text: str) -> str:
    """On one line, without quotes where every reader takes it for a text."""
    return text if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS else quoted(text)


def quoted(text: str) -> str:
    """On one line, in double quotes; a lone surrogate, which no file can hold, becomes a replacement character."""
    return f'"{_QUOTED.sub(_escape, text)}"'


def body_lines(data: bytes, indent: int) -> Iterator[str]:
    """The fields of a body that hold its bytes."""
    text = _readable(data)
    if text is None:
        yield from _base64_lines(data, indent)
        return
    laid = laid_out(text)
    if laid is not None:
        yield f"{' ' * indent}layout: {scalar(laid.layout)}"
        yield from text_lines("json", laid.text, indent)
    elif "\r\n" in text and "\r" not in (bare := text.replace("\r\n", "\n")) and bare.count("\n") == text.count("\r"):
        yield f"{' ' * indent}layout: crlf"
        yield from text_lines("raw", bare, indent)
    else:
        yield from text_lines("raw", text, indent)


def _readable(data: bytes) -> str | None:
    """As text, where it is one that may be read."""
    try:
        return data.decode() if data.count(b"\n") <= _MOST_LINES else None
    except UnicodeDecodeError:
        return None


def text_lines(name: str, text: str, indent: int) -> Iterator[str]:
    """A field with a text of any length: a literal block where that holds it, else quoted, with a line for each."""
    if text == "" or not _fits_literal(text):
        yield from _quoted_lines(name, text, indent)
        return
    begin = "2" if text[0] in " \t\n" else ""
    whole = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") or text == "\n" else ""
    margin = " " * (indent + 2)
    yield f"{' ' * indent}{name}: |{begin}{whole}"
    for line in text.removesuffix("\n").split("\n"):
        yield margin + line if line else ""


def _fits_literal(text: str) -> bool:
    """Whether it comes back the same out of a literal block, also past editors and hooks."""
    if text.replace("\n", "").isprintable():
        return " \n" not in text and text[-1] != " "
    return _UNFIT.search(text) is None


def _quoted_lines(name: str, text: str, indent: int) -> Iterator[str]:
    first, *rest = text.split("\n")
    if not rest:
        yield f"{' ' * indent}{name}: {quoted(text)}"
        return
    margin = " " * (indent + 2)
    yield f'{" " * indent}{name}: "\\'
    for line in (first, *rest[:-1]):
        yield f"{margin}{_continued(line)}\\n\\"
    yield f'{margin}{_continued(rest[-1])}"'


def _continued(line: str) -> str:
    """Inside of quotes, at the beginning of a line, where a space would be taken for its indent."""
    made = quoted(line)[1:-1]
    return "\\" + made if made.startswith(" ") else made


def _base64_lines(data: bytes, indent: int) -> Iterator[str]:
    text = base64.b64encode(data).decode()
    yield f"{' ' * indent}base64: |-"
    for at in range(0, len(text), _WIDE):
        yield " " * (indent + 2) + text[at : at + _WIDE]


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    if "\ud800" <= sign <= "\udfff":
        return "\ufffd"
    return _SHORT.get(sign) or f"\\u{ord(sign):04x}"

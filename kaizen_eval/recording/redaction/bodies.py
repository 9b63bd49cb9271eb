"""Searches bodies of every kind for secrets: JSON, streams of events, forms, parts of forms, text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kaizen_eval.recording.redaction.decoded import Decoded, from_percent, joined, plain
from kaizen_eval.recording.redaction.names import level_of
from kaizen_eval.recording.redaction.rules import Rules
from kaizen_eval.recording.redaction.search import Found, documents_found, is_secret, text_found
from kaizen_eval.secrets.kinds import NAMED
from kaizen_eval.secrets.spans import Span

__all__ = ["body_found", "is_stream"]

_LINE = re.compile(r"(?:([A-Za-z]{0,20})(?::[ ]?|(?=[\r\n]|$)))?([^\r\n]*)(\r\n|\n|\r|$)")
_STREAM = re.compile(r"\ufeff?(?:data|event|id|retry)?:")
_FIELD = re.compile(r"([^&=]*)(?:=([^&]*))?(?:&|$)")
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_PART_NAME = re.compile(r'(?i:content-disposition:)[^\r\n]*?(?<![a-z])name="?([^"\r\n;]*)')
_HEADS_END = re.compile(r"\r\n\r\n|\n\n")


def body_found(text: str, content_type: str, rules: Rules) -> Iterator[Found]:
    """The secrets of a body.

    Args:
        text: of it, as `text_of` makes it.
        content_type: of its header; empty where there is none.
        rules: what is looked for.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return _form(text, rules)
    if kind.startswith("multipart/") and (boundary := _BOUNDARY.search(content_type)):
        return _multipart(text, boundary[1] or boundary[2], rules)
    if is_stream(text, content_type):
        return _stream(text, rules)
    return documents_found([plain(text, 0, len(text))], rules)


def is_stream(text: str, content_type: str) -> bool:
    """Whether it is one of server-sent events, by its type or its looks."""
    return content_type.lower().startswith("text/event-stream") or bool(_STREAM.match(text))


def _stream(text: str, rules: Rules) -> Iterator[Found]:
    others: dict[int, int] = {}
    events = list(_events(text, others))
    yield from documents_found(events, rules)
    for start, end in others.items():
        yield from text_found(plain(text, start, end), rules, ("line",))


def _events(text: str, others: dict[int, int]) -> Iterator[Decoded]:
    """The data of each event.

    What is no data goes to the others, by start and end; a line that names no field, together with those before it:
    a private key may go on there.
    """
    lines: list[Decoded] = []
    before = None
    for line in _LINE.finditer(text):
        field, value, _ = line.groups()
        begin, end = line.span(2)
        before = None if not value else begin if before is None or field is not None else before
        if field == "data":
            if lines:
                lines.append(plain(text, lines[-1].source_end, lines[-1].source_end + 1))
            lines.append(plain(text, begin, end))
        elif before is not None:
            others[before] = end
        elif lines and not field:
            yield lines[0] if len(lines) == 1 else joined(lines)
            lines = []
    if lines:
        yield joined(lines)


def _form(text: str, rules: Rules) -> Iterator[Found]:
    for field in _FIELD.finditer(text):
        name = from_percent(text, *field.span(1), form=True)
        yield from text_found(name, rules, (name.text,))
        if field[2]:
            value = from_percent(text, *field.span(2), form=True)
            yield from _named_found(name.text, value, rules)


def _named_found(name: str, value: Decoded, rules: Rules) -> Iterator[Found]:
    if is_secret(level_of(name, rules.names), value.text):
        yield Found(Span(value.source(0), value.source_end, NAMED), (name,))
    else:
        yield from text_found(value, rules, (name,))


def _multipart(text: str, boundary: str, rules: Rules) -> Iterator[Found]:
    for start, end in _parts(text, f"--{boundary}"):
        heads_end = _HEADS_END.search(text, start, end)
        body = heads_end.end() if heads_end else start
        yield from text_found(plain(text, start, body), rules, ("part",))
        name = _PART_NAME.search(text, start, body)
        yield from _named_found(name[1] if name else "part", plain(text, body, end), rules)


def _parts(text: str, mark: str) -> Iterator[tuple[int, int]]:
    """Where each part begins and ends, without the lines that part them."""
    start = text.find(mark)
    while start >= 0:
        begin, following = start + len(mark), text.find(mark, start + len(mark))
        end = following if following >= 0 else len(text)
        if not text.startswith("--", begin):
            yield begin, _before_line_end(text, begin, end) if following >= 0 else end
        start = following


def _before_line_end(text: str, start: int, end: int) -> int:
    return end - (2 if text.endswith("\r\n", start, end) else 1 if text.endswith("\n", start, end) else 0)

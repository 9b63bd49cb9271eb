"""The documents of a cassette file as text: which exchange stands in which lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Document", "documents", "request_digest", "text_block"]

_LANE = re.compile(r"^lane: (.*)$", re.MULTILINE)
_SLOT = re.compile(r"^slot: ([0-9]+)$", re.MULTILINE)
_ANSWER = re.compile(r"^(?:response|failure):$", re.MULTILINE)
_DIGEST = re.compile(r'^    digest: "([0-9a-f]+)"$', re.MULTILINE)
_TEXT = re.compile(r"^    text: [^\n]*\n(?:(?:      [^\n]*)?\n)*", re.MULTILINE)
"""What stands beside a stream for people; a block, or a quoted text over several lines."""


class Document(NamedTuple):
    """The text of one exchange."""

    lane: str
    slot: int
    text: str
    line: int
    """Its first, from 1."""


def documents(text: str) -> tuple[Document, ...]:
    """Those of the exchanges of a cassette that can be read, in the order of the file."""
    found = _of_lines(text) if text.startswith("{") else _of_yaml(text)
    return tuple(found)


def text_block(document: Document) -> tuple[str, int] | None:
    """The text beside a stream, for people, as it stands there, and its line; None where there is none."""
    found = _TEXT.search(document.text)
    if found is None:
        return None
    return found[0], document.line + document.text.count("\n", 0, found.start())


def _of_yaml(text: str) -> Iterator[Document]:
    line = 1
    for index, part in enumerate(re.split(r"^---\n", text.removesuffix("...\n"), flags=re.MULTILINE)):
        slot, lane = _SLOT.search(part), _LANE.search(part)
        if index and slot:
            yield Document(_bare(lane[1]) if lane else "", int(slot[1]), part, line)
        line += part.count("\n") + 1


def _bare(scalar: str) -> str:
    return str(json.loads(scalar)) if scalar.startswith('"') else scalar


def _of_lines(text: str) -> Iterator[Document]:
    for number, line in enumerate(text.splitlines(), start=1):
        fields = json.loads(line)
        if number > 1 and "slot" in fields:
            yield Document(fields.get("lane", ""), fields["slot"], line, number)


def request_digest(document: Document) -> str:
    """The digest that stands there for the request's body; empty where it has none."""
    if document.text.startswith("{"):
        body = json.loads(document.text)["request"].get("body") or {}
        return str(body.get("digest", ""))
    request = _ANSWER.split(document.text, maxsplit=1)[0]
    found = _DIGEST.search(request)
    return found[1] if found else ""

"""Parts of reports in Markdown, whatever signs they hold."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from kaizen_eval.cli.output import legible

__all__ = ["block", "cell", "details", "one_line", "table"]


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Its lines; what stands in a row is text, what stands in the head is Markdown."""
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(map(cell, row))} |"


def details(summary: str, inside: Iterable[str]) -> Iterator[str]:
    """Folded under a summary, which is HTML."""
    yield f"<details><summary>{summary}</summary>"
    yield ""
    yield from inside
    yield ""
    yield "</details>"
    yield ""


def block(language: str, code: str) -> Iterator[str]:
    """In a fence that it cannot end."""
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language}"
    yield legible(code).rstrip()
    yield fence


def one_line(words: str) -> str:
    return " ".join(legible(words).split())


def cell(words: str) -> str:
    """On one line, with nothing that Markdown or HTML would take for its own."""
    line = html.escape(one_line(words), quote=False)
    return "".join(f"\\{sign}" if sign in "\\|`*_[]#" else sign for sign in line)

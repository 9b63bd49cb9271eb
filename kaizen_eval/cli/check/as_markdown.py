"""A check's report as Markdown, for a comment on a pull request and for a step's summary."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from kaizen_eval.cli.cassettes.output import legible
from kaizen_eval.cli.check.words import bad, diagram, effort, figures, groups, head, regression
from kaizen_eval.conformance.checking import CheckReport, LawReport

__all__ = ["text"]

_WIDTH = 100
_COLUMNS = ("kept", "violated", "not applicable")


def text(report: CheckReport, seconds: float) -> str:
    return "\n".join(_lines(report, seconds)) + "\n"


def _lines(report: CheckReport, seconds: float) -> Iterator[str]:
    yield f"**{_cell(head(report))}** {regression(report)}".rstrip()
    yield ""
    yield from _table(("laws", *_COLUMNS, "not judged"), [_row(name, laws) for name, laws in groups(report).items()])
    if figures(report):
        yield ""
        yield from _table(("situation", "figure", "accepted", "now", ""), figures(report))
    yield ""
    for law in bad(report):
        yield from _details(f"<b>{html.escape(law.id)}</b>: {html.escape(_one_line(law.reason))}", _told(law))
    others = [law for law in report.laws if law not in bad(report)]
    if others:
        rows = [(law.id, law.verdict, law.sentence if law.verdict == "kept" else law.reason) for law in others]
        yield from _details(f"{len(others)} other laws", _table(("law", "verdict", ""), rows))
    yield from (f"> {_cell(notice)}" for notice in report.notices)
    yield f"<sub>{_cell(report.target)}: {effort(report, seconds)}.</sub>"


def _row(name: str, laws: Sequence[LawReport]) -> tuple[str, ...]:
    counts = [sum(law.verdict == column for law in laws) for column in _COLUMNS]
    return (name, *(str(count or "") for count in [*counts, len(laws) - sum(counts)]))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _details(summary: str, inside: Iterator[str]) -> Iterator[str]:
    yield f"<details><summary>{summary}</summary>"
    yield ""
    yield from inside
    yield ""
    yield "</details>"
    yield ""


def _told(law: LawReport) -> Iterator[str]:
    yield f"{_cell(law.sentence)} ({_cell(law.source)})"
    for language, block in (("text", diagram(law, _WIDTH)), ("python", legible(law.test))):
        if block:
            fence = "`" * max(3, _longest_run(block) + 1)
            yield ""
            yield f"{fence}{language}"
            yield block.rstrip()
            yield fence


def _longest_run(block: str) -> int:
    longest = run = 0
    for sign in block:
        run = run + 1 if sign == "`" else 0
        longest = max(longest, run)
    return longest


def _one_line(words: str) -> str:
    return " ".join(legible(words).split())


def _cell(words: str) -> str:
    """On one line, with nothing that Markdown or HTML would take for its own."""
    line = html.escape(_one_line(words), quote=False)
    return "".join(f"\\{sign}" if sign in "\\|`*_[]#" else sign for sign in line)

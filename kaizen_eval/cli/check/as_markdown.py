"""A check's report as Markdown, for a comment on a pull request and for a step's summary."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from kaizen_eval.cli.check.words import bad, diagram, effort, figures, groups, head, regression
from kaizen_eval.cli.markdown import block, cell, details, one_line, table
from kaizen_eval.conformance.checking import CheckReport, LawReport

__all__ = ["text"]

_WIDTH = 100
_COLUMNS = ("kept", "violated", "not applicable")


def text(report: CheckReport, seconds: float) -> str:
    return "\n".join(_lines(report, seconds)) + "\n"


def _lines(report: CheckReport, seconds: float) -> Iterator[str]:
    yield f"**{cell(head(report))}** {regression(report)}".rstrip()
    yield ""
    yield from table(("laws", *_COLUMNS, "not judged"), [_row(name, laws) for name, laws in groups(report).items()])
    if figures(report):
        yield ""
        yield from table(("situation", "figure", "accepted", "now", ""), figures(report))
    yield ""
    for law in bad(report):
        yield from details(f"<b>{html.escape(law.id)}</b>: {html.escape(one_line(law.reason))}", _told(law))
    others = [law for law in report.laws if law not in bad(report)]
    if others:
        rows = [(law.id, law.verdict, law.sentence if law.verdict == "kept" else law.reason) for law in others]
        yield from details(f"{len(others)} other laws", table(("law", "verdict", ""), rows))
    yield from (f"> {cell(notice)}" for notice in report.notices)
    yield f"<sub>{cell(report.target)}: {effort(report, seconds)}.</sub>"


def _row(name: str, laws: Sequence[LawReport]) -> tuple[str, ...]:
    counts = [sum(law.verdict == column for law in laws) for column in _COLUMNS]
    return (name, *(str(count or "") for count in [*counts, len(laws) - sum(counts)]))


def _told(law: LawReport) -> Iterator[str]:
    yield f"{cell(law.sentence)} ({cell(law.source)})"
    for language, code in (("text", diagram(law, _WIDTH)), ("python", law.test)):
        if code:
            yield ""
            yield from block(language, code)

"""What came of judging a client, as Markdown, for a comment on a pull request or a step's summary."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from kaizen_eval.amounts import many
from kaizen_eval.cli.markdown import block, cell, table
from kaizen_eval.conformance.clients.moments import moments
from kaizen_eval.conformance.clients.report import Report, Ruling
from kaizen_eval.conformance.diagram import drawn

__all__ = ["text"]

_WIDTH = 120


def text(report: Report) -> str:
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    broken = len(report.violated)
    verdict = f"{many(broken, 'law')} violated" if broken else "every law that was shown is kept"
    yield f"### kaizen-eval judge: {verdict}"
    yield ""
    yield f"<code>{cell(shlex.join(report.command))}</code>"
    yield ""
    rows = [(each.law.id, each.law.sentence, each.verdict, each.shown_by) for each in report.rulings]
    yield from table(("law", "what it says", "verdict", "shown by"), rows)
    for ruling in report.violated:
        yield from _violated(ruling)
    yield ""
    yield f"{cell(report.summary)} {cell(report.effort)}"


def _violated(ruling: Ruling) -> Iterator[str]:
    first = ruling.showings[0]
    yield ""
    yield f"**{ruling.law.id}**: {cell(ruling.law.lapse)}, under the plan {first.seen.plan.name}"
    yield ""
    yield cell(first.told)
    yield ""
    yield from block("text", drawn(moments(first.seen), width=_WIDTH))

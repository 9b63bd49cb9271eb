"""What came of judging a client, as people read it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kaizen_eval.conformance.clients.laws import LAWS
from kaizen_eval.conformance.clients.moments import moments
from kaizen_eval.conformance.clients.plan import Plan
from kaizen_eval.conformance.clients.report import Report, Ruling, Verdict
from kaizen_eval.conformance.diagram import drawn

__all__ = ["law_table", "plan_table", "report_parts"]

_STYLES: Mapping[Verdict, str] = {"kept": "green", "violated": "bold red", "not shown": "yellow"}
_INDENT = 2


def report_parts(report: Report, *, width: int = 80) -> Iterator[RenderableType]:
    """The laws as a table, then each that was not kept, with the exchanges that show it first."""
    yield _laws(report)
    for ruling in report.violated:
        yield from _violated(ruling, width)
    if report.left_out:
        names = ", ".join(plan.name for plan in report.left_out)
        yield Text(f"Left out, as nobody says when the client should give up (--deadline S): {names}.\n")
    yield Text(report.summary, "green" if report.is_kept else "bold red")
    yield Text(report.effort)


def plan_table(plans: Sequence[Plan]) -> RenderableType:
    """What each does, and which laws it can show."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("plan", no_wrap=True, style="cyan")
    table.add_column("what the client meets", ratio=3)
    table.add_column("laws that it can show", ratio=2)
    for plan in plans:
        does = f"{plan.does} Needs --deadline." if plan.needs_deadline else plan.does
        table.add_row(plan.name, does, ", ".join(plan.laws))
    return table


def law_table() -> RenderableType:
    """What each says, and what it is called not to keep it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("law", no_wrap=True, style="cyan")
    table.add_column("what it says", ratio=3)
    table.add_column("else", ratio=2)
    for law in LAWS:
        table.add_row(law.id, law.sentence, law.lapse)
    return table


def _laws(report: Report) -> RenderableType:
    """Those that some plan could have shown."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("law", no_wrap=True, style="cyan")
    table.add_column("verdict", no_wrap=True)
    table.add_column("shown by")
    for ruling in (each for each in report.rulings if each.held):
        by = f"{len(ruling.kept)} plan{'s' * (len(ruling.kept) != 1)}" if ruling.verdict == "kept" else ruling.shown_by
        table.add_row(ruling.law.id, Text(ruling.verdict, _STYLES[ruling.verdict]), by)
    return table


def _violated(ruling: Ruling, width: int) -> Iterator[RenderableType]:
    first, *others = ruling.showings
    plan = first.seen.plan
    yield Text.assemble((f"{ruling.law.id}: {ruling.law.lapse}", "bold red"), f", under the plan {plan.name}")
    also = ", ".join(dict.fromkeys(each.seen.plan.name for each in others))
    lines = [ruling.law.sentence, plan.does, first.told, *([f"Also under: {also}."] if also else []), ""]
    yield _indented("\n".join(lines))
    yield _indented(drawn(moments(first.seen), width=width - _INDENT) + "\n")


def _indented(text: str) -> RenderableType:
    return Padding(Text(text), (0, 0, 0, _INDENT))

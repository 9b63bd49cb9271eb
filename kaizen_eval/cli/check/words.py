"""What every form of a check's report says alike."""

from __future__ import annotations

from kaizen_eval.amounts import many
from kaizen_eval.cli.output import legible
from kaizen_eval.conformance.checking import CheckReport, LawReport
from kaizen_eval.conformance.diagram import drawn

__all__ = ["bad", "diagram", "effort", "figures", "groups", "head", "regression"]


def head(report: CheckReport) -> str:
    """The verdict in one sentence."""
    if all(law.verdict in {"stopped", "not judged"} for law in report.laws):
        return f"{report.subject} could not be judged: {report.laws[0].reason}"
    counts = report.counts
    applying = len(report.laws) - counts["not applicable"]
    broken, stopped, left = counts["violated"], counts["stopped"], counts["not judged"]
    parts = [_those(counts["not applicable"], "does not apply", "do not apply")]
    parts += [_those(stopped, "could not be judged to the end"), _those(left, "was not judged", "were not judged")]
    parts = [part for part in parts if part]
    rest = f" ({', '.join(parts)})" if parts else ""
    if broken:
        return f"{report.subject} breaks {broken} of {many(applying, 'law')}{rest}."
    if stopped or left:
        return f"{report.subject} breaks no law{rest}."
    if not applying:
        return f"No law applies to {report.subject}{rest}."
    if applying == 1:
        return f"{report.subject} keeps the one law that applies{rest}."
    return f"{report.subject} keeps all {applying} laws that apply{rest}."


def _those(count: int, one: str, several: str | None = None) -> str:
    return f"{count} {one if count == 1 else several or one}" if count else ""


def effort(report: CheckReport, seconds: float) -> str:
    """How much was tried."""
    tried = f"{many(report.examples, 'situation')}, {many(report.runs, 'run')}"
    return f"{tried} in {seconds:.0f} s; effort {report.effort}, seed {report.seed}"


def regression(report: CheckReport) -> str:
    """What became of the figures, in one sentence; empty without a baseline."""
    comparison = report.comparison
    if comparison is None:
        return ""
    if comparison.is_same:
        return "The figures are those of the baseline."
    counts = [(word, sum(change.direction == word for change in comparison.changes)) for word in _DIRECTIONS]
    told = [f"{count} {word}" for word, count in counts if count]
    told += [f"{many(len(names), 'situation')} {word}" for word, names in _others(report) if names]
    return f"Against the baseline: {', '.join(told)}."


def figures(report: CheckReport) -> list[tuple[str, str, str, str, str]]:
    """Situation, figure, old, new and direction of each change."""
    if report.comparison is None:
        return []
    rows = [(each.situation, each.figure, each.old, each.new, each.direction) for each in report.comparison.changes]
    return rows + [(name, "", "", "", word) for word, names in _others(report) for name in names]


_DIRECTIONS = ("worse", "different", "better")


def _others(report: CheckReport) -> list[tuple[str, tuple[str, ...]]]:
    comparison = report.comparison
    return [] if comparison is None else [("missing", comparison.missing), ("new", comparison.added)]


def bad(report: CheckReport) -> list[LawReport]:
    """Laws of which more is to be told."""
    return [law for law in report.laws if law.verdict in {"violated", "stopped"}]


def groups(report: CheckReport) -> dict[str, list[LawReport]]:
    found: dict[str, list[LawReport]] = {}
    for law in report.laws:
        found.setdefault(law.group, []).append(law)
    return found


def diagram(law: LawReport, width: int) -> str:
    return legible(drawn(law.moments, width=width)) if law.moments else ""

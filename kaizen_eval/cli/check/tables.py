"""Tables of a check's verdicts: a row for each group, or, where it is asked for, for each law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kaizen_eval.cli.check.words import groups
from kaizen_eval.cli.output import legible
from kaizen_eval.conformance.checking import CheckReport, LawReport, Verdict

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

__all__ = ["of_groups", "of_laws"]

_STYLES = {"kept": "green", "violated": "bold red", "stopped": "bold red"}
_SHORT: Mapping[str, str] = {"not applicable": "n/a"}
_VERDICTS: Sequence[Verdict] = ("kept", "violated", "stopped", "not judged", "not applicable")


def of_groups(report: CheckReport) -> Table:
    """How many laws of each group have which verdict; by name those that are broken, with the reason what is n/a."""
    columns = [verdict for verdict in _VERDICTS if report.counts[verdict]]
    table = _table()
    table.add_column("laws", no_wrap=True)
    for verdict in columns:
        table.add_column(_SHORT.get(verdict, verdict), justify="right", no_wrap=True)
    table.add_column("", ratio=1)
    for group, laws in groups(report).items():
        counts = [sum(law.verdict == verdict for law in laws) for verdict in columns]
        table.add_row(group, *map(_count, columns, counts), _remarks(laws))
    return table


def _count(verdict: str, count: int) -> RenderableType:
    from rich.text import Text  # noqa: PLC0415 - only who looks at it needs to draw

    return Text(str(count or ""), style=_STYLES.get(verdict, "dim"))


def _remarks(laws: Sequence[LawReport]) -> RenderableType:
    from rich.text import Text  # noqa: PLC0415 - as above

    broken = ", ".join(_name(law) for law in laws if law.verdict in {"violated", "stopped"})
    lines = [Text(broken, style="bold red")] if broken else []
    return Text("\n").join([*lines, *(Text(line, style="dim") for line in _inapplicable(laws))])


def _inapplicable(laws: Sequence[LawReport]) -> Iterator[str]:
    """A line for each reason, with the laws for which it is one, unless it is one for all."""
    reasons: dict[str, list[str]] = {}
    for law in laws:
        if law.verdict == "not applicable":
            reasons.setdefault(law.reason, []).append(_name(law))
    for reason, names in reasons.items():
        whose = "" if len(names) == len(laws) else f"{', '.join(names)}: "
        yield f"{whose}{legible(reason)}"


def of_laws(report: CheckReport) -> Iterator[RenderableType]:
    """A table for each group; laws that were not judged are only counted."""
    for group, laws in groups(report).items():
        judged = [law for law in laws if law.verdict != "not judged"]
        if not judged:
            continue
        table = _table(group)
        table.add_column("law", no_wrap=True, width=_widest(report))
        table.add_column("", no_wrap=True, width=8)
        table.add_column("what it says", ratio=1)
        table.add_column("tried", justify="right", no_wrap=True, width=5)
        table.add_column("runs", justify="right", no_wrap=True, width=6)
        for law in judged:
            table.add_row(*_row(law))
        yield table


def _table(title: str | None = None) -> Table:
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above

    return Table(
        box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left", title_style="bold", expand=True
    )


def _widest(report: CheckReport) -> int:
    return min(24, max(len(_name(law)) for law in report.laws))


def _name(law: LawReport) -> str:
    """Within its group."""
    return law.id.partition(".")[2]


def _row(law: LawReport) -> Sequence[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 - as above

    says = Text(law.sentence)
    if law.verdict == "not applicable":
        says = Text(f"Does not apply: {legible(law.reason)}", style="dim")
    counts = [f"{count:,}" if law.examples else "" for count in (law.examples, law.runs)]
    verdict = Text(_SHORT.get(law.verdict, law.verdict), style=_STYLES.get(law.verdict, "dim"))
    return [_name(law), verdict, says, *counts]

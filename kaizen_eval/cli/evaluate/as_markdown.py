"""An evaluation as Markdown, for a comment on a pull request and for a step's summary."""

from __future__ import annotations

from collections.abc import Iterator

from kaizen_eval.amounts import many, percent
from kaizen_eval.cli.compare import as_markdown as compared
from kaizen_eval.cli.evaluate import words
from kaizen_eval.cli.evaluate.failing import FailingCase
from kaizen_eval.cli.evaluate.finished import Finished
from kaizen_eval.cli.markdown import cell, details, one_line, table

__all__ = ["text"]


def text(finished: Finished) -> str:
    return "\n".join(_lines(finished)) + "\n"


def _lines(finished: Finished) -> Iterator[str]:
    summary = finished.summary
    yield f"**{cell(words.head(finished.manifest, summary))}**"
    yield ""
    if not summary.is_whole:
        yield f"> {cell(words.left_out(summary))}"
        yield ""
    for ruling in finished.verdict.rulings:
        yield f"- **{ruling.word}**: {cell(ruling.reason)}"
    yield ""
    yield from table(("", ""), words.figures(summary, finished.seconds, is_virtual=finished.manifest.is_deterministic))
    yield ""
    if finished.failing:
        yield from _failing(finished)
    yield from details("Scorers" if not summary.tags else "Scorers and tags", _figures(finished))
    if finished.comparison is not None:
        yield compared.text(finished.comparison, most=len(finished.failing))
    yield from (f"> {cell(notice)}" for notice in finished.notices)
    yield ""
    yield f"<sub>{cell(_what(finished))}</sub>"


def _failing(finished: Finished) -> Iterator[str]:
    rows = [(case.id, case.what, _why(case)) for case in finished.failing]
    yield from details(f"{many(finished.failing_count, 'case')} did not pass", _listed(finished, rows))


def _listed(finished: Finished, rows: list[tuple[str, str, str]]) -> Iterator[str]:
    yield from table(("case", "", "why"), rows)
    more = finished.failing_count - len(rows)
    if more:
        yield ""
        yield f"and {many(more, 'more case')}."


def _why(case: FailingCase) -> str:
    differs = [f"{field}: expected {wanted}, got {came}" for field, wanted, came in case.differs]
    return one_line("; ".join(filter(None, [case.reason, *differs])))


def _figures(finished: Finished) -> Iterator[str]:
    summary = finished.summary
    rows = [
        (
            each.name,
            "" if each.mean is None else f"{each.mean:.3f}",
            str(each.passed),
            str(each.scored),
            str(each.crashed or ""),
        )
        for each in summary.scorers
    ]
    yield from table(("scorer", "mean", "passed", "of", "crashed"), rows)
    if summary.tags:
        yield ""
        tags = [
            (each.tag, str(each.passed), str(each.trials), percent(each.rate.value), words.interval(each.rate))
            for each in summary.tags
        ]
        yield from table(("tag", "passed", "of", "rate", ""), tags)


def _what(finished: Finished) -> str:
    manifest = finished.manifest
    of = f" with {manifest.model}" if manifest.model else ""
    labels = "".join(f"; {name}={value}" for name, value in manifest.labels.items())
    return f"{manifest.task}{of} on {manifest.dataset}; evaluation {manifest.id}{labels}."

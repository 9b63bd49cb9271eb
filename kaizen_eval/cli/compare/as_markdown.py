"""A comparison as Markdown, for a comment on a pull request or a step's summary."""

from __future__ import annotations

from collections.abc import Iterator

from kaizen_eval.cli.compare import words
from kaizen_eval.cli.markdown import cell, details, table
from kaizen_eval.evals.comparison import Comparison, Flip

__all__ = ["text"]

_COLUMNS = ("metric", "A", "B", "B - A", "interval", "p", "")


def text(comparison: Comparison, *, most: int = 10) -> str:
    """With so many of the cases that changed."""
    return "\n".join(_lines(comparison, most)) + "\n"


def _lines(comparison: Comparison, most: int) -> Iterator[str]:
    yield f"### kaizen-eval compare: {comparison.verdict.value}"
    yield ""
    yield cell(comparison.why)
    yield ""
    for letter, place, what in words.sides(comparison):
        yield f"- **{letter}**: {cell(place)} ({cell(what)})"
    yield from (f"- {cell(f'{differs.what}: {differs.a} → {differs.b}')}" for differs in comparison.differs)
    yield ""
    found = zip(comparison.findings, words.rows(comparison), strict=True)
    yield from table(_COLUMNS, ((*cells, words.p_value(finding), last) for finding, (*cells, last) in found))
    yield ""
    for sentence in filter(None, (words.legend(comparison), *comparison.notes)):
        yield cell(sentence)
        yield ""
    yield from _advice(comparison)
    yield from _flips(comparison, most)


def _advice(comparison: Comparison) -> Iterator[str]:
    if comparison.advice:
        yield "What would decide it:"
        yield ""
        yield from (f"- {cell(sentence)}" for sentence in comparison.advice)
        yield ""


def _flips(comparison: Comparison, most: int) -> Iterator[str]:
    head = words.flips_head(comparison)
    if head:
        shown = (line for flip in comparison.flips[:most] for line in _flip(flip))
        yield from details(cell(head), (*shown, *_hidden(len(comparison.flips) - most)))


def _flip(flip: Flip) -> Iterator[str]:
    yield f"- {flip.change}: **{cell(flip.case)}**"
    for letter, value, why in words.versions(flip):
        yield f"  - {letter}: {cell(f'{value}: {why}' if why else value)}"


def _hidden(count: int) -> Iterator[str]:
    if count > 0:
        yield f"- … and {count:,} more"

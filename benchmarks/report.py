"""What the report on 10,000 cases takes: to be written, to be usable in a browser, to open the last case, to search."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from measure import Row, cpu_per_call

from kaizen_eval.evals import Answer, AnsweredTurn, Case, Outcome, Scored, SeenAttempt, Trial, TrialRecord
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.log import Log, LogWriter
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.reports import report
from kaizen_eval.messages import Usage

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser import CHROMIUM, Page, chromium  # the tests' own

__all__ = ["rows"]

CASES = 10_000
_WORDS = ("the", "of", "river", "town", "old", "new", "answer", "question", "large", "small", "north", "why", "never")
_MANIFEST = Manifest(
    id="20261123-141503-3f9a1c",
    created="2026-11-23T14:15:03Z",
    dataset="qa",
    dataset_hash="d41d8cd98f00",
    task="my_pkg:QAAgent",
    scorers=({"exact": {}},),
)


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log, page = _written(folder), folder / "report.html"
        seconds = cpu_per_call(lambda: page.write_text(report(log), "utf-8"), calls=1, rounds=3)
        sizes = f"from a log of {_megabytes(folder / 'log.jsonl')}, to {_megabytes(page)}"
        yield Row(name=f"report of {CASES:,} cases: written", value=seconds, unit="s CPU", bound=3, beside=sizes)
        if CHROMIUM is not None:
            yield from _opened(page)


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


def _written(folder: Path) -> Log:
    """Two exchanges for each case, the first of which meets a fault: 20 MB."""
    drawn = random.Random(1)
    cases = [
        Case(id=f"case-{n:05}", inputs={"question": _text(drawn, 80)}, tags=(f"tag {n % 7}",)) for n in range(CASES)
    ]
    writer = LogWriter.create(folder, _MANIFEST, cases)
    for case in cases:
        writer.write(_record(case, drawn))
    writer.end(Ended(planned=CASES, done=CASES))
    writer.close()
    return Log.open(folder)


def _record(case: Case, drawn: random.Random) -> TrialRecord:
    has_passed = drawn.random() < 0.8
    attempts = (_attempt(case, 1, error="RateLimited", waited_ms=500.0), _attempt(case, 2, text=_text(drawn, 40)))
    turn = AnsweredTurn(outputs={"answer": _text(drawn, 10)}, ms=1000.0, usage=Usage(80, 40), attempts=attempts)
    return TrialRecord(
        trial=Trial(case.id),
        outcome=Outcome.PASSED if has_passed else Outcome.FAILED,
        scores=(Scored(scorer="exact", value=float(has_passed), passed=has_passed, reason="1 of 1 fields"),),
        answer=Answer(turns=(turn,), ms=1000.0),
    )


def _attempt(case: Case, number: int, **more: object) -> SeenAttempt:
    system = {"role": "system", "content": "Answer the question."}
    asked = (system, {"role": "user", "content": case.inputs["question"]})
    at = 750.0 * (number - 1)
    return SeenAttempt(
        agent="qa", call=1, attempt=number, at=at, ms=250.0, messages=asked, cost=Decimal("0.0001"), **more
    )  # type: ignore[arg-type] # fields by name


def _text(drawn: random.Random, words: int) -> str:
    return " ".join(drawn.choices(_WORDS, k=words))


def _opened(page: Path) -> Iterator[Row]:
    """From the moment that a browser, which runs already, is asked for it."""
    with tempfile.TemporaryDirectory() as profile, chromium(Path(profile)) as browser:
        tab = browser.page().look_at()
        figures = [_figures(tab, page) for _ in range(5)]
    usable, opened, found = (min(each) for each in zip(*figures, strict=True))
    yield Row(name="the same: usable in Chromium", value=usable, unit="s", bound=1, beside="rows stand, keys work")
    yield Row(name="the same: its last case open, by a link", value=opened, unit="s", beside="after it was usable")
    yield Row(name="the same: all conversations searched", value=found, unit="s", beside="every case holds the word")


def _figures(tab: Page, page: Path) -> tuple[float, float, float]:
    tab.open("about:blank")
    start = time.perf_counter()
    tab.ask("Page.navigate", url=f"file://{page}")
    tab.until("document.documentElement?.dataset.ready && document.querySelector('#table tr[data-id]')")
    usable = time.perf_counter()
    tab.value(f"location.hash = '#case=case-{CASES - 1:05}'")
    tab.until(f"document.querySelector('#case h2')?.innerText === 'case-{CASES - 1:05}'")
    opened = time.perf_counter()
    tab.value("location.hash = '#find=RateLimited'")
    looked = "document.getElementById('find').value !== '' && document.getElementById('searching').textContent === ''"
    tab.until(looked)
    return usable - start, opened - usable, time.perf_counter() - opened


if __name__ == "__main__":
    for row in rows():
        print(f"{row.name}: {row.value:.3g} {row.unit} ({row.beside})")

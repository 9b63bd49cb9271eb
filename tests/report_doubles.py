"""Evaluations made by hand, for reports: cases, what became of them, and all that was said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from kaizen_eval.evals.answer import Answer, AnsweredTurn, SeenAttempt, SeenTool
from kaizen_eval.evals.case import Case, CaseTurn
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.score import Scored
from kaizen_eval.evals.trial import Failure, Trial, TrialRecord
from kaizen_eval.messages import Usage

__all__ = ["HeldLog", "answered", "attempt", "case", "log", "record", "several_kinds"]

MANIFEST = Manifest(
    id="20261123-141503-3f9a1c",
    created="2026-11-23T14:15:03+00:00",
    dataset="qa",
    dataset_hash="d41d8cd98f00",
    task="my_pkg:QAAgent",
    strategy="PredictStrategy()",
    model="fake",
    scorers=({"exact": {}},),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLog:
    """A log in memory."""

    manifest: Manifest
    held_cases: Sequence[Case]
    held_records: Sequence[TrialRecord] = field(default_factory=tuple)
    ended: Ended | None = None

    def cases(self) -> Iterator[Case]:
        return iter(self.held_cases)

    def records(self) -> Iterator[TrialRecord]:
        return iter(self.held_records)


def log(cases: Sequence[Case], records: Sequence[TrialRecord], **manifest: Any) -> HeldLog:
    return HeldLog(manifest=replace(MANIFEST, **manifest), held_cases=cases, held_records=records)


def case(name: str, question: str = "", **given: Any) -> Case:
    return Case(id=name, inputs={"question": question or f"What is {name}?"}, expected={"answer": name}, **given)


def attempt(question: str, text: str | None, **given: Any) -> SeenAttempt:
    usual: dict[str, Any] = {
        "agent": "qa", "call": 1, "attempt": 1, "at": 0.0, "ms": 250.0, "model": "fake",
        "messages": ({"role": "system", "content": "Answer the question."}, {"role": "user", "content": question}),
        "finish_reason": "stop", "usage": Usage(21, 6), "cost": Decimal("0.00012"), "tier": 1,
    }  # fmt: skip
    return SeenAttempt(**{**usual, "text": text, **given})


def answered(outputs: Mapping[str, Any], *attempts: SeenAttempt, tools: Sequence[SeenTool] = ()) -> Answer:
    ms = max((each.at + each.ms + (each.waited_ms or 0) for each in attempts), default=1.0)
    usage = sum((each.usage for each in attempts if each.usage), Usage())
    cost = sum((each.cost for each in attempts if each.cost), Decimal(0))
    turn = AnsweredTurn(outputs=outputs, ms=ms, usage=usage, cost=cost, attempts=attempts, tools=tuple(tools))
    return Answer(turns=(turn,), ms=ms)


def record(name: str, outcome: str, *, repeat: int = 1, score: float | None = None, **given: Any) -> TrialRecord:
    """Passed and failed trials have a score by `exact`, unless others are given."""
    kind = Outcome(outcome)
    value = score if score is not None else float(kind == Outcome.PASSED)
    scored = Scored(scorer="exact", value=value, passed=value >= 1, reason=f"{value:g} of the fields are right.")
    scores = {"scores": (scored,)} if kind.is_scored else {}
    return TrialRecord(trial=Trial(name, repeat), outcome=kind, began=1.8e9, **{**scores, **given})


def several_kinds() -> tuple[HeldLog, HeldLog]:
    """An evaluation in which everything occurs that a page can show, and the one before it."""
    cases = [
        case("oslo", "Which city is the capital of Norway?", tags=("capitals", "easy"), cluster="norway"),
        case("paris", "Which city is the capital of France?", tags=("capitals",)),
        case("lima", "Which city is the capital of Peru?", tags=("capitals", "far")),
        case("bern", tags=("hard",)),
        case("rome", tags=("hard",)),
        case("kiev", tags=("hard",)),
        case("quito", tags=("far",)),
        case("minsk"),
        _session(),
    ]
    now = log(cases, _now(), id="20261124-090000-aaaaaa", repeats=1, labels={"commit": "4f2a"})
    before = log(cases, _before(), id="20261117-090000-bbbbbb")
    return now, before


def _session() -> Case:
    turns = (
        CaseTurn(inputs={"question": "Where is Oslo?"}, expected={"answer": "Norway"}),
        CaseTurn(inputs={"question": "And its weather?"}, expected={"answer": "rain"}),
    )
    return Case(id="trip", turns=turns, tags=("sessions",))


def _now() -> list[TrialRecord]:
    return [
        record("oslo", "passed", answer=answered({"answer": "oslo"}, *_retried())),
        record("paris", "failed", answer=answered({"answer": "the city of Lyon, in the south"}, _repaired())),
        record("lima", "failed", score=0.5, answer=answered({"answer": "Lima?"}, attempt("Peru?", "Lima?"))),
        record("bern", "task_error", failure=Failure(type="RateLimited", message="429: slow down", traceback="a.py:1")),
        record("rome", "scorer_error", answer=answered({"answer": "Rome"}), scores=(_crashed(),)),
        record("kiev", "timeout", failure=Failure(type="DeadlineExceeded", message="10 s are over.")),
        record("quito", "budget_exceeded", failure=Failure(type="BudgetExceeded", message="$0.02 of $0.01 spent.")),
        record("trip", "passed", answer=_talk()),
        record("minsk", "not_run"),
    ]


def _before() -> list[TrialRecord]:
    return [
        record("oslo", "failed", answer=answered({"answer": "Bergen"}, attempt("Norway?", "Bergen"))),
        record(
            "paris",
            "passed",
            answer=answered({"answer": "the city of Paris, in the north"}, attempt("France?", "Paris")),
        ),
        record("lima", "failed", answer=answered({"answer": "Cusco"}, attempt("Peru?", "Cusco"))),
        record("bern", "passed", answer=answered({"answer": "bern"})),
        *(
            record(name, "passed", answer=answered({"answer": name}))
            for name in ("rome", "kiev", "quito", "minsk", "trip")
        ),
    ]


def _retried() -> list[SeenAttempt]:
    asked = "Which city is the capital of Norway?"
    return [
        attempt(
            asked, None, ms=120.0, error="RateLimited", message="429: slow down", waited_ms=500.0, tier=None, usage=None
        ),
        attempt(asked, "Oslo, maybe", attempt=2, at=620.0, ms=300.0, tier=None, misfit="There is no JSON in it."),
        attempt(asked, '{"answer": "oslo"}', attempt=3, at=920.0, ms=410.0, first_token_ms=180.0),
    ]


def _repaired() -> SeenAttempt:
    return attempt("Which city is the capital of France?", "{'answer': 'the city of Lyon, in the south'", tier=4)


def _crashed() -> Scored:
    return Scored(scorer="close", value=None, passed=None, error="ZeroDivisionError: division by zero")


def _talk() -> Answer:
    first = attempt("Where is Oslo?", '{"answer": "Norway"}')
    call = {"id": "call_1", "name": "weather", "arguments": '{"city": "Oslo"}'}
    said = ({"role": "assistant", "content": first.text}, {"role": "user", "content": "And its weather?"})
    second = attempt(
        "", None, call=1, at=300.0, ms=200.0, messages=(*first.messages, *said), tool_calls=(call,), tier=None
    )
    given = (
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
    )
    third = attempt("", '{"answer": "rain"}', call=2, at=540.0, ms=160.0, messages=(*second.messages, *given))
    tool = SeenTool(
        agent="qa",
        call=1,
        tool="weather",
        id="call_1",
        arguments='{"city": "Oslo"}',
        at=500.0,
        ms=40.0,
        result='"rain"',
    )
    turns = (
        AnsweredTurn(outputs={"answer": "Norway"}, ms=250.0, usage=Usage(21, 6), attempts=(first,)),
        AnsweredTurn(
            outputs={"answer": "rain"}, at=300.0, ms=400.0, usage=Usage(60, 12), attempts=(second, third), tools=(tool,)
        ),
    )
    return Answer(turns=turns, ms=700.0)

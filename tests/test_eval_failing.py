"""Cases that did not pass, as people are told of them."""

from __future__ import annotations

from kaizen_eval.cli.evaluate.failing import Failing, FailingCase
from kaizen_eval.evals import Answer, AnsweredTurn, Case, CaseTurn, Outcome, Scored, Trial, TrialRecord
from kaizen_eval.evals.trial import Failure

CASES = [Case(id=name, inputs={"question": name}, expected={"answer": "Rome"}) for name in "abcde"]


def record(name, outcome=Outcome.FAILED, *, repeat=1, reason="no", **more):
    scores = (Scored(scorer="exact", value=0.0, passed=False, reason=reason),) if outcome is Outcome.FAILED else ()
    answer = Answer(turns=(AnsweredTurn(outputs={"answer": "Oslo"}),))
    return TrialRecord(**{"trial": Trial(name, repeat), "outcome": outcome, "scores": scores, "answer": answer, **more})


def told(records, *, cases=CASES, most=10, repeats=1):
    failing = Failing(repeats=repeats)
    for each in records:
        failing.add(each)
    return list(failing.told(cases, records, most=most))


def test_the_first_of_the_dataset_are_told_whatever_ended_first():
    assert [case.id for case in told([record(name) for name in "edcb"], most=2)] == ["b", "c"]


def test_repeats_are_told_by_the_first_that_did_not_pass_and_how_many_did():
    records = [
        record("a", repeat=3, reason="third"),
        record("a", repeat=2, reason="second"),
        record("a", repeat=4, reason="fourth"),
        record("a", Outcome.PASSED, repeat=1),
    ]
    assert [(case.what, case.reason) for case in told(records, repeats=4)] == [
        ("failed (passed 1 of 4)", "exact: second")
    ]


def test_what_the_reason_does_not_tell_is_told_beside_it():
    assert told([record("a")]) == [
        FailingCase(id="a", what="failed", reason="exact: no", differs=(("answer", '"Rome"', '"Oslo"'),))
    ]


def test_what_the_reason_tells_is_not_told_twice():
    assert told([record("a", reason="expected 'Rome', got 'Oslo'")])[0].differs == ()


def test_long_values_are_told_from_shortly_before_where_they_part():
    case = Case(id="a", inputs={"q": 1}, expected={"text": f"{'x' * 500}yes{'z' * 500}"})
    answer = Answer(turns=(AnsweredTurn(outputs={"text": f"{'x' * 500}no"}),))
    [failing] = told([record("a", answer=answer)], cases=[case])
    assert failing.differs == (("text", f"…{'x' * 24}yes{'z' * 133}…", f'…{"x" * 24}no"'),)


def test_an_output_that_is_not_there_is_told_as_nothing():
    [failing] = told([record("a", answer=Answer(turns=(AnsweredTurn(outputs={}),)))])
    assert failing.differs == (("answer", '"Rome"', "nothing"),)


def test_of_a_session_the_last_turn_that_was_answered_is_told():
    turns = (
        CaseTurn(inputs={"q": 1}, expected={"answer": "Oslo"}),
        CaseTurn(inputs={"q": 2}, expected={"answer": "Bern"}),
    )
    answer = Answer(turns=(AnsweredTurn(outputs={"answer": "Oslo"}), AnsweredTurn(outputs={"answer": "Kyiv"})))
    [failing] = told([record("a", answer=answer)], cases=[Case(id="a", turns=turns)])
    assert failing.differs == (("answer", '"Bern"', '"Kyiv"'),)


def test_errors_are_told_in_a_line_without_what_a_terminal_would_obey():
    failure = Failure(type="LookupError", message="no such\n  country \x1b[31m")
    assert told([record("a", Outcome.TASK_ERROR, failure=failure)]) == [
        FailingCase(id="a", what="task error", reason="LookupError: no such country \\x1b[31m", differs=())
    ]


def test_a_scorer_that_crashed_is_named():
    crashed = (Scored(scorer="polite", value=None, passed=None, error="KeyError: 'tone'"),)
    assert told([record("a", Outcome.SCORER_ERROR, scores=crashed)])[0].reason == "polite crashed: KeyError: 'tone'"

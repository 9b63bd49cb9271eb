"""What the laws of clients find in what was seen of a command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judge_doubles import attempt, seen

from kaizen_eval.conformance.clients.judgements import EARLY, LATE
from kaizen_eval.conformance.clients.judging import rulings
from kaizen_eval.conformance.clients.laws import LAWS
from kaizen_eval.conformance.clients.plan import Terms
from kaizen_eval.conformance.clients.plans import PLANS
from kaizen_eval.conformance.clients.seen import Played
from kaizen_eval.conformance.violation import NotApplicable
from kaizen_eval.errors import (
    AttemptTimeout,
    BadResponse,
    ConnectionLost,
    OutputTruncated,
    QuotaExceeded,
    RateLimited,
    Refused,
    ServerFailed,
)

FAILED = ServerFailed("It failed.")
TOLD = RateLimited("Slow down.", retry_after=1.0)
CUT = OutputTruncated("Cut.")


def found(law, *copies) -> list[str]:
    """What the law says of it; its objection where it does not apply."""
    [judge] = [each.judge for each in LAWS if each.id == law]
    try:
        return [noticed.lapse.text for noticed in judge(copies)]
    except NotApplicable as why:
        return [f"not shown: {why}"]


def test_every_law_can_be_shown_by_some_plan_and_every_plan_shows_laws_that_there_are():
    shown = {law for plan in PLANS for law in plan.laws}
    assert shown == {law.id for law in LAWS}


def test_no_two_plans_or_laws_have_one_name():
    names, ids = [plan.name for plan in PLANS], [law.id for law in LAWS]
    assert (len(set(names)), len(set(ids))) == (len(names), len(ids))


@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=30))
def test_a_storm_is_more_attempts_of_one_question_than_are_allowed(asked):
    storm = seen(*(attempt(place, FAILED, question=question) for place, question in enumerate(asked)))
    is_storm = max(map(asked.count, "ab")) > storm.terms.most
    assert bool(found("retry.budget", storm)) is is_storm


def test_a_storm_says_how_many_attempts_there_were_and_that_it_was_ended():
    storm = seen(*(attempt(place, FAILED) for place in range(4)), terms=Terms(most=3), exit_code=None, ended="attempts")
    assert found("retry.budget", storm) == [
        "4 attempts of one call; 3 allowed. They met: 4 times fault. It was ended there."
    ]


@given(st.floats(0, 2))
def test_retry_after_may_be_missed_by_the_tolerance_alone(waited):
    again = seen(attempt(0, TOLD), attempt(waited))
    assert bool(found("retry.retry-after", again)) is (round(waited, 6) < 1.0 - EARLY)


def test_a_twentieth_of_a_second_is_borne_with():
    assert [len(found("retry.retry-after", seen(attempt(0, TOLD), attempt(at)))) for at in (0.94, 0.96)] == [1, 0]


def test_a_wait_that_is_too_short_is_told_in_figures():
    assert found("retry.retry-after", seen(attempt(0, TOLD), attempt(0.2))) == [
        "Waited 0.2 s after exchange 1 (fault); Retry-After asked for 1 s."
    ]


@pytest.mark.parametrize("attempts", [[attempt(0, TOLD)], [attempt(0, FAILED), attempt(0)]])
def test_retry_after_is_not_shown_by_who_does_not_ask_again_or_was_not_told(attempts):
    assert found("retry.retry-after", seen(*attempts)) == ["not shown: it did not ask again"]


@pytest.mark.parametrize(
    ("waits", "is_lapse"),
    [
        ([0.001, 0.001], True),
        ([0.0, 0.02], False),
        ([0.04] * 4, True),
        ([0.05] * 4, False),
        ([0.0, 0.0, 0.0, 0.2], False),
    ],
)
def test_waits_are_too_short_together_and_few_of_them_may_be_shorter(waits, is_lapse):
    moments = [sum(waits[:place]) for place in range(len(waits) + 1)]
    assert bool(found("retry.waits", seen(*(attempt(at, FAILED) for at in moments)))) is is_lapse


def test_one_wait_alone_says_nothing_of_a_backoff():
    short = seen(attempt(0, FAILED), attempt(0))
    assert found("retry.waits", short) == ["not shown: it did not ask the same three times"]


def copies(*waits):
    return [seen(*(attempt(sum(each[:place]), FAILED) for place in range(len(each) + 1))) for each in waits]


@pytest.mark.parametrize(
    ("waits", "says"),
    [
        ([(0.5, 1.0), (0.51, 1.01), (0.5, 1.02)], "came back together"),
        ([(0.5, 1.0), (0.6, 1.0), (0.5, 1.0)], None),
        ([(0.5, 1.0), (0.5, 1.0), (0.5, 1.1)], None),
        ([(0.5, 1.0), (0.5, 1.0), (0.5,)], "not shown: they did not all ask the same three times"),
        ([(0.01, 0.01), (0.01, 0.01), (0.01, 0.01)], "not shown: they did not wait"),
    ],
)
def test_clients_that_wait_alike_have_no_jitter(waits, says):
    told = found("retry.jitter", *copies(*waits))
    assert (told == []) if says is None else (says in told[0])


def test_the_waits_of_clients_without_jitter_are_told():
    assert found("retry.jitter", *copies((0.5, 1.0), (0.51, 1.0), (0.5, 1.02))) == [
        (
            "3 clients that failed together came back together: they waited 0.500 s and 0.510 s and 0.500 s; "
            "1.000 s and 1.000 s and 1.020 s."
        )
    ]


def test_what_will_not_pass_is_not_to_be_asked_again():
    quota = QuotaExceeded("Pay.")
    assert found("retry.permanent", seen(attempt(0, quota), attempt(1, quota))) == [
        "Exchange 1 (fault) will not pass, and the same was asked again: exchange 2 (fault)."
    ]


@pytest.mark.parametrize(
    ("law", "attempts", "why"),
    [
        ("retry.permanent", [attempt(0, FAILED)], "it met nothing that will not pass"),
        ("retry.success-once", [attempt(0, FAILED)], "it was not answered"),
        ("answer.given", [attempt(0, FAILED)], "it was not answered"),
        ("answer.html", [attempt(0)], "it did not meet it"),
        ("answer.cut-stream", [attempt(0, BadResponse("Cut."))], "it asked for no stream"),
        ("answer.cut-body", [attempt(0, BadResponse("Cut."), stream=True)], "it asked for a stream"),
        ("timeout.cancels-the-request", [attempt(0, FAILED)], "its request did not wait"),
    ],
)
def test_a_law_that_nothing_could_show_says_why(law, attempts, why):
    assert found(law, seen(*attempts)) == [f"not shown: {why}"]


@pytest.mark.parametrize("law", [law.id for law in LAWS if law.id != "retry.jitter"])
def test_a_command_that_asked_nothing_shows_nothing(law):
    assert found(law, seen(exit_code=1)) == ["not shown: it asked nothing"]


def test_another_question_after_an_answer_is_no_repetition():
    same, others = seen(attempt(0), attempt(1)), seen(attempt(0), attempt(1, question="r"))
    assert (len(found("retry.success-once", same)), found("retry.success-once", others)) == (1, [])


@pytest.mark.parametrize(("count", "is_lapse"), [(1, True), (2, False), (3, False)])
def test_what_may_pass_is_to_be_tried_a_second_time(count, is_lapse):
    assert bool(found("retry.attempts", seen(*(attempt(place, FAILED) for place in range(count))))) is is_lapse


@pytest.mark.parametrize(("count", "laws"), [(2, ["retry.attempts"]), (3, []), (4, ["retry.budget"])])
def test_with_a_number_of_attempts_exactly_so_many_are_expected(count, laws):
    failing = seen(*(attempt(place, FAILED) for place in range(count)), terms=Terms.of(attempts=3), exit_code=1)
    assert [law for law in ("retry.attempts", "retry.budget") if found(law, failing)] == laws


@pytest.mark.parametrize(
    ("began", "error", "says"),
    [
        (3.0, FAILED, "Gave up after 1 attempt"),
        (4.5, FAILED, "not shown: its deadline was near"),
        (3.0, RateLimited("Slow down.", retry_after=1.5), "not shown: its deadline was near"),
    ],
)
def test_a_client_whose_deadline_was_near_may_give_up(began, error, says):
    [told] = found("retry.attempts", seen(attempt(began, error), terms=Terms(deadline=5.0)))
    assert told.startswith(says)


def test_a_stream_that_has_shown_its_words_need_not_begin_again():
    cut = seen(attempt(0, ConnectionLost("Cut."), stream=True, outcome="connection_cut"))
    assert found("retry.attempts", cut) == ["not shown: the stream had begun to show its words"]


def test_a_command_that_was_ended_might_have_gone_on():
    ended = seen(attempt(0, FAILED), exit_code=None, ended="timeout", terms=Terms(timeout=7))
    assert found("retry.attempts", ended) == ["not shown: it was ended: it still ran after 7 s"]


@given(st.floats(0, 10), st.floats(0, 10))
def test_neither_a_request_nor_the_command_outlives_the_deadline(ends, exits):
    left = seen(
        attempt(0, AttemptTimeout("Late."), ends=ends), exited=max(ends, exits), exit_code=1, terms=Terms(deadline=2.0)
    )
    assert bool(found("timeout.deadline", left)) is (round(max(ends, exits) - 2.0, 9) > LATE)


def test_what_a_command_has_left_behind_may_not_go_on_after_the_deadline():
    left = seen(attempt(0, AttemptTimeout("Late."), ends=9.0), exited=1.0, terms=Terms(deadline=2.0))
    assert found("timeout.deadline", left) == ["Exchange 1 (fault) went on for 7 s after the deadline."]


def test_a_command_that_sleeps_beyond_its_deadline_asks_nothing_and_is_late_all_the_same():
    slept = seen(attempt(0, TOLD), exited=9.0, exit_code=None, ended="deadline", terms=Terms(deadline=2.0))
    assert found("timeout.deadline", slept) == [
        "The command still ran 9.0 s after its first request; the deadline was 2 s."
    ]


@pytest.mark.parametrize(
    ("ends", "says"), [(1.0, []), (5.0, ["Exchange 1 (fault) was open for 4 s after its client gave up."])]
)
def test_a_request_ends_when_its_command_is_interrupted(ends, says):
    interrupted = seen(attempt(0, AttemptTimeout("Left."), ends=ends), interrupted=1.0, plan="interrupt")
    assert found("timeout.cancels-the-request", interrupted) == says


def test_an_answer_that_came_is_to_be_given():
    assert found(
        "answer.given", seen(attempt(0, FAILED), attempt(1), exit_code=1, stderr="Trace\nKeyError: 'x'\n")
    ) == ["Exchange 2 was an answer, and the command exited with 1: \"KeyError: 'x'\"."]


@pytest.mark.parametrize(
    ("attempts", "exit_code", "is_lapse"),
    [
        ([attempt(0, CUT)], 0, True),
        ([attempt(0, CUT)], 1, False),
        ([attempt(0, CUT), attempt(1)], 0, False),
        ([attempt(0), attempt(1, CUT)], 0, True),
    ],
)
def test_what_is_no_answer_is_taken_for_one_by_who_exits_with_0_and_asks_no_further(attempts, exit_code, is_lapse):
    assert bool(found("answer.length", seen(*attempts, exit_code=exit_code))) is is_lapse


def test_what_a_command_took_for_an_answer_is_told_with_what_it_printed():
    refused = seen(attempt(0, Refused("No.")), stdout="None\n")
    assert found("answer.refusal", refused) == [
        (
            "Exchange 1 (fault) was no answer (Refused: No.), and was taken for one. "
            "The command exited with 0 and printed 'None'."
        )
    ]


def test_a_law_is_violated_if_any_plan_shows_it_and_not_shown_only_if_none_does():
    good, bad = seen(attempt(0, CUT), exit_code=1, plan="length"), seen(attempt(0, CUT), plan="length")
    verdicts = {
        name: {
            ruling.law.id: ruling.verdict for ruling in rulings(Played(plan=each.plan, seen=(each,)) for each in shown)
        }["answer.length"]
        for name, shown in {"none": [], "good": [good], "both": [good, bad]}.items()
    }
    assert verdicts == {"none": "not shown", "good": "kept", "both": "violated"}

"""Answers graded by a model: what it is asked, what its votes come to, what it costs, and when it gives no grade."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scored_answers import answered, case, conversation

from kaizen_eval import AgentConfig, BaseAgent, FakeLLM, InputField, OutputField, Signature, use_llm
from kaizen_eval.errors import ConfigError
from kaizen_eval.evals import Case, Outcome, Trial, TrialRecord, evaluate
from kaizen_eval.evals.grading import Graded, Grading, Preference, Preferred
from kaizen_eval.evals.grading.other_answers import others_of
from kaizen_eval.evals.grading.voting import majority
from kaizen_eval.evals.scorers import judged, scorers_from, spec_of
from kaizen_eval.fake import Reply
from kaizen_eval.llm.openai import OpenAIProvider
from kaizen_eval.messages import Usage
from kaizen_eval.recording import CassetteTransport
from kaizen_eval.resilience.clock import virtual_time


def points(number, reasoning="so"):
    return {"reasoning": reasoning, "points": number}


def better(place, reasoning="so"):
    return {"reasoning": reasoning, "better": place}


def judge(scorer, asked, answer):
    return asyncio.run(judged([scorer], asked, answer))


def graded(replies, expected=None, **settings):
    """What it says of the answer Lyon."""
    grader = BaseAgent(provider=FakeLLM().script(replies), signature=Grading)
    [row] = judge(
        Graded(graded_by=grader, **settings), case({"town": expected} if expected else None), answered({"town": "Lyon"})
    )
    return row


def preferred(replies, **settings):
    """Of the answers Lyon and Paris, which is expected."""
    grader = BaseAgent(provider=FakeLLM().script(replies), signature=Preference)
    scorer = Preferred(rubric="It is right.", graded_by=grader, **settings)
    [row] = judge(scorer, case({"town": "Paris"}), answered({"town": "Lyon"}))
    return row


def test_the_grader_is_asked_everything_that_it_needs_and_nothing_else():
    llm = FakeLLM().otherwise(points(1))
    with use_llm(llm):
        judge(
            Graded(rubric="It is in France.", best=3),
            case({"town": "Paris"}),
            answered({"town": "Lyon"}, cost=Decimal(7)),
        )
    [asked] = [exchange.request.messages[-1].content for exchange in llm.journal.attempts]
    for part in ("Which town?", "Lyon", "Paris", "It is in France.", "3"):
        assert part in asked
    assert "7" not in asked


def test_points_are_a_share_of_the_best():
    row = graded([points(3, "Nearly.")], rubric="It is in France.", best=4, threshold=0.7)
    assert (row.scorer, row.value, row.passed, row.reason) == ("graded", 0.75, True, "3 of 4 points: Nearly.")


def test_without_a_rubric_the_reference_is_what_counts():
    llm = FakeLLM().otherwise(points(0))
    with use_llm(llm):
        [row] = judge(Graded(), case({"town": "Paris"}), answered({"town": "Lyon"}))
    assert row.value == 0
    assert "The answer says what the reference says." in llm.journal.attempts[0].request.messages[-1].content


def test_without_a_rubric_and_a_reference_nothing_is_judged_and_nobody_asked():
    llm = FakeLLM().otherwise(points(0))
    with use_llm(llm):
        assert judge(Graded(), case(), answered({"town": "Lyon"})) == ()
    llm.assert_calls(0)


def test_of_several_turns_the_conversation_is_shown():
    llm = FakeLLM().otherwise(points(1))
    with use_llm(llm):
        judge(Graded(rubric="x"), conversation(None, None), answered({"town": "Lyon"}, {"town": "Nice"}))
    asked = llm.journal.attempts[0].request.messages[-1].content
    assert "Turn 1, asked: 0?\nTurn 1, answered: Lyon\nTurn 2, asked: 1?" in asked
    assert "Turn 2, answered" not in asked


@given(st.lists(st.integers(0, 3), min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_the_order_of_votes_is_no_matter(said, random):
    again = [*said]
    random.shuffle(again)
    assert majority(said) == majority(again)
    assert majority(said).votes * len(majority(said).leaders) <= len(said)


@pytest.mark.parametrize(
    ("said", "value", "reason"),
    [
        ((1, 1, 4), 0.25, "1 of 4 points, by 2 of 3 votes: first"),
        ((4, 1, 1), 0.25, "1 of 4 points, by 2 of 3 votes: second"),
        ((2, 2, 2), 0.5, "2 of 4 points, by 3 of 3 votes: first"),
        ((0, 2, 4), 0.5, "2 of 4 points, by 1 of 3 votes: first"),
    ],
)
def test_what_most_votes_say_counts_and_the_agreement_is_told(said, value, reason):
    replies = [points(each, why) for each, why in zip(said, ("first", "second", "third"), strict=True)]
    row = graded(replies, rubric="x", votes=3, best=4)
    assert (row.value, row.reason) == (value, reason)


def test_what_the_grader_cost_stands_with_its_score():
    config = AgentConfig(model="fake", prices={"fake": {"input": 1, "output": 2}})
    llm = FakeLLM().otherwise(Reply(data=points(1), usage=Usage(1_000_000, 500_000)))
    grader = BaseAgent(config, provider=llm, signature=Grading)
    [row] = judge(Graded(rubric="x", graded_by=grader, votes=2), case(), answered({"town": "Lyon"}))
    assert (row.cost, row.usage) == (Decimal(4), Usage(2_000_000, 1_000_000))


def test_what_a_grader_without_a_price_cost_is_unknown_and_not_0():
    assert graded([points(1)], rubric="x").cost is None


def test_the_cost_of_the_answer_is_not_the_graders():
    def task(question):
        return {"town": "Lyon"}

    with use_llm(FakeLLM().otherwise(points(1))):
        asked = [Case(inputs={"question": "?"}, expected={"town": "Paris"})]
        [record] = evaluate(asked, task, scorers=["graded"]).records()
    assert record.answer.attempts == ()
    assert record.scores[0].usage.total > 0
    assert record.cost is None


NO_GRADE = [
    (["I like it.", "I do."], "(ReplyDoesNotFit: "),
    ([points(5)], "(CannotJudge: it gave 5 points, and there are from 0 to 4)"),
]


@pytest.mark.parametrize(("replies", "said"), NO_GRADE)
def test_a_grader_that_gives_no_grade_is_an_error_and_no_0(replies, said):
    row = graded(replies, rubric="x", best=4)
    assert (row.value, row.passed) == (None, None)
    assert row.error.startswith(f"CannotJudge: graded: the grader gave no grade {said}")
    assert row.usage.total > 0


def test_a_grader_that_is_not_there_is_an_error_and_no_0():
    llm = FakeLLM()
    llm.fail("authentication")
    grader = BaseAgent(provider=llm, signature=Grading)
    [row] = judge(Graded(rubric="x", graded_by=grader), case(), answered({"town": "Lyon"}))
    assert "the grader gave no grade (AuthenticationFailed: " in row.error


class Strict(Grading):
    """Be strict, and speak of bread."""


class OwnWords(Signature):
    """Judge the answer."""

    answer: str = InputField()
    points: float = OutputField()


class StrictGrader(BaseAgent):
    signature = Strict


def a_grader():
    return StrictGrader()


@pytest.mark.parametrize(
    "graded_by",
    [StrictGrader, StrictGrader(), "test_scorers_grading:StrictGrader", a_grader],
    ids=["class", "agent", "name", "function"],
)
def test_a_grader_of_ones_own_is_an_agent_its_class_or_its_name(graded_by):
    llm = FakeLLM().otherwise(points(1))
    with use_llm(llm):
        [row] = judge(Graded(rubric="x", graded_by=graded_by), case(), answered({"town": "Lyon"}))
    assert row.value == 1
    assert "speak of bread" in llm.journal.attempts[0].request.messages[0].content


def test_a_grader_may_take_a_part_of_what_there_is():
    grader = BaseAgent(provider=FakeLLM().otherwise({"points": 0.5}), signature=OwnWords)
    [row] = judge(Graded(rubric="x", graded_by=grader), case(), answered({"town": "Lyon"}))
    assert (row.value, row.reason) == (0.5, "0.5 of 1 points: ")


class Wants(Signature):
    """It needs what nobody has."""

    weather: str = InputField()
    points: int = OutputField()


class Says(Signature):
    """It says something else."""

    answer: str = InputField()
    verdict: str = OutputField()


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        (
            Wants,
            "Wants cannot grade: it needs an input 'weather'. A grader is given asked, answer, rubric, reference, best",
        ),
        (
            Says,
            "Says cannot grade: it has no output 'points', by which a grader says what it found; subclass Grading",
        ),
    ],
)
def test_an_agent_that_cannot_grade_is_refused_at_once(signature, said):
    with pytest.raises(ConfigError) as raised:
        Graded(rubric="x", graded_by=BaseAgent(signature=signature))
    assert str(raised.value).startswith(said)


def test_a_grader_of_ones_own_has_a_config_of_its_own():
    with pytest.raises(ConfigError, match=r"^config is for a grader of this package"):
        Graded(rubric="x", graded_by=StrictGrader, config={"model": "m"})


held = StrictGrader()


def test_a_grader_that_stands_nowhere_is_written_with_what_tells_it_apart():
    grader = BaseAgent({"model": "m"}, signature=Strict)
    assert spec_of(Graded(rubric="x", graded_by=grader))["graded"]["graded_by"] == {
        "agent": "kaizen_eval.core.base_agent:BaseAgent",
        "signature": "Strict",
        "model": "m",
    }


def test_a_grader_is_written_by_its_place():
    for grader, place in ((StrictGrader, "StrictGrader"), (held, "held")):
        assert spec_of(Graded(rubric="x", graded_by=grader)) == {
            "graded": {"rubric": "x", "graded_by": f"test_scorers_grading:{place}"}
        }


@pytest.mark.parametrize(
    ("replies", "value", "reason"),
    [
        (["first", "second"], 1, "better than the other: a"),
        (["second", "first"], 0, "worse than the other: a"),
        (["neither", "neither"], 0.5, "neither better nor worse than the other: a"),
        (["first", "neither"], 0.5, "neither better nor worse than the other: a"),
        (["first", "first"], 0.5, "neither better nor worse than the other; 1 of 1 votes was swayed by the order: a"),
    ],
)
def test_the_better_answer_is_the_one_that_is_in_both_orders(replies, value, reason):
    row = preferred([better(each, why) for each, why in zip(replies, "ab", strict=True)])
    assert (row.value, row.passed, row.reason) == (value, value >= 0.5, reason)


def test_the_answers_change_places():
    llm = FakeLLM().otherwise(better("first"))
    with use_llm(llm):
        [row] = judge(Preferred(rubric="x"), case({"town": "Paris"}), answered({"town": "Lyon"}))
    one, other = (exchange.request.messages[-1].content for exchange in llm.journal.attempts)
    assert one.index("Lyon") < one.index("Paris")
    assert other.index("Paris") < other.index("Lyon")
    assert row.value == 0.5


def test_without_the_swap_it_is_asked_once():
    assert preferred([better("first")], swap=False).value == 1


def test_votes_on_pairs_are_counted():
    replies = [better(place) for place in ("first", "second", "second", "first", "first", "second")]
    row = preferred(replies, votes=3)
    assert row.usage.total > 0
    assert row.value in {0, 0.5, 1}
    assert ", by " in row.reason


def test_the_other_answer_may_be_that_of_another_evaluation(tmp_path):
    asked = [Case(inputs={"question": "?"}, id="one"), Case(inputs={"question": "??"}, id="two")]
    evaluate(
        asked, lambda question: {"town": f"Rome{question}"}, scorers=["own_scorers:Polite"], out=tmp_path / "other"
    )
    llm = FakeLLM().otherwise(better("neither"))
    with use_llm(llm):
        [scorer] = scorers_from({"preferred": {"rubric": "x", "against": str(tmp_path / "other")}})
        judge(scorer, asked[1], answered({"town": "Lyon"}))
        assert judge(scorer, Case(inputs={"question": "?"}, id="three"), answered({"town": "Lyon"})) == ()
    assert "Rome??" in llm.journal.attempts[0].request.messages[-1].content
    llm.assert_calls(2)


class Ended:
    """Another evaluation, as far as a grader looks at it."""

    def __init__(self, *towns):
        self.towns = towns

    def records(self):
        for repeat, town in self.towns:
            answer = answered({"town": town} if town else {})
            yield TrialRecord(trial=Trial("c", repeat), outcome=Outcome.PASSED, answer=answer)


def test_of_several_repeats_the_first_that_has_an_answer_is_the_other_one():
    other = others_of(Ended((3, "Nice"), (1, ""), (2, "Lyon"), (4, "Rome")))
    assert other(case(id="c")) == {"town": "Lyon"}
    assert other(case(id="d")) is None


def test_grades_are_replayed_from_a_cassette(tmp_path):
    async def row(mode, inner=None):
        asked = OpenAIProvider("sk-x", transport=CassetteTransport(tmp_path / "grades.yaml", mode, inner))
        grader = BaseAgent({"model": "m"}, provider=asked, signature=Grading)
        scorer = Graded(rubric="It is polite.", best=4, votes=2, graded_by=grader)
        said = await judged([scorer], case(), answered({"town": "Lyon, please"}))
        await asked.aclose()
        return said

    with virtual_time() as clock:
        live = clock.run(row("record", FakeLLM().otherwise(points(3, "It says please.")).transport()))
        assert clock.run(row("replay")) == live
    assert live[0].reason == "3 of 4 points, by 2 of 2 votes: It says please."

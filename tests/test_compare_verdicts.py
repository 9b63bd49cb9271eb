"""What a comparison concludes, and what it says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from evaluations_written import record, written

from kaizen_eval.errors import CasesMissing, EvaluationError, Incomparable, UsageError
from kaizen_eval.evals import Outcome, Verdict, compare
from kaizen_eval.evals.comparison import Discordant
from kaizen_eval.evals.statistics import clustered
from kaizen_eval.evals.trial import Failure

ALL_PASS = [1.0] * 200


def with_losses(lost: int, of: int = 200, **facts):
    return written([0.0] * lost + [1.0] * (of - lost), id="20261124-080000-000002", **facts)


def test_a_candidate_that_is_surely_within_the_margin_passes():
    found = compare(written(ALL_PASS), with_losses(2), margin=0.05)
    assert (found.verdict, found.exit_code, found.why) == (
        Verdict.PASS,
        0,
        "score 1.000 → 0.990 (-0.010): with 95 % confidence it is worse by at most 0.030; a loss of 0.050 is accepted.",
    )


def test_a_candidate_that_is_surely_worse_fails():
    found = compare(written(ALL_PASS), with_losses(30), margin=0.05)
    assert (found.verdict, found.exit_code, found.why) == (
        Verdict.FAIL,
        1,
        (
            "score 1.000 → 0.850 (-0.150): with 95 % confidence it is worse by at least 0.108; a loss of 0.050 is "
            "accepted."
        ),
    )


def test_what_may_be_either_is_inconclusive_with_what_would_decide_it():
    found = compare(written(ALL_PASS), with_losses(6), margin=0.02)
    assert (found.verdict, found.exit_code, found.why, found.advice) == (
        Verdict.INCONCLUSIVE,
        4,
        (
            "score 1.000 → 0.970 (-0.030): with 95 % confidence it may be worse by 0.057 and may be worse by only "
            "0.010; a loss of 0.020 is accepted."
        ),
        (
            "Whether repeats would decide score is not known: of a single trial nobody can tell how much is chance.",
            "About 1,823 cases (now 200) would decide score, if the difference stays.",
            (
                "In four of five comparisons so much data shows a loss of 0.050 or more, and lets a B that is just as "
                "good pass at a margin of 0.030 or more."
            ),
        ),
    )


def test_three_lost_cases_of_many_are_chance():
    """A t test alone would call them worse: p = 0.04; of three tosses all come out one way in one of eight tries."""
    found = compare(written(ALL_PASS), with_losses(3))
    assert (found.verdict, found.deciding[0].discordant) == (Verdict.INCONCLUSIVE, Discordant(3, 0, 0.125))


@pytest.mark.parametrize("repeats", [1, 3])
def test_that_nothing_flipped_in_few_cases_does_not_prove_that_nothing_can(repeats):
    """Other words each time, so that it is no matter of course; by the rule of three one case in seven may be lost."""
    one, other = written([[1.0] * repeats] * 20), written([[1.0] * repeats] * 20, id="20261124-080000-000002")
    turn = other.all_records[0].answer.turns[0]
    answer = replace(other.all_records[0].answer, turns=(replace(turn, outputs={"answer": "yes!"}),))
    other = replace(other, all_records=(replace(other.all_records[0], answer=answer), *other.all_records[1:]))
    found = compare(one, other, margin=0.02)
    assert (found.verdict, round(found.deciding[0].worst, 3), found.deciding[0].cases_needed) == (
        Verdict.INCONCLUSIVE,
        -0.139,
        149,
    )


def test_where_even_the_answers_are_the_same_nothing_is_left_to_chance():
    found = compare(written([1.0] * 20), with_losses(0, of=20))
    assert (found.verdict, found.why) == (Verdict.PASS, "score 1.000 → 1.000 (±0.000): in 20 cases nothing differs.")


def test_without_a_margin_no_loss_proves_equality():
    found = compare(written([1.0, 0.0] * 10), written([0.0, 1.0] * 10))
    assert found.advice[1:2] == (
        "Nothing proves that score is not the least bit worse: say how much is accepted, such as --margin 0.02.",
    )


def test_few_skewed_differences_get_the_wider_of_two_intervals():
    lost = [0.95, 0.9, 0.9, 0.85, 0.8, 0.1]
    [found] = compare(written([1.0] * 25), written([1.0] * 19 + lost, id="2"), margin=0.1).deciding
    by_t = clustered([0.0] * 19 + [each - 1.0 for each in lost])
    assert found.method == "bootstrap"
    assert found.low < found.worst < by_t.lower() - 0.01 < by_t.upper() <= found.best


def test_many_cases_need_no_bootstrap():
    many = [1.0] * 520
    assert compare(written(many), written([0.5, *many[1:]])).deciding[0].method == "t"


def clustered_losses(clusters):
    """Ten documents with twenty questions each; the candidate cannot read two of them, and is better elsewhere."""
    questions = [f"document-{at}-{question}" for at in range(10) for question in range(20)]
    reference = {question: [1.0, 1.0] if hash_of(question) else [1.0, 0.0] for question in questions}
    candidate = {question: [0.0, 0.0] if question[9] in "37" else [1.0, 1.0] for question in questions}
    named = {question: question[:10] for question in questions} if clusters else {}
    return (written(each, clusters=named) for each in (reference, candidate))


def hash_of(question: str) -> bool:
    """Of the reference, each fifth question fails in one of two tries."""
    return sum(map(ord, question)) % 5 > 0


def test_questions_on_one_document_are_no_evidence_of_their_own():
    pooled, respected = (compare(*clustered_losses(clusters)) for clusters in (False, True))
    assert [pooled.verdict, respected.verdict] == [Verdict.FAIL, Verdict.INCONCLUSIVE]
    assert [pooled.deciding[0].difference, pooled.deciding[0].clusters] == [respected.deciding[0].difference, 200]
    assert respected.deciding[0].clusters == 10


def test_one_cluster_says_nothing_about_the_next():
    one, other = (
        written(scores, clusters=dict.fromkeys((f"case-{at:03}" for at in range(1, 21)), "the only document"))
        for scores in ([1.0] * 20, [0.0] * 20)
    )
    found = compare(one, other)
    assert (found.verdict, found.why, found.advice) == (
        Verdict.INCONCLUSIVE,
        "score 1.000 → 0.000 (-1.000): all 20 cases are one cluster, and one says nothing about the next.",
        ("Cases of other clusters would decide it: repeats of these say nothing about others.",),
    )


def test_repeats_that_would_decide_are_told():
    one = written([[1.0, 1.0, 1.0, 0.0]] * 40)
    found = compare(one, written([[1.0, 1.0, 0.0, 1.0]] * 20 + [[1.0, 0.0, 0.0, 1.0]] * 20, id="2"), margin=0.1)
    finding = found.deciding[0]
    assert (found.verdict, finding.repeats, finding.cases_needed) == (Verdict.INCONCLUSIVE, 140, 165)


def test_deterministic_evaluations_are_held_against_each_other_exactly():
    one = written([1.0, 1.0, 0.0, 0.5], is_deterministic=True)
    found = compare(one, written([1.0, 0.0, 1.0, 0.25], id="20261124-080000-000002", is_deterministic=True))
    assert (found.verdict, found.why, found.deciding[0].low, found.deciding[0].p) == (
        Verdict.FAIL,
        (
            "score 0.625 → 0.562 (-0.062): exact, as both are deterministic; 2 of 4 cases got worse, by 0.312 "
            "alone; no loss is accepted."
        ),
        None,
        1.0,
    )
    assert [(flip.case, flip.change, flip.what) for flip in found.flips] == [
        ("case-002", "lost", ("outcome", "answer", "exact", "score")),
        ("case-003", "won", ("outcome", "answer", "exact", "score")),
        ("case-004", "changed", ("answer", "exact", "score")),
    ]


def test_what_failed_outside_of_the_agent_is_not_cheap():
    whole = written([[1.0, 1.0], [1.0, 1.0]], is_deterministic=True)
    offline = replace(
        record("case-002", 2, Outcome.TASK_ERROR, cost=0.0),
        failure=Failure(type="ConnectionLost", message="No answer."),
    )
    found = compare(whole, replace(whole, all_records=(*whole.all_records[:3], offline)), metric="cost")
    assert (found.verdict, found.exit_code, found.deciding[0].difference, found.deciding[0].unjudged, found.flips) == (
        Verdict.INCONCLUSIVE,
        3,
        0.0,
        (0, 1),
        (),
    )


def test_that_cases_were_tried_more_often_is_no_difference():
    """Three times 0.1 is a little more than 0.3."""
    one, more = (
        written([[1.0] * times, [0.1] * times, [Outcome.TIMEOUT] * times], is_deterministic=True) for times in (1, 3)
    )
    for found in (compare(one, more), compare(more, one)):
        assert (found.verdict, found.flips, [each.difference for each in found.findings if each.difference]) == (
            Verdict.PASS,
            (),
            [],
        )


def test_of_other_numbers_of_repeats_only_what_differs_is_named():
    one = written([1.0, 1.0, 0.0], is_deterministic=True)
    other = written([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]], cost=[0.01, 0.01, 0.02], is_deterministic=True)
    assert [(flip.case, flip.what) for flip in compare(one, other).flips] == [
        ("case-002", ("outcome", "answer", "exact", "score")),
        ("case-003", ("cost",)),
    ]


def test_virtual_time_is_exact():
    one, slower = (written([1.0, 1.0], ms=ms, is_deterministic=True) for ms in (100.0, 100.5))
    found = compare(one, slower, metric="latency")
    assert (found.verdict, found.deciding[0].method, found.notes, [flip.what for flip in found.flips]) == (
        Verdict.FAIL,
        "exact",
        (),
        [("latency",), ("latency",)],
    )


def test_real_time_is_never_exact():
    one, slower = (written([1.0] * 9, ms=ms) for ms in (100.0, 100.5))
    found = compare(one, slower, exact=True)
    latency = next(each for each in found.findings if each.measure.name == "latency")
    assert (found.flips, latency.method) == ((), "t")


def test_a_loss_as_large_as_the_margin_is_accepted():
    """0.8 less 0.7 is a little more than 0.1."""
    one, other = (written([score], is_deterministic=True) for score in (0.8, 0.7))
    assert compare(one, other, margin=0.1).verdict is Verdict.PASS


def test_deterministic_evaluations_can_be_a_sample_of_cases():
    one, other = (written(scores, is_deterministic=True) for scores in ([1.0] * 20, [0.0] + [1.0] * 19))
    assert [compare(one, other, exact=exact).verdict for exact in (None, False)] == [
        Verdict.FAIL,
        Verdict.INCONCLUSIVE,
    ]


def test_a_flipped_case_is_told_with_what_was_expected_and_answered():
    [flip] = compare(written([1.0, 1.0]), written([1.0, 0.0])).flips
    assert (flip.case, flip.change, flip.expected, flip.inputs, flip.a, flip.b) == (
        "case-002",
        "lost",
        {"answer": "yes"},
        {"question": "case-002"},
        (1, 1, {"answer": "yes"}, ""),
        (0, 1, {"answer": "no, 0.0"}, "answer is not 'yes'"),
    )


def test_of_repeats_most_decide_whether_a_case_flipped():
    one = written({"lost": [0.0, 1.0, 1.0], "kept": [1.0, 1.0, 1.0], "won": [0.0, 0.0, 1.0]})
    found = compare(one, written({"lost": [1.0, 0.0, 0.25], "kept": [1.0, 0.0, 1.0], "won": [0.0, 1.0, 1.0]}, id="2"))
    yes, no = {"answer": "yes"}, {"answer": "no, 0.0"}
    assert [(flip.case, flip.change, flip.a[:3], flip.b[:3]) for flip in found.flips] == [
        ("lost", "lost", (2, 3, yes), (1, 3, no)),
        ("won", "won", (1, 3, no), (2, 3, yes)),
    ]


def test_trials_without_an_answer_count_as_0_and_are_told_apart():
    found = compare(written(ALL_PASS), written([Outcome.TIMEOUT] * 20 + [1.0] * 180), margin=0.05)
    assert (found.verdict, found.deciding[0].difference, found.notes[0]) == (
        Verdict.FAIL,
        -0.1,
        (
            "Trials without an answer count as 0: in B timeout (20). "
            "Without the 20 cases that have any it would be PASS: see why first."
        ),
    )


def test_a_crashed_scorer_is_no_0():
    found = compare(written([1.0] * 50), written([1.0] * 48 + [Outcome.SCORER_ERROR] * 2), margin=0.5)
    assert (found.verdict, found.exit_code, found.why, found.notes[0]) == (
        Verdict.INCONCLUSIVE,
        3,
        "score 1.000 → 1.000 (±0.000), but nobody could judge some trials (2 in B).",
        "Trials of B that nobody could judge: scorer error (2).",
    )


def test_what_a_trial_costs_is_known_though_a_scorer_crashed():
    found = compare(written([1.0] * 50), written([1.0] * 48 + [Outcome.SCORER_ERROR] * 2), metric="cost")
    assert (found.verdict, found.exit_code) == (Verdict.PASS, 0)


def test_an_outage_is_no_failure_of_the_agent():
    candidate = with_losses(0, of=50)
    failure = Failure(type="RateLimited", message="Too many requests.")
    failed = replace(record("case-001", 1, Outcome.TASK_ERROR), failure=failure)
    found = compare(written([1.0] * 50), replace(candidate, all_records=(failed, *candidate.all_records[1:])))
    assert (found.verdict, found.exit_code, found.notes[0]) == (
        Verdict.INCONCLUSIVE,
        3,
        "Trials of B that nobody could judge: RateLimited (1).",
    )


def test_where_nothing_was_judged_nothing_is_concluded():
    with pytest.raises(EvaluationError, match="Of no case score is known on both sides"):
        compare(written([1.0]), written([Outcome.SCORER_ERROR]))


def test_of_what_is_spent_less_is_better_and_the_margin_is_a_share():
    costs = [written([1.0] * 40, cost=cost) for cost in (0.010, 0.0105, 0.012)]
    assert [compare(costs[0], other, metric="cost", margin=0.1).verdict for other in costs[1:]] == [
        Verdict.PASS,
        Verdict.FAIL,
    ]


def test_what_chance_may_have_made_worse_is_not_told():
    one, other = (
        written([1.0] * 40, cost=costs) for costs in ([0.01, 0.015] * 20, [*[0.015, 0.01] * 19, 0.015, 0.015])
    )
    assert compare(one, other).notes == ()


def test_what_got_worse_without_deciding_is_told():
    found = compare(written([1.0] * 40), written([1.0] * 40, cost=0.015, ms=150))
    assert (found.verdict, found.notes) == (
        Verdict.PASS,
        ("Worse, though it does not decide: cost (+$0.005, +50.0%).",),
    )


def test_of_several_metrics_none_may_be_worse():
    found = compare(written([1.0] * 40), written([1.0] * 40, cost=0.02), metric=["score", "cost"])
    assert [(found.verdict, found.why), *((each.measure.name, each.verdict) for each in found.deciding)] == [
        (
            Verdict.FAIL,
            (
                "cost $0.01 → $0.02 (+$0.01, +100%): with 95 % confidence it is worse by at least $0.01; no loss is "
                "accepted."
            ),
        ),
        ("score", Verdict.PASS),
        ("cost", Verdict.FAIL),
    ]


def test_what_is_surely_worse_fails_whatever_else_is_open():
    found = compare(written([1.0] * 40), with_losses(1, of=40, cost=0.02), metric=["score", "cost"], margin=0.05)
    assert [found.verdict, *(each.verdict for each in found.deciding)] == [
        Verdict.FAIL,
        Verdict.INCONCLUSIVE,
        Verdict.FAIL,
    ]


def test_exactly_a_case_that_got_dearer_is_made_up_for_by_a_cheaper_one():
    one, other = (written([1.0, 1.0], cost=costs, is_deterministic=True) for costs in ([0.01, 0.02], [0.02, 0.01]))
    assert compare(one, other, metric="cost").verdict is Verdict.PASS


def test_chance_gets_no_second_try_by_a_second_metric():
    """Four lost cases of a hundred alone are worse at 95 %; as an answer to one of three questions they are not."""
    both = written([1.0] * 100), with_losses(4, of=100)
    alone, together = (compare(*both, metric=metric) for metric in ("score", ["score", "cost", "tokens"]))
    assert [alone.verdict, together.verdict] == [Verdict.FAIL, Verdict.INCONCLUSIVE]


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"dataset_hash": "77aa"}, "dataset: qa (5ba1) → qa (77aa)"),
        ({"shard": "1/4"}, "shard: none → 1/4"),
        ({"scorers": ({"contains": {}},)}, 'scorers: [{"exact": {}}] → [{"contains": {}}]'),
    ],
)
def test_unlike_things_are_refused_with_what_differs(facts, told):
    with pytest.raises(Incomparable) as refused:
        compare(written([1.0]), written([1.0], **facts))
    assert told in str(refused.value).split("\n")[1]


def test_a_part_is_to_be_put_together_first():
    with pytest.raises(Incomparable, match=r"To compare them, put the parts together \(kaizen-eval merge\) or compare"):
        compare(written([1.0]), written([1.0], shard="1/4"))


def test_another_model_is_what_a_comparison_is_about():
    found = compare(written([1.0]), written([1.0], model="gpt-5", strategy="Refine()"))
    assert (found.verdict, found.differs) == (
        Verdict.PASS,
        (("strategy", "AsyncSingleShotStrategy()", "Refine()"), ("model", "gpt-4o", "gpt-5")),
    )


def test_other_scorers_do_not_matter_for_what_is_spent():
    found = compare(written([1.0]), written([1.0], scorers=({"contains": {}},)), metric="cost")
    assert (found.verdict, [finding.measure.name for finding in found.findings]) == (
        Verdict.PASS,
        ["cost", "latency", "tokens"],
    )


def test_the_cases_that_both_have_are_compared_on_request_and_the_others_named():
    one = written({"both": 1.0, "gone": 0.0})
    found = compare(one, written({"both": 1.0, "new": 0.0}, dataset_hash="77aa"), shared=True)
    assert (found.verdict, found.deciding[0].cases, found.only_a, found.only_b, found.notes) == (
        Verdict.PASS,
        1,
        ("gone",),
        ("new",),
        ("Left out: 1 case that only A has (gone).", "Left out: 1 case that only B has (new)."),
    )


def test_a_case_that_asks_something_else_by_the_same_name_is_not_shared():
    one, other = written({"both": 1.0, "edited": 1.0}), written({"both": 1.0, "edited": 1.0}, dataset_hash="77aa")
    edited = replace(other.all_cases[1], inputs={"question": "another"})
    found = compare(one, replace(other, all_cases=(other.all_cases[0], edited)), shared=True)
    assert (found.deciding[0].cases, found.changed) == (1, ("edited",))


def test_an_incomplete_evaluation_is_no_smaller_one():
    whole = written([[1.0, 1.0], [1.0, 1.0]])
    with pytest.raises(CasesMissing) as refused:
        compare(whole, replace(whole, all_records=whole.all_records[:3]))
    assert refused.value.missing == ("case-002#2",)


def test_what_was_not_run_is_missing_too():
    whole = written([1.0, 1.0])
    with pytest.raises(CasesMissing):
        compare(whole, replace(whole, all_records=(whole.all_records[0], record("case-002", 1, Outcome.NOT_RUN))))


def test_what_is_complete_on_both_sides_is_shared():
    whole = written([[1.0, 1.0], [1.0, 1.0]])
    found = compare(whole, replace(whole, all_records=whole.all_records[:3]), shared=True)
    assert (found.deciding[0].cases, found.incomplete) == (1, ("case-002",))


def test_nothing_in_common_is_nothing_to_compare():
    with pytest.raises(Incomparable, match="no case that is complete on both sides"):
        compare(written({"one": 1.0}), written({"other": 1.0}), shared=True)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"metric": "exakt"},
            "'exakt' is no metric of both; did you mean 'exact'? Both have: score, passed, exact, cost",
        ),
        ({"metric": ()}, "metric=() decides nothing"),
        ({"margin": -0.1}, "margin=-0.1 of 'score' is no share from 0 on"),
        ({"margin": {"cost": 0.1}}, "There is a margin for 'cost', which does not decide"),
        ({"confidence": 95}, "confidence=95 is not between 0.5 and 1"),
    ],
)
def test_what_is_asked_must_make_sense(asked, message):
    with pytest.raises(UsageError) as refused:
        compare(written([1.0, 0.5]), written([1.0, 0.5]), **asked)
    assert message in str(refused.value)


def test_what_is_no_evaluation_is_refused():
    with pytest.raises(UsageError, match="3 is no evaluation: give its folder, its log, or what evaluate"):
        compare(3, written([1.0]))


def test_a_scorer_that_says_what_the_score_says_is_told_once():
    found = compare(written([1.0, 0.5]), written([1.0, 0.0]))
    assert [finding.measure.name for finding in found.findings] == ["score", "passed", "cost", "latency", "tokens"]


def test_one_better_case_does_not_prove_that_others_are_no_worse():
    """Of 20 cases none was lost in three repeats each, and still one in seven may be; t sees only the better one."""
    before, after = [[1.0] * 3] * 19 + [[1.0, 1.0, 0.0]], [[1.0] * 3] * 20
    found = compare(written(before), written(after, id="20261124-080000-000002"), margin=0.05).deciding[0]
    assert (found.verdict, round(found.worst, 3), found.repeats) == (Verdict.INCONCLUSIVE, -0.122, None)
    assert (found.a.high, found.b.low) == (1.0, 1.0)

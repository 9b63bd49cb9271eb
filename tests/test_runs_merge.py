"""Parts of an evaluation: each case in exactly one, and put together only where none is missing."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from logs_made import CASES, manifest, record, written

from kaizen_eval.errors import CasesMissing, ConfigError, EvaluationExists, Incomparable, LogCorrupt, UsageError
from kaizen_eval.evals import Case, Shard
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.log import Log
from kaizen_eval.evals.runs import merged

MORE = tuple(Case(id=f"case-{number}", inputs={"question": "?"}) for number in range(12))


@pytest.fixture
def part(tmp_path):
    """Makes the part of this name, complete unless told otherwise."""

    def made(text, *records, name="", cases=MORE, **changes):
        mine = [case for case in cases if Shard.parse(text).holds(case.id)]
        folder = tmp_path / (name or text.replace("/", "-"))
        return written(folder, *records, cases=mine, shard=text, id=f"20261123-{text[0]}", **changes)

    return made


@pytest.fixture
def told(tmp_path):
    """What an error says, wherever the test's own folder is."""
    return lambda error: str(error.value).replace(str(tmp_path), "HERE")


@example("\ud800", 3)
@given(st.text(), st.integers(1, 20))
def test_each_case_is_in_exactly_one_part(case, of):
    assert [Shard(number, of).holds(case) for number in range(1, of + 1)].count(True) == 1


def test_parts_are_of_about_the_same_size_and_the_same_everywhere():
    sizes = Counter(next(n for n in range(1, 5) if Shard(n, 4).holds(f"case-{number}")) for number in range(10_000))
    assert sizes == {1: 2501, 2: 2499, 3: 2501, 4: 2499}


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "1/0", "a/b", "1/4/2", "-1/4", "1.5/4", ""])
def test_what_is_no_part_is_refused(text):
    with pytest.raises(ConfigError, match="part"):
        Shard.parse(text)


def test_a_part_is_read_as_it_is_written():
    assert str(Shard.parse(" 2/4 ")) == "2/4"


def test_the_parts_together_are_the_whole(part, tmp_path):
    parts = [part("2/3", labels={"by": "b", "commit": "1"}), part("3/3", labels={"commit": "1"})]
    log = merged([*parts, part("1/3", labels={"by": "a", "commit": "1"})], out=tmp_path / "whole")
    assert sorted(case.id for case in log.cases()) == sorted(case.id for case in MORE)
    assert sorted(each.trial.case for each in log.records()) == sorted(case.id for case in MORE)
    assert log.ended == Ended(planned=12, done=12, seconds=1.5, cost=Decimal("0.9"))
    assert log.manifest == manifest(id=log.manifest.id, labels={"commit": "1"})


def test_merged_again_it_is_the_same_evaluation(part, tmp_path):
    parts = [part("1/2"), part("2/2")]
    logs = [merged(order, out=tmp_path / name) for name, order in (("a", parts), ("b", parts[::-1]))]
    assert (tmp_path / "a" / "log.jsonl").read_bytes() == (tmp_path / "b" / "log.jsonl").read_bytes()
    assert logs[0].manifest.id.startswith("20261123-141503-")


def test_a_part_without_cases_is_a_part(part, tmp_path):
    log = merged([part("1/2", cases=CASES[:1]), part("2/2", cases=CASES[:1])], out=tmp_path / "whole")
    assert [case.id for case in log.cases()] == ["one"]


def test_where_a_part_is_not_there_nothing_is_written(part, tmp_path, told):
    with pytest.raises(CasesMissing) as error:
        merged([part("1/4"), part("3/4")], out=tmp_path / "whole")
    assert told(error) == (
        "The evaluation has 4 parts, and of 2/4, 4/4 there is nothing: the cases in it would be missing. Evaluate it "
        "(--shard), and name the folders of all parts."
    )
    assert not (tmp_path / "whole").exists()


def test_where_a_trial_is_missing_nothing_is_written(part, tmp_path, told):
    with pytest.raises(CasesMissing) as error:
        merged(
            [part("1/2", record(next(c.id for c in MORE if Shard(1, 2).holds(c.id)))), part("2/2")], out=tmp_path / "w"
        )
    assert (told(error)[:42], (tmp_path / "w").exists()) == ("The evaluation in 'HERE/1-2' has no record", False)


def test_a_part_that_is_there_twice_is_refused(part, tmp_path, told):
    with pytest.raises(UsageError) as error:
        merged([part("1/2"), part("2/2"), part("1/2", name="again")], out=tmp_path / "whole")
    assert told(error) == "Part 1/2 is there twice, in 'HERE/1-2' and in 'HERE/again': name one."


def test_parts_of_unlike_evaluations_are_told_apart(part, tmp_path, told):
    with pytest.raises(Incomparable) as error:
        merged([part("1/2"), part("2/2", model="gpt-9", repeats=2)], out=tmp_path / "whole")
    assert told(error) == (
        "'HERE/1-2' and 'HERE/2-2' are parts of unlike evaluations:\n  model: None → 'gpt-9'\n  repeats: 1 → 2\n"
        "Evaluate the same with the same on each machine."
    )


def test_parts_of_different_divisions_are_refused(part, tmp_path):
    with pytest.raises(Incomparable, match=r"Parts of different divisions: 1/2 in .*, 2/3 in "):
        merged([part("1/2"), part("2/3")], out=tmp_path / "whole")


def test_a_whole_evaluation_is_no_part(tmp_path):
    with pytest.raises(UsageError, match="holds a whole evaluation, and no part of one"):
        merged([written(tmp_path / "run")], out=tmp_path / "whole")


def test_a_case_of_another_part_is_found_out(tmp_path):
    parts = [written(tmp_path / name[0], cases=MORE, shard=name) for name in ("1/2", "2/2")]
    with pytest.raises(LogCorrupt, match=r"is said to be part 1/2, and the case 'case-.' is not in that part"):
        merged(parts, out=tmp_path / "whole")
    assert not (tmp_path / "whole" / "log.jsonl").exists()


def test_an_evaluation_is_not_written_over(part, tmp_path):
    parts = [part("1/2"), part("2/2")]
    with pytest.raises(EvaluationExists):
        merged(parts, out=parts[0])
    assert Log.open(parts[0]).manifest.shard == "1/2"


def test_nothing_is_put_together_of_nothing(tmp_path):
    with pytest.raises(UsageError, match="There is nothing to put together"):
        merged([], out=tmp_path / "whole")

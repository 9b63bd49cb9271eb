"""Baselines: the same code measures the same, files are refused with their reason, and changes have a direction."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import InputField, OutputField, Signature
from kaizen_eval.conformance import REFERENCE, Lab, Subject
from kaizen_eval.conformance.baseline import FIGURES, Baseline, Change, Comparison, Figures, compare, measure
from kaizen_eval.conformance.baseline.stock import STOCK, stock
from kaizen_eval.errors import UsageError
from kaizen_eval.strategies import AsyncSingleShotStrategy, Traits


class Twice(AsyncSingleShotStrategy):
    traits = Traits(calls_per_run=2)

    async def execute(self, signature, inputs, config):
        await self.llm_call(signature, inputs, config)
        return await self.llm_call(signature, inputs, config)


class Waits(AsyncSingleShotStrategy):
    async def execute(self, signature, inputs, config):
        import asyncio  # noqa: PLC0415 - as a user's module

        await asyncio.Event().wait()


class Ticket(Signature):
    message: str = InputField(min_length=3)
    priority: int = InputField(ge=1, le=3)
    queue: str = OutputField()


PLAIN = Figures(
    attempts=1, calls=1, cost="0.000471", ends="1 result", output="43eb55922cd0e2b3", seconds=1.0, tokens=89
)


def baseline(subject="Mine", seed=0, tolerances=None, **situations):
    made = Baseline(subject=subject, seed=seed, situations=situations or {"plain run": PLAIN})
    return made if tolerances is None else replace(made, tolerances={**made.tolerances, **tolerances})


def changes(old, new):
    return [str(change) for change in compare(old, new).changes]


# --- measuring --------------------------------------------------------------------------------------------------------


def test_the_same_code_and_seed_measure_the_same():
    assert measure(REFERENCE, seed=3) == measure(REFERENCE, seed=3)


def test_another_seed_measures_other_replies():
    old, new = (measure(REFERENCE, seed=seed).situations["concurrent runs"] for seed in (0, 1))
    assert old.output != new.output


def test_each_stock_situation_is_measured_and_tools_only_where_they_are_called():
    single = Subject.of(AsyncSingleShotStrategy)
    assert list(measure(REFERENCE).situations) == list(STOCK)
    assert list(measure(single).situations) == [name for name in STOCK if name != "tools"]


def test_figures_are_those_of_the_journal():
    seen = Lab(REFERENCE).play(stock(REFERENCE, seed=0)["session of three turns"])
    told = measure(REFERENCE).situations["session of three turns"]
    tokens = sum(outcome.result["_tokens"]["total"] for outcome in seen.outcomes)
    cost = sum(outcome.result["_cost"] for outcome in seen.outcomes)
    assert (told.calls, told.attempts, told.tokens, told.seconds) == (3, 3, tokens, 3.0)
    assert float(told.cost) == pytest.approx(cost)


def test_how_runs_end_is_told():
    told = measure(REFERENCE).situations
    assert {name: told[name].ends for name in ("concurrent runs", "deadline", "cancelled run")} == {
        "concurrent runs": "4 results",
        "deadline": "RunTimeout",
        "cancelled run": "CancelledError",
    }


def test_a_run_without_an_end_has_figures_too():
    assert measure(Subject.of(Waits)).situations["plain run"].ends in {"no end", "RunTimeout"}


def test_a_signature_of_its_own_is_asked_what_fits_it():
    told = measure(Subject.of(AsyncSingleShotStrategy, signature=Ticket)).situations["plain run"]
    assert told.ends == "1 result"


def test_one_call_more_is_worse_and_named_by_figure():
    old, new = measure(Subject.of(AsyncSingleShotStrategy)), measure(Subject.of(Twice))
    found = compare(old, replace(new, subject=old.subject))
    plain = [change.figure for change in found.changes if change.situation == "plain run"]
    assert plain == ["attempts", "calls", "cost", "output", "seconds", "tokens"]
    assert found.is_regressed


# --- the file ---------------------------------------------------------------------------------------------------------


figures_made = st.builds(
    Figures,
    attempts=st.integers(0, 99),
    calls=st.integers(0, 99),
    cost=st.just("unknown") | st.decimals(0, 9, places=6).map(lambda cost: f"{cost:f}"),
    ends=st.text(),
    output=st.text(),
    seconds=st.floats(0, 1e6),
    tokens=st.integers(0),
)


@given(
    subject=st.text(),
    seed=st.integers(),
    situations=st.dictionaries(st.text(), figures_made, max_size=4),
    tokens=st.integers(0, 9) | st.floats(0, 9) | st.sampled_from(["5%", "0.5 %"]),
)
def test_what_is_written_is_always_read_back(tmp_path_factory, subject, seed, situations, tokens):
    made = baseline(tolerances={"tokens": tokens})
    made = replace(made, subject=subject, seed=seed, situations=situations)
    path = tmp_path_factory.getbasetemp() / "baseline.json"
    made.save(path)
    assert Baseline.load(path) == made


def test_the_file_is_sorted_with_one_figure_in_each_line(tmp_path):
    path = tmp_path / "baselines" / "mine.json"
    baseline(subject="Mïne").save(path)
    assert (
        path.read_text("utf-8")
        == """\
{
  "schema": 1,
  "seed": 0,
  "situations": {
    "plain run": {
      "attempts": 1,
      "calls": 1,
      "cost": "0.000471",
      "ends": "1 result",
      "output": "43eb55922cd0e2b3",
      "seconds": 1.0,
      "tokens": 89
    }
  },
  "subject": "Mïne",
  "tolerances": {
    "attempts": 0,
    "calls": 0,
    "cost": 0,
    "seconds": 0,
    "tokens": 0
  }
}
"""
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{", "", "line 2, column 11: Extra data"),
        ('"seed": 0,', '"seed": 0', "line 4, column 3: Expecting ',' delimiter"),
        ('"schema": 1', '"schema": 7', "its schema is 7, and this version of kaizen-eval writes 1"),
        ('"schema"', '"scheme"', "it is no baseline"),
        ('"seed": 0', '"seed": "x"', "seed must be a whole number, not 'x'"),
        ('"seed"', '"sead"', "a baseline stands there without seed and with unknown sead"),
        ('"calls": 1', '"calls": true', "calls of 'plain run' must be a whole number, not True"),
        ('"calls": 1,', "", "the situation 'plain run' stands there without calls"),
        ('"0.000471"', '"cheap"', "cost of 'plain run' must be a decimal such as '0.0021' or 'unknown', not 'cheap'"),
        ('"tokens": 0', '"tokens": "lots"', "tolerances.tokens: a tolerance is a number from 0, or a share such as"),
        ('"tokens": 0', '"tokens": -1', "tolerances.tokens: a tolerance is a number from 0"),
        ('"tokens": 0', '"token": 0', "tolerances stands there without tokens and with unknown token"),
    ],
)
def test_a_broken_file_is_refused_with_the_place_and_the_reason(tmp_path, old, new, words):
    path = tmp_path / "b.json"
    text = baseline().as_json()
    path.write_text(text.replace(old, new, 1) if old != '"tokens": 0' else text.replace(old, new))
    with pytest.raises(UsageError) as raised:
        Baseline.load(path)
    assert str(raised.value).startswith(f"The baseline {str(path)!r} cannot be used: ")
    assert words in str(raised.value)


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path):
    path = tmp_path / "b.json"
    with pytest.raises(UsageError, match=r"There is no baseline '.*b.json': write it with `--update-baseline`\."):
        Baseline.load(path)
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(UsageError, match=r"no text in UTF-8 \(byte 0\)"):
        Baseline.load(path)
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        Baseline.load(tmp_path)


def test_what_cannot_be_written_is_said_in_one_sentence(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match=r"^The baseline '.*b.json' cannot be written: "):
        baseline().save(tmp_path / "taken" / "b.json")


# --- comparing --------------------------------------------------------------------------------------------------------


def test_what_is_the_same_is_no_change():
    assert compare(baseline(), baseline()) == Comparison()
    assert compare(baseline(), baseline()).is_same


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"tokens": 90}, "plain run: tokens 89 → 90 (worse)"),
        ({"tokens": 88}, "plain run: tokens 89 → 88 (better)"),
        ({"seconds": 1.000001}, "plain run: seconds 1.0 → 1.000001 (worse)"),
        ({"cost": "0.0004709"}, "plain run: cost 0.000471 → 0.0004709 (better)"),
        ({"cost": "unknown"}, "plain run: cost 0.000471 → unknown (different)"),
        ({"output": "0"}, "plain run: output 43eb55922cd0e2b3 → 0 (different)"),
        ({"ends": "RunTimeout"}, "plain run: ends 1 result → RunTimeout (worse)"),
        ({"ends": "2 results"}, "plain run: ends 1 result → 2 results (better)"),
    ],
)
def test_a_change_has_a_direction(changed, told):
    found = compare(baseline(), baseline(**{"plain run": replace(PLAIN, **changed)}))
    assert [str(change) for change in found.changes] == [told]
    assert found.is_regressed is not told.endswith("(better)")


def test_another_error_is_different():
    old, new = (baseline(x=replace(PLAIN, ends=ends)) for ends in ("RunTimeout", "ServerFailed"))
    assert changes(old, new) == ["x: ends RunTimeout → ServerFailed (different)"]


@pytest.mark.parametrize(
    ("tolerance", "within", "beyond"), [(5, 94, 95), ("10%", 97, 98), (0.5, 89, 90), ("0", 89, 90)]
)
def test_within_its_tolerance_a_figure_counts_as_the_same(tolerance, within, beyond):
    old = baseline(tolerances={"tokens": tolerance})
    assert changes(old, baseline(**{"plain run": replace(PLAIN, tokens=within)})) == []
    assert changes(old, baseline(**{"plain run": replace(PLAIN, tokens=beyond)})) != []


@given(old=figures_made, new=figures_made)
def test_better_one_way_is_always_worse_the_other_way(old, new):
    there = compare(baseline(x=old), baseline(x=new)).changes
    back = compare(baseline(x=new), baseline(x=old)).changes
    turned = {"better": "worse", "worse": "better", "different": "different"}
    assert [change.figure for change in there] == [name for name in FIGURES if not alike(name, old, new)]
    assert [
        Change(situation="x", figure=c.figure, old=c.new, new=c.old, direction=turned[c.direction]) for c in there
    ] == list(back)


def alike(figure, old, new):
    before, after = getattr(old, figure), getattr(new, figure)
    is_number = figure == "cost" and "unknown" not in {before, after}
    return float(before) == float(after) if is_number else before == after


def test_situations_that_came_or_went_are_told_and_one_that_went_is_a_regression():
    old, new = baseline(a=PLAIN, b=PLAIN), baseline(b=PLAIN, c=PLAIN)
    found = compare(old, new)
    assert (found.added, found.missing, found.is_regressed) == (("c",), ("a",), True)
    assert not compare(baseline(a=PLAIN), baseline(a=PLAIN, b=PLAIN)).is_regressed


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (baseline(subject="Yours"), "subject is 'Mine' there and 'Yours' here"),
        (baseline(seed=1), "seed is 0 there and 1 here"),
        (replace(baseline(seed=1), schema=2), "schema is 1 there and 2 here and seed is 0 there and 1 here"),
    ],
)
def test_what_is_of_another_subject_seed_or_schema_is_not_compared(other, words):
    with pytest.raises(UsageError) as raised:
        compare(baseline(), other)
    assert words in str(raised.value)


def test_an_update_keeps_the_tolerances_that_somebody_wrote():
    old = baseline(tolerances={"tokens": "5%"})
    assert baseline().tolerating(old) == old

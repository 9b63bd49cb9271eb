"""A check's processes: whatever a target does, something is told of it, and only its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from check_strategies import STRATEGIES
from hypothesis_caches import share_caches

from kaizen_eval.conformance.checking import Begun, CheckReport, Judged, LawReport, Order, Tried, check
from kaizen_eval.errors import ConfigError, UsageError

ONE = ("retry.attempts",)


@pytest.fixture(autouse=True)
def _folder(monkeypatch, tmp_path):
    (tmp_path / "strategies.py").write_text(STRATEGIES)
    share_caches(tmp_path)
    monkeypatch.chdir(tmp_path)


def report(name: str, **fields: object) -> CheckReport:
    *_, last = check(Order(target=f"strategies:{name}", **{"laws": ONE, **fields}))
    assert isinstance(last, CheckReport)
    return last


def timeless(laws: tuple[LawReport, ...]) -> list[LawReport]:
    return [replace(law, seconds=0.0) for law in laws]


def test_events_tell_what_is_begun_tried_and_judged():
    events = list(check(Order(target="strategies:Good", laws=ONE)))
    tried = {event.examples for event in events if isinstance(event, Tried)}
    assert events[0] == Begun(subject="Good", laws=ONE, examples=20)
    assert tried <= set(range(1, 21))
    assert [event.law.verdict for event in events if isinstance(event, Judged)] == ["kept"]


def test_the_report_is_the_same_with_one_worker_and_with_three():
    some = ("retry.permanent", "retry.attempts", "retry.budget", "budget.calls")
    first, second = (report("Stubborn", laws=some, workers=workers) for workers in (1, 3))
    assert timeless(first.laws) == timeless(second.laws)
    assert first.counts["violated"] > 0


def test_the_same_seed_gives_the_same_report_and_another_does_not():
    first, again, other = (timeless(report("Stubborn", laws=("retry.jitter",), seed=seed).laws) for seed in (5, 5, 6))
    assert first == again
    assert [law.verdict for law in other] == [law.verdict for law in first]


HANGS = {
    "Endless": "It hangs: 1 s of real time in one situation, in Endless.execute (strategies.py, line ",
    "Waiting": "It hangs: 1 s of real time in one situation, in Waiting.execute (strategies.py, line ",
    "Leaving": "It calls sys.exit(3) (strategies.py, line ",
    "Dying": "It ended its process: with exit code 7.",
}


@pytest.mark.measured_children
@pytest.mark.parametrize("name", HANGS)
def test_what_cannot_do_a_plain_run_is_not_judged_any_further(name):
    said = report(name, hang_after=1.0)
    assert [(law.id, law.verdict) for law in said.laws] == [("trial.run", "stopped"), (ONE[0], "not judged")]
    assert said.laws[0].reason.startswith(HANGS[name])


@pytest.mark.measured_children
def test_what_hears_no_alarm_is_asked_where_it_is_and_ended():
    said = report("Deaf", hang_after=0.5)
    assert said.laws[0].reason.startswith("It hangs, and hears no signal: it was in execute (strategies.py, line ")


@pytest.mark.measured_children
def test_what_hangs_in_one_law_is_told_with_the_situation_and_the_others_are_judged():
    said = report("Sleeping", laws=("retry.attempts", "retry.last-cause"), hang_after=1.0)
    assert [law.verdict for law in said.laws] == ["kept", "stopped"]
    assert "Sleeping.execute (strategies.py, line " in said.laws[1].reason
    assert "def test_retry_last_cause():" in said.laws[1].test


@pytest.mark.measured_children
def test_what_takes_real_time_is_stopped_at_the_limit_of_its_law():
    said = report("Good", law_limit=0.01)
    assert said.laws[0].reason.startswith("It takes real time: 0 s for ")


@pytest.mark.measured_children
def test_what_it_prints_logs_and_leaves_is_told_and_does_not_come_out(capfd):
    said = report("Talking")
    times = said.laws[0].runs
    assert said.notices == (
        f"It prints: 'asking', and {times - 1} more lines, during retry.attempts.",
        f"It writes to stderr: 'oops', and {times - 1} more lines, during retry.attempts.",
        f"It logs: 'WARNING my.app: careful', and {times - 1} more lines, during retry.attempts.",
        f"It leaves threads: 'worker ({times} times)', during retry.attempts.",
    )
    assert capfd.readouterr() == ("", "")


@pytest.mark.measured_children
def test_what_a_module_prints_is_told(tmp_path):
    (tmp_path / "printing.py").write_text("print('hello')\nfrom strategies import Good\n")
    *_, last = check(Order(target="printing:Good", laws=ONE))
    assert isinstance(last, CheckReport)
    assert last.notices == ("It prints: 'hello', during its import.",)


@pytest.mark.measured_children
def test_a_module_that_never_comes_to_its_end_says_where(tmp_path):
    (tmp_path / "endless.py").write_text("import time\ntime.sleep(60)\n")
    with pytest.raises(ConfigError) as refused:
        list(check(Order(target="endless:X", hang_after=0.3)))
    assert str(refused.value) == (
        "endless:X hangs while it is imported and made, in <module> (endless.py, line 2: time.sleep(60))."
    )


@pytest.mark.measured_children
def test_a_module_that_ends_its_process_says_how(tmp_path):
    (tmp_path / "dying.py").write_text("import os\nos._exit(9)\n")
    with pytest.raises(ConfigError, match=r"^dying:X ended the process that judges it: exit code 9\.$"):
        list(check(Order(target="dying:X")))


def test_a_file_named_as_a_module_of_python_is_in_nobody_s_way(tmp_path):
    (tmp_path / "json.py").write_text("raise RuntimeError('mine')\n")
    assert report("Good").is_kept


@pytest.mark.measured_children
def test_who_asks_its_user_finds_nobody():
    assert "EOFError: EOF when reading a line" in report("Chatty").laws[-1].reason


@pytest.mark.measured_children
def test_a_check_that_is_left_ends_its_processes():
    events = check(Order(target="strategies:Sleeping", laws=("retry.last-cause",)))
    before = children()
    assert isinstance(next(events), Begun)
    events.close()
    assert children() <= before


def children() -> set[str]:
    """Of this process, which may have some of other tests."""
    return {pid for task in Path("/proc/self/task").glob("*/children") for pid in task.read_text("utf-8").split()}


def test_an_unknown_law_is_refused_with_a_suggestion():
    with pytest.raises(UsageError, match=r"^There is no law 'retry\.wait'; did you mean 'retry\.waits'\?"):
        list(check(Order(target="strategies:Good", laws=("retry.wait",))))


def test_a_group_means_all_of_its_laws():
    begun = next(check(Order(target="strategies:Good", laws=("retry",))))
    assert isinstance(begun, Begun)
    assert {law.partition(".")[0] for law in begun.laws} == {"retry"}


@pytest.mark.measured_children
def test_figures_are_measured_with_the_baseline_s_seed():
    assert report("Good").measured is None
    measured = report("Good", seed=1, baseline_seed=7).measured
    assert measured is not None
    assert (measured.subject, measured.seed) == ("Good", 7)

"""`kaizen-eval runs` and `kaizen-eval merge`, as people and programs read them."""

from __future__ import annotations

import json

import pytest
from logs_made import CASES, begun, manifest, record, written

from kaizen_eval.cli import main
from kaizen_eval.evals import Shard
from kaizen_eval.evals.log import LogWriter


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Runs one in a folder of its own: the exit code, and what was printed, without what fills lines up."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def run(line):
        code = main(line.split())
        said = capsys.readouterr()
        return code, "\n".join(line.strip() for line in (said.out + said.err).strip().splitlines())

    return run


@pytest.fixture
def runs(tmp_path):
    """Five evaluations on two datasets, one of which was killed."""
    for day, values in enumerate([(0.0, 0.0, 1.0), (0.0, 1.0, 1.0), (1.0, 1.0, 1.0)], start=1):
        records = [record(case.id, value=value) for case, value in zip(CASES, values, strict=True)]
        when = {"id": f"2024112{day}-080000-abc", "created": f"2024-11-2{day}T08:00:00+00:00"}
        written(tmp_path / "runs" / f"day-{day}", *records, **when, labels={"commit": f"c{day}"})
    written(tmp_path / "runs" / "sums", dataset="sums", model="gpt-9", created="2024-11-24T08:00:00+00:00")
    killed = begun(tmp_path / "runs" / "killed", created="2024-11-25T08:00:00+00:00", repeats=2)
    killed.write(record("one"))
    killed.close()
    return tmp_path / "runs"


LISTED = """\
when               folder        dataset   passed       rate   score    cost   state
──────────────────────────────────────────────────────────────────────────────────────────────────
2024-11-21 08:00   runs/day-1    qa        1 of 3     33.3 %   0.333   $0.30
2024-11-22 08:00   runs/day-2    qa        2 of 3     66.7 %   0.667   $0.30
2024-11-23 08:00   runs/day-3    qa        3 of 3    100.0 %   1.000   $0.30
2024-11-24 08:00   runs/sums     sums      3 of 3    100.0 %   1.000   $0.30
2024-11-25 08:00   runs/killed   qa        1 of 6   ≥ 16.7 %   1.000   $0.10   incomplete (1 of 6)

5 evaluations"""


def test_list_shows_a_row_for_each_the_newest_last(runs, command):
    assert command("runs list") == (0, LISTED)


NARROW = """\
folder        passed       rate   state
─────────────────────────────────────────────────────
runs/sums     3 of 3    100.0 %
runs/killed   1 of 6   ≥ 16.7 %   incomplete (1 of 6)

2 evaluations"""


def test_list_leaves_out_columns_where_there_is_no_room(runs, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert command("runs list --last 2") == (0, NARROW)


def test_list_says_what_cannot_be_read(runs, command):
    (runs / "sums" / "log.jsonl").write_bytes(b"hello\n")
    code, said = command("runs list --last 1")
    assert (code, said.splitlines()[-2][:52]) == (1, "runs/sums: 'runs/sums/log.jsonl', line 1: it is no J")


def test_list_for_programs_tells_all(runs, command):
    code, said = command("runs list --json --dataset sums")
    [row] = json.loads(said)["runs"]
    assert (code, row.pop("bytes") > 0, row) == (
        0,
        True,
        {
            "folder": "runs/sums",
            "state": "complete",
            "why": "",
            "id": "20261123-141503-3f9a1c",
            "created": "2024-11-24T08:00:00+00:00",
            "dataset": "sums",
            "dataset_hash": "abc",
            "task": "qa:QAAgent",
            "strategy": None,
            "model": "gpt-9",
            "cassette_hash": None,
            "scorers": [{"exact": {}}],
            "repeats": 1,
            "shard": None,
            "labels": {},
            "cases": 3,
            "trials": 3,
            "done": 3,
            "passed": 3,
            "unjudged": 0,
            "pass_rate": 1.0,
            "score": 1.0,
            "means": {"exact": 1.0},
            "tokens": 0,
            "cost": "0.3",
            "latency": 0.0,
            "seconds": 1.5,
        },
    )


def test_where_there_is_nothing_it_says_so(tmp_path, command):
    (tmp_path / "runs").mkdir()
    assert command("runs list") == (0, "There are no evaluations in runs.")
    assert command("runs trend") == (0, "There are no complete evaluations in runs.")


def test_without_a_folder_it_says_where_evaluations_are_kept(command):
    assert command("runs list") == (
        3,
        (
            "kaizen-eval: There is no folder 'runs': `kaizen-eval eval` keeps evaluations in 'runs', or where --out "
            "says; name that folder (--in)."
        ),
    )


TRENDS = """\
dataset   task         model   runs   pass_rate      last     change   since
───────────────────────────────────────────────────────────────────────────────────────
qa        qa:QAAgent              3   ▁▄█         100.0 %   +33.3 pp   2024-11-21 08:00
sums      qa:QAAgent   gpt-9      1   ▅           100.0 %              2024-11-24 08:00"""


def test_trend_shows_a_line_for_each_that_asks_the_same(runs, command):
    assert command("runs trend") == (0, TRENDS)


TREND = """\
exact of qa, qa:QAAgent

when               folder       exact       change   labels
──────────────────────────────────────────────────────────────
2024-11-21 08:00   runs/day-1   0.333   ▁            commit=c1
2024-11-22 08:00   runs/day-2   0.667   ▄   +0.333   commit=c2
2024-11-23 08:00   runs/day-3   1.000   █   +0.333   commit=c3"""


def test_trend_of_one_shows_those_like_it(runs, command):
    assert command("runs trend day-2 --metric exact") == (0, TREND)


def test_trend_for_programs(runs, command):
    code, said = command("runs trend day-2 --metric cost --json")
    [trend] = json.loads(said)["trends"]
    assert (code, trend["dataset"], [(run["folder"], run["value"]) for run in trend["runs"]]) == (
        0,
        "qa",
        [("runs/day-1", 0.3), ("runs/day-2", 0.3), ("runs/day-3", 0.3)],
    )


def test_an_unknown_figure_is_refused_with_those_that_there_are(runs, command):
    assert command("runs trend --metric scor") == (
        2,
        (
            "kaizen-eval: No evaluation has a figure 'scor'; did you mean 'score'? There are: pass_rate, score, cost, "
            "tokens, latency, seconds, exact."
        ),
    )


def test_a_trend_is_not_over_what_is_incomplete(runs, command):
    assert command("runs trend killed") == (
        2,
        (
            "kaizen-eval: 'killed' is not among the evaluations in 'runs' that are complete and were judged to the "
            "end: a trend is over those."
        ),
    )


SHOWN = """\
id          20241122-080000-abc
when        2024-11-22 08:00 UTC
dataset     qa (abc)
task        qa:QAAgent
labels      commit=c2
exact       0.667
not passed  1 failed
mean score  0.667
spent       3 requests, tokens unknown; $0.30
latency     median 0 ms, p90 0 ms, p99 0 ms, longest 0 ms
took        1.5 s

qa: 2 of 3 cases passed, 66.7 % (95 %: 20.8 to 93.9)."""


def test_show_tells_what_was_asked_and_what_came_of_it(runs, command):
    assert command("runs show day-2") == (0, SHOWN)


def test_show_tells_what_is_missing(runs, command):
    code, said = command("runs show killed")
    assert (code, said.splitlines()[-1]) == (
        0,
        (
            "5 of 6 trials have no record: one#2, two#1, two#2, three#1, three#2. Go on with it: kaizen-eval eval … "
            "--out runs/killed --resume"
        ),
    )


def test_show_for_programs(runs, command):
    code, said = command("runs show killed --json")
    shown = json.loads(said)
    assert (code, shown["missing"], shown["ended"], shown["manifest"]["repeats"], shown["cost"]) == (
        0,
        ["one#2", "two#1", "two#2", "three#1", "three#2"],
        None,
        2,
        "0.1",
    )


PRUNED = """\
runs/day-1 (qa, 2024-11-21 08:00)
runs/day-2 (qa, 2024-11-22 08:00)
2 evaluations would be removed, 2.9 kB."""


def test_prune_says_what_would_go_and_does_nothing(runs, command):
    assert command("runs prune --keep 1 --dry-run") == (0, PRUNED)
    assert len([*runs.glob("*/log.jsonl")]) == 5


def test_prune_leaves_what_is_not_its_own_and_says_so(runs, command):
    (runs / "day-1" / "report.html").write_text("kept")
    assert command("runs prune --keep 2 --older-than 1d") == (
        0,
        "runs/day-1 (qa, 2024-11-21 08:00); left there: report.html\n1 evaluation removed, 1.5 kB.",
    )
    assert [*(runs / "day-1").iterdir()] == [runs / "day-1" / "report.html"]


def test_prune_for_programs(runs, command):
    code, said = command("runs prune --older-than 1d --dataset sums --json")
    [row] = json.loads(said)["pruned"]
    assert (code, row["folder"], row["left"], (runs / "sums").exists()) == (0, "runs/sums", [], False)


def test_prune_wants_to_be_told_what_is_to_go(runs, command):
    assert command("runs prune") == (
        2,
        "kaizen-eval: What is to go was not said: --older-than 90d, --keep 20, or both.",
    )


def test_merge_tells_what_the_whole_is(tmp_path, command):
    for shard in (Shard(1, 2), Shard(2, 2)):
        mine = [case for case in CASES if shard.holds(case.id)]
        written(tmp_path / str(shard.number), cases=mine, shard=str(shard))
    assert command("merge 1 2 -o whole") == (0, "2 parts, 3 cases, 3 trials: whole")
    code, said = command("merge 1 2 -o again --json")
    assert (code, json.loads(said)["trials"]) == (0, 3)


def test_merge_without_a_part_fails_as_what_is_missing(tmp_path, command):
    written(tmp_path / "1", cases=[case for case in CASES if Shard(1, 2).holds(case.id)], shard="1/2")
    assert command("merge 1 -o whole") == (
        3,
        (
            "kaizen-eval: The evaluation has 2 parts, and of 2/2 there is nothing: the cases in it would be missing. "
            "Evaluate it (--shard), and name the folders of all parts."
        ),
    )


@pytest.mark.parametrize(("times", "said"), [(0, None), (1, "once"), (2, "2 times")])
def test_show_says_how_often_one_was_resumed(runs, command, times, said):
    for _ in range(times):
        LogWriter.resume(
            runs / "killed", manifest(created="2024-11-25T08:00:00+00:00", repeats=2), CASES
        ).writer.close()
    _, shown = command("runs show killed")
    told = dict(line.split(maxsplit=1) for line in shown.splitlines() if line.startswith("resumed"))
    assert told.get("resumed") == said

"""`kaizen-eval eval`: what people are told of an evaluation, and with which exit code."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from kaizen_eval.cli import main

TASKS = '''
from kaizen_eval import BaseAgent, InputField, OutputField, Signature


class Capitals(Signature):
    """Name the capital."""

    country: str = InputField()
    city: str = OutputField()


class Guide(BaseAgent):
    signature = Capitals


def priced():
    return BaseAgent({"model": "gpt-4o-mini"}, signature=Capitals)


async def knows_italy(country):
    return {"city": "Rome"}


async def breaks(country):
    if country == "Japan":
        raise LookupError("no such country")
    return {"city": {"Italy": "Rome", "France": "Paris"}[country]}


def crashes(case, answer):
    return answer["town"]


async def presses_ctrl_c_twice(country):
    if country == "Italy":
        import asyncio, os, signal
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)
    await asyncio.sleep(1000)


async def has_no_key(country):
    from kaizen_eval.errors import ConfigError
    raise ConfigError("No model to ask.")
'''

CASES = [
    {"id": "italy", "inputs": {"country": "Italy"}, "expected": {"city": "Rome"}, "tags": ["europe"]},
    {"id": "france", "inputs": {"country": "France"}, "expected": {"city": "Paris"}, "tags": ["europe"]},
    {"id": "japan", "inputs": {"country": "Japan"}, "expected": {"city": "Tokyo"}},
]

SCRIPT = """
version: 1
rules:
  - when: {user: Italy}
    reply: {json: {city: Rome}}
  - fail: server_error
    times: 1
otherwise: {json: {city: Paris}}
"""


@pytest.fixture(autouse=True)
def _folder(monkeypatch, tmp_path):
    for name in ("NO_COLOR", "FORCE_COLOR", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "eval_tasks.py").write_text(TASKS)
    (tmp_path / "capitals.jsonl").write_text("".join(f"{json.dumps(case)}\n" for case in CASES))
    (tmp_path / "script.yaml").write_text(SCRIPT)
    monkeypatch.chdir(tmp_path)


def run(capsys, *arguments: str, task: str = "knows_italy") -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    code = main(["eval", "capitals.jsonl", "--agent", f"eval_tasks:{task}", "--out", "run", *arguments])
    return code, *capsys.readouterr()


def timeless(text: str) -> str:
    """Without what a machine makes different."""
    return re.sub(r"(median|p90|p99|longest|took) +[\d.]+ m?s", r"\1 N", text)


SHOWN = """
 case              why
 ─────────────────────────────────────────────────────────────
 france   failed   exact: expected 'Paris', got 'Rome' in city
 japan    failed   exact: expected 'Tokyo', got 'Rome' in city


 scorer    mean   passed
 ───────────────────────
 exact    0.333   1 of 3


 tag      passed     rate      95 %
 ──────────────────────────────────
 europe   1 of 2   50.0 %   9 to 91

not passed  2 failed
mean score  0.333
spent       unknown: nothing was asked by an agent of kaizen-eval
latency     median N, p90 N, p99 N, longest N
took N

capitals: 1 of 3 cases passed, 33.3 % (95 %: 6.1 to 79.2).
PASS: all was run and judged; of the figures nothing is asked (--fail-under,
--baseline).
Look at it: kaizen-eval report run -o report.html
"""


def test_failing_cases_come_first_and_the_verdict_stands_at_the_end(capsys):
    code, out, err = run(capsys)
    assert (code, timeless(out), err) == (0, SHOWN, "")


def test_modules_are_found_in_this_folder_while_the_command_runs_and_no_longer(capsys):
    before = [*sys.path]
    code, _, _ = run(capsys, "--quiet")
    assert (code, sys.path) == (0, before)


def test_a_rate_that_is_too_low_is_a_regression(capsys):
    code, out, _ = run(capsys, "--fail-under", "34%", "--quiet")
    assert (code, out.splitlines()[1:]) == (
        1,
        ["FAIL: 33.3 % (95 %: 6.1 to 79.2) passed: less than the 34.0 % that are asked for", "(--fail-under)."],
    )


def test_a_rate_that_is_high_enough_is_none(capsys):
    assert run(capsys, "--fail-under", "0.33", "--quiet")[0] == 0


def test_a_part_without_any_case_is_no_regression(capsys):
    parts = [
        run(capsys, "--case", "italy", "--shard", f"{n}/2", "--out", str(n), "--quiet", "--fail-under", "1")
        for n in (1, 2)
    ]
    told = sorted((code, out.splitlines()[0]) for code, out, _ in parts)
    assert told == [
        (0, "capitals, part 1/2: 1 of 1 case passed, 100.0 % (95 %: 20.7 to 100.0)."),
        (0, "capitals, part 2/2: no case."),
    ]


def test_an_error_of_the_agent_is_a_case_that_did_not_pass(capsys):
    code, out, _ = run(capsys, task="breaks")
    assert (code, " japan   task error   LookupError: no such country" in out.splitlines()) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--scorer", "eval_tasks:crashes"), "INCOMPLETE: 3 answers could not be scored: a scorer crashed."),
        (
            ("--agent", "eval_tasks:has_no_key"),
            "INCOMPLETE: 3 trials failed for reasons outside of the agent: ConfigError (3).",
        ),
    ],
)
def test_what_cannot_be_judged_is_infrastructure_and_no_regression(capsys, arguments, said):
    code, out, _ = run(capsys, *arguments, "--fail-under", "1", "--quiet")
    assert (code, said in " ".join(out.split("\n"))) == (3, True)


def test_the_fake_answers_on_virtual_time_and_that_is_said(capsys):
    code, out, _ = run(capsys, "--fake", "script.yaml", task="Guide")
    assert (code, out.splitlines()[-6:]) == (
        0,
        [
            "note: Answered by a fake LLM, by the script script.yaml, on virtual time: this",
            "says nothing of any real model.",
            "capitals: 2 of 3 cases passed, 66.7 % (95 %: 20.8 to 93.9).",
            "PASS: all was run and judged; of the figures nothing is asked (--fail-under,",
            "--baseline).",
            "Look at it: kaizen-eval report run -o report.html",
        ],
    )


def test_an_evaluation_on_the_fake_gives_the_same_summary_each_time(capsys):
    def summary(folder):
        run(capsys, "--fake", "--out", folder, "--json", f"{folder}.json", "--quiet", task="priced")
        told = json.loads(Path(f"{folder}.json").read_text())
        return {name: value for name, value in told.items() if name not in {"id", "created", "folder"}}

    first = summary("a")
    assert (first, first["deterministic"], first["model"], first["requests"]) == (summary("b"), True, "fake", 3)


def test_a_second_evaluation_does_not_write_over_the_first(capsys):
    run(capsys)
    code, out, err = run(capsys)
    assert (code, out, err.startswith("kaizen-eval: There is an evaluation in 'run' already.")) == (2, "", True)


def test_what_is_missing_is_run_by_resume_and_nothing_else(capsys):
    stopped = run(capsys, "--max-cost", "0.000001", "--fake", "--quiet", "--concurrency", "1", task="priced")[0]
    before = read_trials("run")
    code = run(capsys, "--resume", "--fake", "--quiet", task="priced")[0]
    assert (stopped, len(before), code, read_trials("run")[:1], len(read_trials("run"))) == (3, 1, 0, before, 3)


def read_trials(folder):
    lines = Path(folder, "log.jsonl").read_text().splitlines()
    return [line for line in lines if json.loads(line)["kind"] == "trial"]


def test_a_stopped_evaluation_says_why_and_how_to_go_on(capsys):
    code, out, _ = run(
        capsys, "--max-cost", "0.000001", "--fake", "--concurrency", "1", "--tag", "europe", task="priced"
    )
    assert (code, out.splitlines()[-2]) == (
        3,
        (
            "Go on: kaizen-eval eval capitals.jsonl --agent eval_tasks:priced --tag europe --fake --concurrency 1 "
            "--out run --resume"
        ),
    )


def test_after_a_second_ctrl_c_it_is_said_what_is_kept(capsys):
    code, out, err = run(capsys, "--quiet", task="presses_ctrl_c_twice")
    assert (code, out, err) == (
        130,
        "",
        (
            "Ended. What was done is kept in run. Go on: kaizen-eval eval capitals.jsonl --agent "
            "eval_tasks:presses_ctrl_c_twice --out run --resume\n"
        ),
    )


def test_cases_are_chosen_by_tag_and_by_id(capsys):
    run(capsys, "--tag", "europe", "--case", "france", "--json", "-")
    run(capsys, "--tag", "europe", "--out", "tagged")
    assert [len(read_trials(folder)) for folder in ("run", "tagged")] == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tag", "euorpe"), "No case of capitals has the tag 'euorpe'; did you mean 'europe'? There are: europe."),
        (("--case", "itali"), "capitals has no case 'itali'; did you mean 'italy'?"),
        (("--agent", "eval_tasks:Gide"), "eval_tasks has no 'Gide'; did you mean 'Guide'?"),
        (("--case", "japan", "--tag", "europe"), "The case 'japan' has none of the tags that were asked for."),
        (("--fake", "nope.yaml"), "--fake 'nope.yaml': there is no such script; without a file the fake makes"),
        (("--margin", "0.1"), "--margin needs to know of what: add --baseline and a file, or the folder of a run."),
        (("--mode", "record"), "--mode record needs to know which: add `--cassettes cassettes`."),
        (("--fake", "--cassettes", "tapes"), "--fake and --cassettes both say who answers: give one of them."),
        (("--json", "-", "--junit", "-"), "Only one report can go to stdout; name a file for the others."),
        (
            ("--html", "no/page.html"),
            "--html 'no/page.html' cannot be written: it stands in the folder 'no', which is not there.",
        ),
        (("--scorer", "exakt"), "There is no scorer 'exakt'; did you mean 'exact'?"),
    ],
)
def test_what_was_mistyped_is_a_usage_error_and_nothing_is_run(capsys, arguments, said):
    code, out, err = run(capsys, *arguments)
    assert (code, out, err.startswith(f"kaizen-eval: {said}"), Path("run").exists()) == (2, "", True, False)


def test_a_program_reads_the_summary_as_json(capsys):
    code, out, _ = run(capsys, "--json", "-", "--label", "commit=3f9a1c")
    told = json.loads(out)
    chosen = {name: told[name] for name in ("exit_code", "labels", "outcomes", "cost", "rulings")}
    assert (code, chosen) == (
        0,
        {
            "exit_code": 0,
            "labels": {"commit": "3f9a1c"},
            "outcomes": {
                "passed": 1,
                "failed": 2,
                "task_error": 0,
                "scorer_error": 0,
                "timeout": 0,
                "budget_exceeded": 0,
                "not_run": 0,
            },
            "cost": None,
            "rulings": [
                {
                    "verdict": "PASS",
                    "reason": "all was run and judged; of the figures nothing is asked (--fail-under, --baseline).",
                }
            ],
        },
    )


def test_what_happens_is_streamed_a_line_each(capsys):
    run(capsys, "--jsonl", "events.jsonl", "--concurrency", "1", "--quiet")
    events = [json.loads(line) for line in Path("events.jsonl").read_text().splitlines()]
    assert [(event["kind"], event.get("case")) for event in events] == [
        ("started", None),
        *((kind, case["id"]) for case in CASES for kind in ("trial_started", "trial_ended")),
        ("ended", None),
    ]


def test_junit_has_a_test_case_for_each_trial_and_what_was_not_run_is_an_error(capsys):
    run(capsys, "--max-cost", "0.000001", "--fake", "--concurrency", "1", "--junit", "junit.xml", task="priced")
    suite = ET.parse("junit.xml").getroot()[0]  # noqa: S314 - our own
    assert [(case.get("name"), [told.get("type") for told in case]) for case in suite] == [
        ("italy", ["failed"]),
        ("france", ["not_run"]),
        ("japan", ["not_run"]),
        ("verdict", ["INCOMPLETE"]),
    ]


def test_markdown_is_added_to_what_other_steps_said(capsys):
    Path("summary.md").write_text("# Tests\n")
    run(capsys, "--markdown", "summary.md", "--quiet")
    assert Path("summary.md").read_text().splitlines()[:4] == [
        "# Tests",
        "**capitals: 1 of 3 cases passed, 33.3 % (95 %: 6.1 to 79.2).**",
        "",
        "- **PASS**: all was run and judged; of the figures nothing is asked (--fail-under, --baseline).",
    ]


def test_repeats_tell_how_reliable_an_agent_is(capsys):
    _, out, _ = run(capsys, "--repeats", "2")
    assert [line for line in out.splitlines() if line.startswith(("repeats", "capitals"))] == [
        "repeats     pass@1 33.3 %, pass@2 33.3 % (at least once), pass^2 33.3 % (every",
        "capitals: 2 of 6 trials of 3 cases passed, 33.3 % (95 %: 6.1 to 79.2).",
    ]


def test_what_nobody_judged_is_said(tmp_path, capsys):
    towns = [{"inputs": {"country": "Italy"}, "expected": {"city": "Rome"}}, {"inputs": {"country": "Italia"}}]
    (tmp_path / "towns.jsonl").write_text("".join(json.dumps(town) + "\n" for town in towns))
    judged_by = ["--scorer", "exact", "--scorer", "{token_f1: {tags: [hard]}}"]
    wanted = [*judged_by, "--out", "run", "--json", "run.json", "--markdown", "run.md"]
    assert main(["eval", "towns.jsonl", "--agent", "eval_tasks:knows_italy", *wanted]) == 0
    printed = capsys.readouterr().out
    silent = "token_f1 found nothing to judge: no case says what it compares with, or has a tag that it is for."
    nobody = "1 trial passed without being judged: say what is expected, or name a scorer that looks at them."
    for text in (" ".join(printed.split()), (tmp_path / "run.md").read_text()):
        assert silent in text.replace("\\_", "_")
        assert nobody in text
    assert "nothing to judge" in printed.split("token_f1", 1)[1].splitlines()[0]
    assert json.loads((tmp_path / "run.json").read_text())["unscored"] == 1

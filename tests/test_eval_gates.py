"""`kaizen-eval eval`: baselines, cassettes, interruptions, scoring again, and the exit code of each."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kaizen_eval import FakeLLM
from kaizen_eval.cli import main

TASKS = '''
import asyncio
import os
import signal

from kaizen_eval import BaseAgent, InputField, OutputField, Signature


class Capitals(Signature):
    """Name the capital."""

    country: str = InputField()
    city: str = OutputField()


def agent():
    return BaseAgent({"model": "gpt-4o-mini"}, signature=Capitals)


async def good(country):
    return {"city": {"Italy": "Rome", "France": "Paris"}.get(country, "Sydney")}


async def worse(country):
    return {"city": {"Italy": "Rome"}.get(country, "Sydney")}


async def interrupted(country):
    if country == "France":
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.2)  # until the main thread has heard of it
    return {"city": "Rome"}


async def late(country):
    await asyncio.Event().wait()
'''
CASES = [
    {"id": country.lower(), "inputs": {"country": country}, "expected": {"city": city}}
    for country, city in (("Italy", "Rome"), ("France", "Paris"), ("Japan", "Tokyo"))
]


@pytest.fixture(autouse=True)
def _folder(monkeypatch, tmp_path):
    for name in ("NO_COLOR", "FORCE_COLOR", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "400")
    (tmp_path / "gate_tasks.py").write_text(TASKS)
    (tmp_path / "capitals.jsonl").write_text("".join(f"{json.dumps(case)}\n" for case in CASES))
    monkeypatch.chdir(tmp_path)


def run(capsys, task: str, *arguments: str, out: str = "run") -> tuple[int, list[str]]:
    """Exit code, and what stands on stdout."""
    code = main(["eval", "capitals.jsonl", "--agent", f"gate_tasks:{task}", "--out", out, "--quiet", *arguments])
    return code, capsys.readouterr().out.splitlines()


def trials(folder: str) -> list[str]:
    lines = map(json.loads, Path(folder, "log.jsonl").read_text().splitlines())
    return [line["trial"][0] for line in lines if line["kind"] == "trial"]


@pytest.mark.parametrize(
    ("task", "code", "said"),
    [("good", 0, "PASS: beside before, score 0.667 → 0.667"), ("worse", 4, "INCONCLUSIVE: beside before, score 0.667")],
)
def test_an_evaluation_is_held_against_an_earlier_one(capsys, task, code, said):
    run(capsys, "good", out="before")
    found, lines = run(capsys, task, "--baseline", "before")
    assert (found, lines[1][: len(said)]) == (code, said)


def fake(*known: str) -> str:
    """A script of one that knows these cities."""
    rules = [
        f"  - {{when: {{user: {country}}}, reply: {{json: {{city: {city}}}}}}}"
        for country, city in map(str.split, known)
    ]
    Path("script.yaml").write_text("\n".join(["version: 1", "rules:", *rules, "otherwise: {json: {city: Sydney}}"]))
    return "script.yaml"


def test_what_is_worse_than_the_blessed_one_is_a_regression(capsys):
    run(capsys, "agent", "--fake", fake("Italy Rome", "France Paris"), out="before")
    main(["compare", "before", "--bless", "base.json", "--quiet"])
    code, lines = run(capsys, "agent", "--fake", fake("Italy Rome"), "--baseline", "base.json")
    assert (code, lines[1].partition(": exact")[0]) == (1, "FAIL: beside base.json, score 0.667 → 0.333 (-0.333)")


def test_a_baseline_for_something_else_is_refused_and_the_figures_are_told(capsys):
    run(capsys, "good", out="before")
    main(["compare", "before", "--bless", "base.json", "--quiet"])
    code, lines = run(capsys, "agent", "--fake", fake("Italy Rome"), "--baseline", "base.json")
    assert (code, lines[:2]) == (
        2,
        [
            "capitals: 1 of 3 cases passed, 33.3 % (95 %: 6.1 to 79.2).",
            "REFUSED: 'base.json' has no baseline for this evaluation:",
        ],
    )


def test_a_baseline_that_is_not_there_is_missed_before_anything_runs(capsys):
    code, _ = run(capsys, "good", "--baseline", "nowhere.json")
    assert (code, Path("run").exists()) == (2, False)


def test_what_was_not_judged_to_the_end_is_not_called_a_regression(capsys):
    run(capsys, "good", out="before")
    code, lines = run(capsys, "late", "--timeout", "0.01", "--baseline", "before", "--fail-under", "1")
    assert (code, lines[1]) == (3, "INCOMPLETE: no trial came to an answer: nothing was judged.")


def test_ctrl_c_keeps_what_is_done_and_resume_runs_the_rest(capsys):
    code, lines = run(capsys, "interrupted", "--concurrency", "1")
    before = trials("run")
    resumed, _ = run(capsys, "interrupted", "--concurrency", "1", "--resume")
    assert (code, before, lines[2].partition(" Stopped: ")[0]) == (
        3,
        ["italy", "france"],
        "INCOMPLETE: 1 planned trial did not run.",
    )
    assert (resumed, trials("run")) == (0, ["italy", "france", "japan"])


def recorded(capsys, monkeypatch, *arguments: str, out: str = "recorded") -> tuple[int, list[str]]:
    """From a fake in the place of a service; each question is answered differently each time."""
    llm = FakeLLM().script([{"city": city} for city in ("Rome", "Paris", "Tokyo", "Oslo", "Riga", "Bern", "Kyiv")])
    with llm.serve() as service, monkeypatch.context() as environment:
        environment.setenv("OPENAI_BASE_URL", service.base_url)
        environment.setenv("OPENAI_API_KEY", "sk-proj-4gXq0Zt7Wb2LhVn9Rk5c")
        return run(capsys, "agent", "--cassettes", "tapes", *arguments, out=out)


def answers(folder: str) -> dict[tuple[str, int], str]:
    lines = map(json.loads, Path(folder, "log.jsonl").read_text().splitlines())
    return {tuple(line["trial"]): line["answer"] for line in lines if line["kind"] == "trial"}


def cities(folder: str) -> dict[tuple[str, int], str]:
    return {trial: answer["turns"][0]["outputs"]["city"] for trial, answer in answers(folder).items()}


def test_each_repeat_finds_its_own_recorded_answer_again(capsys, monkeypatch):
    recorded(capsys, monkeypatch, "--mode", "record", "--repeats", "2")
    code, _ = run(capsys, "agent", "--cassettes", "tapes", "--repeats", "2", out="replayed")
    assert (code, cities("replayed"), len(set(cities("replayed").values()))) == (0, cities("recorded"), 6)


def test_each_trial_has_a_lane_of_its_own(capsys, monkeypatch):
    recorded(capsys, monkeypatch, "--mode", "record", "--repeats", "2", "--concurrency", "1")
    lanes = re.findall(r'^lane: "(.+)"$', Path("tapes/capitals.yaml").read_text(), re.MULTILINE)
    assert lanes == [f"{country}#{repeat}" for country in ("france", "italy", "japan") for repeat in (1, 2)]


def test_a_case_that_is_not_in_the_cassette_is_infrastructure(capsys, monkeypatch):
    recorded(capsys, monkeypatch, "--mode", "record-missing", "--case", "italy")
    code, lines = run(capsys, "agent", "--cassettes", "tapes", out="replayed")
    said = "INCOMPLETE: 2 trials failed for reasons outside of the agent: CassetteMiss (2)."
    assert (code, lines[2][: len(said)], len(lines)) == (3, said, 3)


def test_a_recording_that_was_stopped_replaces_no_whole_one(capsys, monkeypatch):
    recorded(capsys, monkeypatch, "--mode", "record")
    whole = Path("tapes/capitals.yaml").read_text()
    recorded(capsys, monkeypatch, "--mode", "record", "--max-cost", "0.000001", "--concurrency", "1", out="stopped")
    assert (Path("tapes/capitals.yaml").read_text(), Path("tapes/capitals.yaml.rejected").exists()) == (whole, True)


@pytest.mark.parametrize("option", [["--resume"], ["--case", "italy"], ["--shard", "1/2"]])
def test_a_recording_that_would_leave_cases_out_is_refused(capsys, option):
    code, _ = run(capsys, "agent", "--cassettes", "tapes", "--mode", "record", *option)
    assert (code, Path("tapes").exists()) == (2, False)


def test_kept_answers_are_scored_again_without_asking(capsys):
    run(capsys, "good")
    code = main(
        ["eval", "--rescore", "run", "--scorer", "contains", "--out", "again", "--quiet", "--fail-under", "0.6"]
    )
    assert (code, capsys.readouterr().out.splitlines()[0]) == (
        0,
        "capitals: 2 of 3 cases passed, 66.7 % (95 %: 20.8 to 93.9).",
    )


def test_who_scores_again_asks_for_no_answers(capsys):
    run(capsys, "good")
    code = main(["eval", "--rescore", "run", "--scorer", "exact", "--repeats", "3"])
    said = "kaizen-eval: --rescore asks nobody for answers: leave out --repeats.\n"
    assert (code, capsys.readouterr().err) == (2, said)


def test_a_schema_is_written_beside_a_dataset(capsys):
    code, lines = run(capsys, "agent", "--schema")
    assert (code, lines, Path("capitals.schema.json").exists(), Path("run").exists()) == (0, [], True, False)


def test_the_report_is_written_as_a_page(capsys):
    code, _ = run(capsys, "good", "--html", "page.html")
    assert (code, Path("page.html").read_text()[:15].lower()) == (0, "<!doctype html>")

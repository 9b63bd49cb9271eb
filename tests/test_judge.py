"""`kaizen-eval judge`: its options, exit codes, and what it prints and writes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from kaizen_eval.cli import main
from kaizen_eval.conformance.clients.laws import LAWS
from kaizen_eval.conformance.clients.plans import PLANS

CLIENT = """\
import os
from http.client import HTTPConnection
from urllib.parse import urlsplit

connection = HTTPConnection(urlsplit(os.environ["OPENAI_BASE_URL"]).netloc)
body = '{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}'
connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
answer = connection.getresponse()
print(answer.status)
"""
VIOLATED = """\

 law               verdict    shown by
 ─────────────────────────────────────
 retry.budget      kept       1 plan
 retry.permanent   kept       1 plan
 answer.error      violated   quota

answer.error: error taken for an answer, under the plan quota
  An error is not taken for an answer.
  429 with code insufficient_quota, whatever is asked: no waiting helps.
  Exchange 1 (insufficient_quota) was no answer (QuotaExceeded: The provider
  answered 429 (insufficient_quota): You exceeded your current quota, please
  check your plan and billing details. Check the account's plan and billing;
  waiting does not help.), and was taken for one. The command exited with 0 and
  printed '429'.

  time (s)
     0.000  ├─ request 1 → insufficient_quota
     0.0    ┴  the command exited with 0 and printed '429'

17 laws: 2 kept, 1 violated, 14 not shown.
1 plan, 0.0 s.
"""


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    """80 columns, without colours."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def client(tmp_path):
    path = tmp_path / "client.py"
    path.write_text(CLIENT)
    return ["--", sys.executable, "-I", str(path)]


def without_times(text: str) -> str:
    text = re.sub(r"^( {5})\d+\.\d{3}(  ┴)", r"\g<1>0.0  \2", text, flags=re.MULTILINE)
    return re.sub(r"[\d.]+ s\.$", "0.0 s.", text, flags=re.MULTILINE)


def test_what_is_violated_is_told_with_the_exchanges_that_show_it(client, capsys):
    assert main(["judge", "--plan", "quota", *client]) == 1
    assert without_times(capsys.readouterr().out) == VIOLATED


def test_what_is_kept_is_success(client, capsys):
    assert main(["judge", "--plan", "clean", *client]) == 0
    assert "17 laws: 3 kept, 14 not shown.\n" in capsys.readouterr().out


def test_quiet_prints_nothing(client, capsys):
    assert main(["judge", "--quiet", "--plan", "quota", *client]) == 1
    assert capsys.readouterr() == ("", "")


def test_everything_that_was_seen_is_written_as_json(client, tmp_path):
    main(["judge", "--quiet", "--plan", "quota", "--json", str(tmp_path / "j.json"), *client])
    told = json.loads((tmp_path / "j.json").read_text())
    [plan] = told["plans"]
    [copy] = plan["copies"]
    [exchange] = copy["exchanges"]
    assert (told["kept"], told["terms"], told["left_out"]) == (
        False,
        {"least_attempts": 2, "most_attempts": 10, "deadline": None, "timeout": 30.0},
        [],
    )
    [violation] = told["violations"]
    [lapse] = violation.pop("lapses")
    assert violation == {"law": "answer.error", "plan": "quota", "copy": 0}
    assert (lapse["text"][:44], lapse["exchanges"]) == ("Exchange 1 (insufficient_quota) was no answe", [1])
    assert [(law["id"], law["verdict"], law["plans"]) for law in told["laws"] if law["verdict"] != "not shown"] == [
        ("retry.budget", "kept", [{"plan": "quota", "verdict": "kept", "why": ""}]),
        ("retry.permanent", "kept", [{"plan": "quota", "verdict": "kept", "why": ""}]),
        ("answer.error", "violated", [{"plan": "quota", "verdict": "violated", "why": ""}]),
    ]
    assert (plan["plan"], copy["exit_code"], copy["ended"], copy["stdout"], copy["stderr"], copy["interrupted"]) == (
        "quota",
        0,
        "by itself",
        "429\n",
        "",
        None,
    )
    assert exchange | {"ended": 0.0} == {
        "number": 1,
        "question": 1,
        "endpoint": "chat",
        "stream": False,
        "outcome": "insufficient_quota",
        "error": "QuotaExceeded",
        "retry_after": None,
        "began": 0.0,
        "ended": 0.0,
    }


def test_junit_has_a_case_for_each_law(client, tmp_path):
    main(["judge", "--quiet", "--plan", "quota", "--junit", str(tmp_path / "j.xml"), *client])
    suite = ET.parse(tmp_path / "j.xml").getroot()[0]  # noqa: S314 - our own
    failed = {case.get("name"): case[0].tag for case in suite if len(case)}
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("17", "1", "14")
    assert [case.get("name") for case in suite] == [law.id for law in LAWS]
    assert (failed["answer.error"], failed["retry.waits"]) == ("failure", "skipped")


def test_markdown_is_appended(client, tmp_path):
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    main(["judge", "--quiet", "--plan", "quota", "--markdown", str(summary), *client])
    text = summary.read_text()
    assert text.startswith("before\n### kaizen-eval judge: 1 law violated\n")
    assert "| answer.error | An error is not taken for an answer. | violated | quota |\n" in text
    assert "```text\ntime (s)\n   0.000  ├─ request 1 → insufficient_quota\n" in text


def test_the_plans_and_the_laws_are_listed(capsys):
    assert main(["judge", "--list"]) == 0
    listed = capsys.readouterr().out
    assert all(f" {each} " in listed for each in [*(plan.name for plan in PLANS), *(law.id for law in LAWS)])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "judge takes the command to run, after --: kaizen-eval judge -- python my_client.py"),
        (
            ["--plan", "quotas", "--", "true"],
            "There is no plan 'quotas'; did you mean 'quota'? `kaizen-eval judge --list` shows them all.",
        ),
        (["--plan", "hang", "--", "true"], "The plan hang shows nothing without --deadline S."),
        (
            ["--plan", "hang", "--plan", "drip", "--", "true"],
            "The plans hang, drip show nothing without --deadline S.",
        ),
        (
            ["--deadline", "30", "--", "true"],
            "--deadline takes seconds above 0 and below --timeout, which is 30; not 30.",
        ),
        (["--json", "/no/such/x.json", "--", "true"], "There is no folder '/no/such' to write 'x.json' in."),
        (
            ["--", "no-such-program"],
            "There is no command 'no-such-program': neither a program on PATH nor a file from here.",
        ),
    ],
)
def test_what_cannot_be_judged_is_said_in_one_line(given, says, capsys):
    assert main(["judge", *given]) == 2
    assert capsys.readouterr() == ("", f"kaizen-eval: {says}\n")


@pytest.mark.parametrize(
    ("option", "value"), [("--attempts", "0"), ("--attempts", "two"), ("--deadline", "-1"), ("--timeout", "nan")]
)
def test_a_figure_that_is_none_is_refused(option, value, capsys):
    with pytest.raises(SystemExit) as left:
        main(["judge", option, value, "--", "true"])
    assert left.value.code == 2
    assert f"argument {option}: {value!r} is no " in capsys.readouterr().err


def test_a_command_that_asks_nothing_is_usage(capsys):
    assert main(["judge", "--", sys.executable, "-I", "-c", ""]) == 2
    assert "kaizen-eval: The command made no request to the fake (it exited with 0)" in capsys.readouterr().err


def test_a_command_is_interrupted_also_where_signals_are_ignored_around_it(client):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert main(["judge", "--quiet", "--plan", "interrupt", *client]) == 0
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_is_judged_does_not_outlive_its_judge(number, code, tmp_path):
    held = tmp_path / "held"
    os.mkfifo(held)
    hangs = f"import time; held = open({str(held)!r}, 'wb', 0); held.write(b'here'); time.sleep(600)"
    judge = subprocess.Popen([sys.executable, "-m", "kaizen_eval", "judge", "--", sys.executable, "-I", "-c", hangs])
    with held.open("rb") as writer:
        assert writer.read(1) == b"h"
        judge.send_signal(number)
        assert (judge.wait(), writer.read()) == (code, b"ere")

"""`kaizen-eval check`: what people, programs and pull requests are told, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from check_strategies import STRATEGIES
from house.architecture import ROOT
from hypothesis_caches import share_caches

from kaizen_eval.cli import main


@pytest.fixture(autouse=True)
def _folder(monkeypatch, tmp_path):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "strategies.py").write_text(STRATEGIES)
    share_caches(tmp_path)
    monkeypatch.chdir(tmp_path)


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    code = main(["check", *arguments])
    return code, *capsys.readouterr()


def timeless(text: str) -> str:
    """Without what a machine, or another law, makes different."""
    counted = re.sub(r"\b\d+ (situations|runs)\b", r"N \1", text)
    return re.sub(r" +\d+ +\d+$", " N N", re.sub(r"in \d+ s;", "in N s;", counted), flags=re.MULTILINE)


KEPT = """
 laws    kept   n/a
 ──────────────────────────────────────────────────────────────────────────────
 retry      1     1   output-retries: It does not say how many calls a run
                      makes (traits.calls_per_run).
 tools            1   It does not say that it executes tools
                      (traits.calls_tools).

Undeclared keeps the one law that applies (2 do not apply).
N situations, N runs in N s; effort fast, seed 0.
"""

EACH = """\
retry

 law                   what it says                              tried     runs
 ──────────────────────────────────────────────────────────────────────────────
 attempts   kept       Faults that pass, within the policy's N N
                       attempts, end in success, with one
                       attempt more for each and no other.

tools

 law                   what it says                              tried     runs
 ──────────────────────────────────────────────────────────────────────────────
 once       n/a        Does not apply: It does not say that it
                       executes tools (traits.calls_tools).

"""

BROKEN = """
 laws    kept   violated
 ──────────────────────────────────────────────────────────────────────────────
 retry      1          1   permanent

Stubborn breaks 1 of 2 laws.
N situations, N runs in N s; effort fast, seed 0.
"""

VIOLATED = """\
retry.permanent: violated ──────────────────────────────────────────────────────
Exchange 1 (bad_request) will not pass, and the same was asked again: exchange 2
(reply).

The law: What will not pass is never asked again. (guide: What agent.run() Does,
4. Retry Logic)

time (s)
   0.000  ┬  asks question=''
"""


def test_laws_are_counted_by_group_and_those_that_do_not_apply_say_why(capsys):
    laws = ("retry.attempts", "retry.output-retries", "tools.once")
    code, out, err = run(capsys, "strategies:Undeclared", *(word for law in laws for word in ("--law", law)))
    assert (code, timeless(out)) == (0, KEPT)
    assert {line.partition("] ")[2] for line in err.splitlines()} == {
        "retry.attempts: kept",
        "retry.output-retries: not applicable",
        "tools.once: not applicable",
    }


def test_each_law_is_shown_where_that_is_asked_for(capsys):
    code, out, _ = run(capsys, "strategies:Good", "--law", "tools.once", "--law", "retry.attempts", "--verbose")
    assert (code, timeless(out)[: len(EACH)]) == (0, EACH)


def test_where_no_law_applies_nothing_is_kept(capsys):
    code, out, _ = run(capsys, "strategies:Good", "--law", "tools.once", "--quiet")
    assert (code, out.splitlines()[0]) == (0, "No law applies to Good (1 does not apply).")


def test_what_is_violated_is_named_once_more_at_the_end(capsys):
    code, out, _ = run(capsys, "strategies:Stubborn", "--law", "retry.permanent", "--law", "retry.attempts")
    assert code == 1
    assert timeless(out).endswith(BROKEN)


def test_a_violation_is_shown_with_its_law_diagram_and_test(capsys):
    code, out, err = run(capsys, "strategies:Stubborn", "--law", "retry.permanent", "--quiet")
    assert (code, err) == (1, "")
    assert out.startswith(VIOLATED)
    assert "\nAs a test:\n\nfrom kaizen_eval import" in out
    assert timeless(out).endswith("effort fast, seed 0.\n")


def test_the_printed_test_fails_with_the_same_complaint(capsys, tmp_path):
    run(capsys, "strategies:Stubborn", "--law", "retry.permanent", "--json", "r.json")
    [law] = json.loads((tmp_path / "r.json").read_text())["laws"]
    (tmp_path / "test_pasted.py").write_text(law["test"])
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "test_pasted.py"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "400"},
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert law["reason"] in done.stdout


def test_all_forms_are_written_at_once(capsys, tmp_path):
    forms = ("--json", "r.json", "--junit", "r.xml", "--markdown", "r.md", "--html", "r.html")
    code, out, _ = run(capsys, "strategies:Stubborn", "--law", "retry.permanent", "--law", "retry.attempts", *forms)
    assert (code, bool(out)) == (1, True)
    data = json.loads((tmp_path / "r.json").read_text())
    assert (data["kept"], data["counts"]) == (False, {"kept": 1, "violated": 1})
    suite = ET.parse(tmp_path / "r.xml").getroot()[0]  # noqa: S314 - our own file
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    assert (tmp_path / "r.md").read_text().startswith("**Stubborn breaks 1 of 2 laws.**\n\n| laws | kept |")
    assert "<title>Stubborn - kaizen-eval check</title>" in (tmp_path / "r.html").read_text()


def test_json_has_a_shape_that_is_written_down(capsys):
    _, out, _ = run(capsys, "strategies:Good", "--law", "retry.attempts", "--json", "-")
    data = json.loads(out)
    assert [*data] == [
        "schema", "target", "subject", "effort", "seed", "kept", "regressed", "counts", "situations", "runs", "seconds",
        "laws", "notices", "comparison",
    ]  # fmt: skip
    assert [*data["laws"][0]] == [
        "id", "group", "sentence", "source", "verdict", "reason", "situations", "runs", "seconds", "moments", "diagram",
        "test",
    ]  # fmt: skip
    text = (ROOT / "docs/check.md").read_text("utf-8")
    assert [name for name in [*data, *data["laws"][0]] if f"`{name}`" not in text] == []


def test_the_same_seed_prints_the_same(capsys):
    outs = [run(capsys, "strategies:Stubborn", "--law", "retry.permanent", "--seed", "3")[1] for _ in range(2)]
    assert timeless(outs[0]) == timeless(outs[1])
    assert "seed 3." in outs[0]


def test_the_figures_are_held_against_a_baseline(capsys, tmp_path):
    options = ("--law", "retry.attempts", "--quiet", "--baseline", "b/x.json")
    code, out, _ = run(capsys, "strategies:Good", *options, "--update-baseline")
    assert (code, out.splitlines()[-1]) == (0, "The baseline b/x.json was written.")
    code, out, _ = run(capsys, "strategies:Good", *options, "--seed", "9")
    assert (code, out.splitlines()[1]) == (0, "The figures are those of the baseline.")
    file = tmp_path / "b/x.json"
    file.write_text(re.sub(r'"attempts": 1\b', '"attempts": 0', file.read_text(), count=1))
    code, out, _ = run(capsys, "strategies:Good", *options, "--markdown", "r.md")
    assert (code, out.splitlines()[-2]) == (1, "Against the baseline: 1 worse.")
    assert "| attempts | 0 | 1 | worse |" in (tmp_path / "r.md").read_text()


USAGE = {
    ("strategies:Godo",): (
        "strategies has no 'Godo'; did you mean 'Good'? It defines: Good, Undeclared, Stubborn, Talking, Endless, "
        "Sleeping, Waiting, forever."
    ),
    ("strategies:Good", "--baseline", "b.json"): "There is no baseline 'b.json': write it with `--update-baseline`.",
    ("strategies:Good", "--update-baseline"): (
        "--update-baseline needs to know which: add `--baseline baselines/my_strategy.json`."
    ),
    ("strategies:Good", "--json", "-", "--junit", "-"): (
        "Only one report can go to stdout; name a file for the others."
    ),
    ("strategies:Good", "--json", "no/r.json"): (
        "--json 'no/r.json' cannot be written: it stands in the folder 'no', which is not there."
    ),
    ("strategies:Good", "--junit", "."): "--junit '.' cannot be written: it is a folder.",
    ("strategies:Good", "--signature", "strategies:Good"): (
        "strategies:Good is the class Good, and no Signature class."
    ),
}


@pytest.mark.parametrize("arguments", USAGE)
def test_wrong_usage_is_one_line_on_stderr_and_exit_code_2(arguments, capsys):
    assert run(capsys, *arguments) == (2, "", f"kaizen-eval: {USAGE[arguments]}\n")


@pytest.mark.parametrize("arguments", [["--seed", "x"], ["--seed", "-1"], ["--effort", "huge"], []])
def test_wrong_options_leave_with_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["check", *(["strategies:Good"] if arguments else []), *arguments])


def test_it_runs_outside_of_the_repository_and_is_plain_where_nobody_looks(tmp_path):
    (tmp_path / "src").mkdir()
    Path("strategies.py").rename("src/mine.py")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "kaizen_eval", "check", "mine:Talking", "--law", "retry.attempts"],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
    )
    assert (done.returncode, done.stderr) == (0, "[1/1] retry.attempts: kept\n")
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 120
    assert re.search(r"note: It prints: 'asking', and \d+ more lines, during retry\.attempts\.\n", done.stdout)

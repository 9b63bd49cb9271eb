"""The command line: `kaizen-eval --version`, `--help` and `init`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.cli import main
from kaizen_eval.cli.pytest_settings import settings_step
from kaizen_eval.cli.scaffold import Repository, plan
from kaizen_eval.cli.step import Step

WRITTEN = """\
written      suites/test_first_agent.py
written      .github/workflows/agents.yml
written      pyproject.toml

Now run: cd {folder} && python -m pytest suites/
"""
KEPT = """\
kept         suites/test_first_agent.py: it exists; --force overwrites it
kept         .github/workflows/agents.yml: it exists; --force overwrites it
kept         pyproject.toml: it has our settings

Now run: cd {folder} && python -m pytest suites/
"""
INI_LINES = """\
# where agents find their model: the fake, or sdk: the fake under the real OpenAI SDK
kaizen_llm = direct
# another seed, other generated replies
kaizen_seed = 0
# pytest-asyncio warns when it is not told
asyncio_default_fixture_loop_scope = function
# suites import what stands beside them, with plain pytest, too
pythonpath = .
"""
TOML_LINES = re.sub(r"= (.+)", r'= "\1"', INI_LINES).replace('"."', '["."]')
SECTION = f"[tool.pytest.ini_options]\n{TOML_LINES}"


def files_of(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_the_command_is_also_a_module():
    answer = subprocess.run(
        [sys.executable, "-m", "kaizen_eval", "--version"], capture_output=True, text=True, check=True
    )
    assert (answer.stdout, answer.stderr) == (f"kaizen-eval {version('kaizen-eval')}\n", "")


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    assert "\n    init " in capsys.readouterr().out


def test_help_of_a_command_says_what_it_writes(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main(["init", "--help"])
    assert "\nWrite a first suite, a CI job and the pytest settings into a repository. What exists is kept.\n" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["init", "--nothing"], ["init", "--json", "--quiet"]])
def test_wrong_options_leave_with_code_2_on_stderr(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    out, err = capsys.readouterr()
    assert (left.value.code, out, err.startswith("usage: kaizen-eval")) == (2, "", True)


def test_init_writes_a_suite_a_ci_job_and_the_settings(tmp_path, capsys):
    assert main(["init", str(tmp_path)]) == 0
    assert capsys.readouterr().out == WRITTEN.format(folder=tmp_path)
    assert sorted(files_of(tmp_path)) == [
        ".github/workflows/agents.yml",
        "pyproject.toml",
        "suites/test_first_agent.py",
    ]


def test_init_makes_the_folder_it_is_given(tmp_path):
    assert main(["init", str(tmp_path / "new" / "repository")]) == 0
    assert (tmp_path / "new/repository/pyproject.toml").read_text() == SECTION


def test_a_second_init_changes_nothing(tmp_path, capsys):
    main(["init", str(tmp_path)])
    before = files_of(tmp_path)
    capsys.readouterr()
    assert main(["init", str(tmp_path)]) == 0
    assert (files_of(tmp_path), capsys.readouterr().out) == (before, KEPT.format(folder=tmp_path))


def test_what_exists_is_never_overwritten_without_force(tmp_path):
    suite = tmp_path / "suites/test_first_agent.py"
    suite.parent.mkdir()
    suite.write_text("mine")
    main(["init", str(tmp_path)])
    assert suite.read_text() == "mine"
    main(["init", "--force", str(tmp_path)])
    assert suite.read_text().startswith('"""A first suite.')


def test_force_keeps_pyproject(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "mine"')
    main(["init", "--force", str(tmp_path)])
    main(["init", "--force", str(tmp_path)])
    assert (tmp_path / "pyproject.toml").read_text() == f'[project]\nname = "mine"\n\n{SECTION}'


def test_json_says_what_was_done(tmp_path, capsys):
    main(["init", "--json", str(tmp_path)])
    assert json.loads(capsys.readouterr().out) == [
        {"path": "suites/test_first_agent.py", "action": "written", "note": ""},
        {"path": ".github/workflows/agents.yml", "action": "written", "note": ""},
        {"path": "pyproject.toml", "action": "written", "note": ""},
    ]


def test_quiet_says_only_what_is_left_to_do(tmp_path, capsys):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    main(["init", "--quiet", str(tmp_path)])
    assert capsys.readouterr().out == (f"left to you  pytest.ini: add to its pytest section:\n{INI_LINES}")
    assert not (tmp_path / "pyproject.toml").exists()


@pytest.mark.parametrize("name", ["suites", ".github", ".github/workflows"])
def test_a_file_where_a_folder_is_needed_stops_init_before_it_writes(name, tmp_path, capsys):
    target = tmp_path / name
    target.parent.mkdir(exist_ok=True)
    target.touch()
    assert main(["init", str(tmp_path)]) == 2
    assert list(files_of(tmp_path)) == [name]
    assert capsys.readouterr().err == (
        f"kaizen-eval: {str(target)!r} is a file where init needs a folder; nothing was written.\n"
    )


@pytest.mark.parametrize("below", ["", "new/repository"])
def test_a_file_is_no_folder_for_a_repository(below, tmp_path, capsys):
    target = tmp_path / "file"
    target.touch()
    assert main(["init", str(target / below)]) == 2
    assert capsys.readouterr().err.startswith(f"kaizen-eval: {str(target)!r} is a file where init needs a folder;")


@pytest.mark.parametrize("name", ["suites/test_first_agent.py", ".github/workflows/agents.yml", "pyproject.toml"])
def test_a_folder_where_a_file_is_written_stops_init_before_it_writes(name, tmp_path, capsys):
    (tmp_path / name).mkdir(parents=True)
    assert main(["init", str(tmp_path)]) == 2
    assert files_of(tmp_path) == {}
    assert capsys.readouterr().err == (
        f"kaizen-eval: {str(tmp_path / name)!r} is a folder where init writes a file; nothing was written.\n"
    )


def test_a_broken_pyproject_stops_init_before_it_writes(tmp_path, capsys):
    (tmp_path / "pyproject.toml").write_text("[tool")
    assert main(["init", str(tmp_path)]) == 2
    assert list(files_of(tmp_path)) == ["pyproject.toml"]
    assert capsys.readouterr().err.startswith("kaizen-eval: pyproject.toml is no TOML, so nothing was written: ")


def test_a_failing_disk_is_one_line_and_code_1(tmp_path, capsys):
    (tmp_path / "suites").symlink_to("nowhere")
    assert main(["init", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"kaizen-eval: File exists: '{tmp_path}/suites'\n"


def test_an_error_of_another_kind_is_named(tmp_path, capsys):
    (tmp_path / "pyproject.toml").write_bytes(b"\xff")
    assert main(["init", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        "kaizen-eval: UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte "
        "(--debug shows where)\n"
    )


@pytest.mark.parametrize("arguments", [["--debug", "init"], ["init", "--debug"]])
def test_debug_shows_the_traceback(arguments, tmp_path, capsys):
    target = tmp_path / "file"
    target.touch()
    assert main([*arguments, str(target)]) == 2
    assert capsys.readouterr().err.startswith("Traceback (most recent call last):\n")


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("pytest.ini", "", INI_LINES),
        ("tox.ini", "[tox]\n[pytest]\n", INI_LINES),
        ("setup.cfg", "[tool:pytest]\n", INI_LINES),
        ("pytest.toml", "[pytest]\n", TOML_LINES),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = []\n", TOML_LINES),
        ("pyproject.toml", "[tool.pytest]\nminversion = '9'\n", TOML_LINES),
    ],
)
def test_settings_that_stand_already_are_left_to_the_user(name, text, lines):
    expected = Step(name, "left to you", note=f"add to its pytest section:\n{lines}")
    assert settings_step({name: text}) == expected


def test_settings_that_are_half_there_are_completed_by_the_user():
    text = "[pytest]\nkaizen_llm = sdk\npythonpath = src\nasyncio_default_fixture_loop_scope=session\n"
    expected = "add to its pytest section:\n# another seed, other generated replies\nkaizen_seed = 0\n"
    assert settings_step({"pytest.ini": text}) == Step("pytest.ini", "left to you", note=expected)


def test_a_tox_file_without_pytest_settings_does_not_matter():
    assert settings_step({"tox.ini": "[tox]\n"}) == Step("pyproject.toml", "written", SECTION)


def test_the_first_file_that_pytest_reads_wins():
    assert settings_step({"pytest.ini": "", "pyproject.toml": "[tool.pytest.ini_options]"}).path == "pytest.ini"


def test_line_ends_stay_what_they_are(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b'[project]\r\nname = "mine"\r\n')
    main(["init", str(tmp_path)])
    expected = f'[project]\nname = "mine"\n\n{SECTION}'.replace("\n", "\r\n")
    assert (tmp_path / "pyproject.toml").read_bytes() == expected.encode()


def test_a_table_in_braces_is_left_to_the_user():
    note = f"its table `tool` is closed; make room in it for:\n{SECTION}"
    assert settings_step({"pyproject.toml": "tool = {ruff = {}}\n"}) == Step("pyproject.toml", "left to you", note=note)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_adding_our_section_never_changes_what_pyproject_said(value):
    text = f"[tool.mine]\nvalue = {json.dumps(value, ensure_ascii=False)}"
    step = settings_step({"pyproject.toml": text})
    assert step == Step("pyproject.toml", "extended", f"{text}\n\n{SECTION}")


@pytest.mark.parametrize(
    ("texts", "packages"),
    [
        ({}, "kaizen-eval"),
        ({"setup.py": ""}, "kaizen-eval -e ."),
        ({"requirements.txt": ""}, "kaizen-eval -r requirements.txt"),
        ({"pyproject.toml": "[project]"}, "kaizen-eval -e ."),
        ({"pyproject.toml": "[tool.ruff]", "requirements.txt": ""}, "kaizen-eval -r requirements.txt"),
    ],
)
def test_the_ci_job_installs_what_the_agents_need(texts, packages):
    job = next(step for step in plan(Repository(frozenset(), texts), force=False) if step.path.endswith(".yml"))
    assert f"\n      - run: python -m pip install {packages}\n" in job.text


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_what_init_wrote_passes_as_it_stands_beside_the_agents_of_the_repository(door, tmp_path):
    main(["init", str(tmp_path)])
    (tmp_path / "shop.py").touch()
    (tmp_path / "suites/test_shop.py").write_text("import shop\n\ndef test_it_is_there():\n    assert shop\n")
    alone = Path(sys.executable).with_name("pytest")  # unlike `python -m pytest` it puts no folder on sys.path
    answer = subprocess.run(
        [alone, "-W", "error", "-p", "no:cacheprovider", "--strict-config", "--kaizen-llm", door, "suites/"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout
    assert " 6 passed" in answer.stdout


def test_a_reader_that_has_seen_enough_is_told_nothing():
    command = subprocess.Popen(
        [sys.executable, "-m", "kaizen_eval", "faults", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    command.stdout.close()
    assert (command.stderr.read(), command.wait()) == (b"", 1)
    command.stderr.close()

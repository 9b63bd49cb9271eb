"""What is told and forgotten of tests that are no more: after runs of all tests alone."""

import shutil

import pytest
from plugin_project import run

TESTS = """
import pytest

def test_one(kaizen_llm): pass

@pytest.mark.kaizen_cassette("named.yaml")
@pytest.mark.skip
def test_skipped(kaizen_llm): pass

@pytest.mark.kaizen_virtual
def test_virtual(kaizen_llm): pass
"""
LATER = "import pytest\npytest.skip('not on this machine', allow_module_level=True)\n"
HEAD = "# The tests that could not be recorded, and why; a replay skips them.\n"
FOUND = [
    "cassettes/test_gone/test_it.yaml",
    "cassettes/test_it/test_gone.jsonl",
    "cassettes/test_it/unrecorded.yaml: test_gone",
]
TITLE = "cassettes that no test asks for"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    cassettes = folder / "cassettes"
    for name in ("named", "test_gone/test_it", "test_it/test_skipped", "test_later/test_it"):
        (cassettes / f"{name}.yaml").parent.mkdir(parents=True, exist_ok=True)
        (cassettes / f"{name}.yaml").write_text("")
    (cassettes / "test_it/test_gone.jsonl").write_text("")
    (cassettes / "test_it/unrecorded.yaml").write_text(f"{HEAD}test_gone: why\ntest_virtual: why\n")
    (cassettes / "test_gone/unrecorded.yaml").write_text(f"{HEAD}test_that: why\n")
    return folder


def told(folder, *args, tests=TESTS, **modules):
    lines = run(folder, tests, "--kaizen-llm=replay", *args, test_later=LATER, **modules).output.splitlines()
    place = next((number for number, line in enumerate(lines) if TITLE in line), None)
    return [] if place is None else [line for line in lines[place + 1 : place + 6] if line.startswith("cassettes/")]


ALL = sorted([*FOUND, "cassettes/test_gone/unrecorded.yaml: test_that"])


def test_a_run_of_all_tells_cassettes_and_lines_of_tests_that_are_no_more(project):
    assert told(project) == ALL


def test_so_does_one_by_xdist_s_workers(project):
    assert told(project, "-n2") == ALL


def test_a_run_of_one_module_tells_those_of_its_own(project):
    assert told(project, "test_it.py") == FOUND[1:]


@pytest.mark.parametrize("args", [("-k", "one"), ("test_it.py::test_one",), ("--collect-only",), ("--ignore", "no")])
def test_a_run_of_some_tells_none(project, args):
    assert told(project, *args) == []


def test_a_run_that_stops_at_its_first_failure_tells_none(project):
    assert told(project, "-x", tests=f"{TESTS}\ndef test_fails(kaizen_llm): assert 0\n") == []


def test_what_a_worker_alone_deselects_is_heard_of(project, tmp_path):
    shutil.copytree(project, tmp_path, dirs_exist_ok=True)
    plugin = (
        "def pytest_collection_modifyitems(config, items):\n    config.hook.pytest_deselected(items=[items.pop()])\n"
    )
    assert told(tmp_path, "-n2", "-p", "leaving", leaving=plugin) == []


def test_a_folder_of_cassettes_may_be_anywhere(project, tmp_path):
    shutil.copytree(project / "cassettes", tmp_path / "elsewhere")
    ran = run(
        project, TESTS, "--kaizen-llm=replay", f"--kaizen-cassette-dir={tmp_path / 'elsewhere'}", test_later=LATER
    )
    assert f"{tmp_path}/elsewhere/test_it/test_gone.jsonl" in ran.output.splitlines()


def lists(folder, *args):
    run(folder, TESTS, "--kaizen-llm=record", *args, test_later=LATER)
    paths = sorted((folder / "cassettes").rglob("unrecorded.yaml"))
    return {path.parent.name: [line.split(":")[0] for line in path.read_text().splitlines()[1:]] for path in paths}


def test_a_recording_of_some_keeps_the_lines_of_others_and_one_of_all_keeps_no_other(project, tmp_path):
    shutil.copytree(project / "cassettes", tmp_path / "cassettes")
    some = lists(tmp_path, "-k", "virtual")
    assert (some["test_gone"], some["test_it"][-2:]) == (["test_that"], ['"test_gone"', '"test_virtual"'])
    assert {name: lines[1:] for name, lines in lists(tmp_path).items()} == {"test_it": ['"test_virtual"']}

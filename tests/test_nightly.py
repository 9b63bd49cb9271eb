"""The nightly run: its profile is chosen on the command line, and reaches tests and suites."""

from __future__ import annotations

import pytest
from house.architecture import ROOT

SHOWS_ITS_PROFILE = """
from hypothesis import settings

def test_shown():
    print(settings.get_current_profile_name(), settings().max_examples, settings().deadline)
"""


def shown(pytester, folder: str, *options: str) -> str:
    pytester.makeconftest((ROOT / folder / "conftest.py").read_text("utf-8"))
    pytester.makeini(f"[pytest]\nasyncio_default_fixture_loop_scope = function\npythonpath = {ROOT / folder}\n")
    run = pytester.runpytest_subprocess("-s", "-q", *options, pytester.makepyfile(SHOWS_ITS_PROFILE))
    run.assert_outcomes(passed=1)
    return run.outlines[0].removesuffix(".")


@pytest.mark.parametrize("folder", ["tests", "suites"])
def test_the_command_line_chooses_the_profile(pytester, folder):
    assert shown(pytester, folder, "--hypothesis-profile", "nightly") == "nightly 2000 None"


@pytest.mark.parametrize("machine", ["", "true"], ids=["here", "in CI"])
def test_without_it_tests_try_as_much_on_every_machine(pytester, monkeypatch, machine):
    monkeypatch.setenv("CI", machine)
    assert shown(pytester, "tests") == "kaizen-eval 50 None"

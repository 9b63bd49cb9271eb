"""The profiles, as a project that uses them meets them."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.errors import InvalidArgument
from hypothesis_caches import share_caches

from kaizen_eval.generators import profiles

pytest_plugins = ["pytester"]

TEST = """
from hypothesis import given, strategies as st
from kaizen_eval import InputField, Signature
from kaizen_eval.generators import inputs, profiles

profiles.register(load="{profile}")
tried = []

class Task(Signature):
    text: str = InputField()
    count: int = InputField(default=1)

@given(inputs(Task))
def test_counts(made):
    assert made.get("count", 0) < 5

@given(inputs(Task))
def test_tries(made):
    tried.append(repr(made))

def test_shows():
    print(len(tried), hash(tuple(tried)))
"""


def outcome(pytester, profile, *arguments):
    share_caches(pytester.path)
    pytester.makepyfile(TEST.format(profile=profile))
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester._monkeypatch.setenv("PYTHONHASHSEED", "0")
    result = pytester.runpytest_subprocess("-s", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *arguments)
    return result.stdout


def shown(stdout):
    return next(line for line in stdout.lines if line.strip(".F").strip()[:2].isdigit())


def test_ci_tries_the_same_again(pytester):
    assert shown(outcome(pytester, "ci")) == shown(outcome(pytester, "ci"))


def test_dev_keeps_what_failed(pytester):
    outcome(pytester, "dev")
    assert any((pytester.path / ".hypothesis" / "examples").iterdir())


@pytest.mark.parametrize("profile", ["ci", "dev"])
def test_a_failure_prints_the_smallest_case_and_what_replays_it(pytester, profile):
    stdout = outcome(pytester, profile)
    stdout.fnmatch_lines(["*made={'text': '', 'count': 5},*", "*@reproduce_failure(*"])


def test_importing_the_package_registers_nothing(pytester):
    pytester.makepyfile(
        """
        import pytest
        from hypothesis import settings
        from hypothesis.errors import InvalidArgument
        from kaizen_eval import generators

        def test_none():
            with pytest.raises(InvalidArgument):
                settings.get_profile("nightly")
        """
    )
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_nightly_explores_and_keeps_what_failed(tmp_path):
    current = settings.get_current_profile_name()
    profiles.register(folder=tmp_path / "kept")
    nightly = settings.get_profile(profiles.NIGHTLY)
    assert (nightly.max_examples, nightly.derandomize, nightly.print_blob) == (2_000, False, True)
    assert nightly.database is not None
    assert settings.get_current_profile_name() == current
    profiles.register()  # for the tests after this one, which may run under it


def test_nightly_explores_also_where_the_environment_says_ci(pytester, monkeypatch):
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile(
        """
        from hypothesis import settings
        from kaizen_eval.generators import profiles

        def test_explores():
            profiles.register(load="nightly")
            assert (settings().derandomize, settings().max_examples) == (False, 2_000)
        """
    )
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_a_profile_that_nobody_registered_is_refused():
    with pytest.raises(InvalidArgument, match="weekly"):
        profiles.register(load="weekly")

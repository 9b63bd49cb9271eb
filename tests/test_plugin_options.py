"""The plugin's settings: command line, ini file, and what is refused."""

import pytest

from kaizen_eval.pytest_plugin import options
from kaizen_eval.pytest_plugin.options import Settings

PLUGIN = ("-p", "no:kaizen", "-p", "kaizen_eval.pytest_plugin")
INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
kaizen_llm = sdk
kaizen_strategy = mine:Careful
kaizen_seed = 7
"""


@pytest.fixture
def settings(pytester):
    def read(*args, ini="[pytest]\nasyncio_default_fixture_loop_scope = function\n"):
        pytester.makeini(ini)
        return options.read(pytester.parseconfigure(*PLUGIN, *args))

    return read


def test_without_settings_the_door_is_direct_and_the_seed_0(settings):
    assert settings() == Settings(door="direct", strategy=None, seed=0)


def test_the_ini_file_sets_what_the_command_line_leaves_open(settings):
    assert settings(ini=INI) == Settings(door="sdk", strategy="mine:Careful", seed=7)


def test_the_command_line_wins_over_the_ini_file(settings):
    given = ["--kaizen-llm=direct", "--kaizen-strategy=mine.own:Bold", "--kaizen-seed=-8"]
    assert settings(*given, ini=INI) == Settings(door="direct", strategy="mine.own:Bold", seed=-8)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("--kaizen-llm=live", "--kaizen-llm: there is no door 'live'; the doors are: direct, sdk, server."),
        ("--kaizen-llm=", "--kaizen-llm: there is no door ''; the doors are: direct, sdk, server."),
        ("--kaizen-seed=x", "--kaizen-seed: a seed is a whole number such as 7, not 'x'."),
        *(
            (
                f"--kaizen-strategy={text}",
                f"--kaizen-strategy: {text!r} names no strategy; write module:Class, such as my.agents:Careful.",
            )
            for text in ("mine", "mine:", ":Careful", "mine.:Careful", "mine/own:Careful")
        ),
    ],
)
def test_a_bad_option_is_a_usage_error_that_says_what_is_allowed(settings, given, message):
    with pytest.raises(pytest.UsageError) as caught:
        settings(given)
    assert str(caught.value) == message


def test_a_bad_ini_key_is_named_as_one(settings):
    with pytest.raises(pytest.UsageError) as caught:
        settings(ini=INI.replace("sdk", "Sdk"))
    assert str(caught.value) == "ini key kaizen_llm: there is no door 'Sdk'; the doors are: direct, sdk, server."


def test_the_marker_is_registered_with_what_it_does(pytester):
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    ours = [marker for marker in pytester.parseconfigure(*PLUGIN).getini("markers") if marker.startswith("kaizen")]
    assert ours == ["kaizen_virtual: run this test on virtual time; an async test's event loop is virtual, too."]


STRATEGIES = """
from kaizen_eval import Strategy

class Outer:
    class Plain(Strategy):
        async def execute(self, signature, inputs, config):
            return {}

class Demanding(Outer.Plain):
    def __init__(self, patience): pass

class NoStrategy: pass
"""
HINT = "Modules are found where tests find theirs; see pytest's pythonpath."


@pytest.fixture
def collected(pytester):
    """A pytest run whose one test uses no agent, with strategies on the pythonpath."""

    def run(strategy, *args):
        pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\npythonpath = lib\n")
        pytester.makepyfile(test_it="def test_nothing(): pass", **{"lib/mine": STRATEGIES, "lib/broken": "1 / 0"})
        return pytester.runpytest_inprocess(*PLUGIN, f"--kaizen-strategy={strategy}", *args)

    return run


def test_a_strategy_is_found_where_tests_find_their_modules(collected):
    collected("mine:Outer.Plain").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("strategy", "reason"),
    [
        ("nowhere:Bold", f"cannot be loaded: ModuleNotFoundError: No module named 'nowhere'. {HINT}"),
        ("mine:Bold", "cannot be loaded: AttributeError: module 'mine' has no attribute 'Bold'."),
        ("mine:Demanding", "cannot be loaded: TypeError: *missing 1 required positional argument: 'patience'."),
        (
            "mine:NoStrategy",
            "is refused: strategy takes a Strategy with a method `async execute(*)`, not <class 'mine.NoStrategy'>.",
        ),
        ("broken:Bold", "cannot be loaded: ZeroDivisionError: division by zero."),
    ],
)
def test_a_strategy_that_cannot_be_loaded_ends_the_run_also_where_no_test_uses_it(collected, strategy, reason):
    result = collected(strategy)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: kaizen_strategy '{strategy}' {reason}"])
    result.assert_outcomes()


def test_pytest_xdist_s_workers_say_so_too(collected):
    result = collected("nowhere:Bold", "-n1")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*kaizen_strategy 'nowhere:Bold' cannot be loaded: ModuleNotFoundError*"])

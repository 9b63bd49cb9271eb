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
DOORS = "the doors are: direct, sdk, server, replay, record, record-missing, verify, live."


@pytest.fixture
def settings(pytester):
    def read(*args, ini="[pytest]\nasyncio_default_fixture_loop_scope = function\n"):
        pytester.makeini(ini)
        return options.read(pytester.parseconfigure(*PLUGIN, *args))

    return read


@pytest.fixture
def cassettes(pytester):
    return pytester.path / "cassettes"


def test_without_settings_the_door_is_direct_and_the_seed_0(settings, cassettes):
    assert settings() == Settings(door="direct", cassettes=cassettes, strategy=None, seed=0)


def test_the_ini_file_sets_what_the_command_line_leaves_open(settings, cassettes):
    assert settings(ini=INI) == Settings(door="sdk", cassettes=cassettes, strategy="mine:Careful", seed=7)


def test_the_command_line_wins_over_the_ini_file(settings, cassettes):
    given = ["--kaizen-llm=direct", "--kaizen-strategy=mine.own:Bold", "--kaizen-seed=-8"]
    assert settings(*given, ini=INI) == Settings(door="direct", cassettes=cassettes, strategy="mine.own:Bold", seed=-8)


def test_cassettes_stand_below_the_root_of_the_tests_and_service_and_model_are_as_given(settings, pytester):
    given = ["--kaizen-cassette-dir=tapes/llm", "--kaizen-base-url=http://localhost:1/v1", "--kaizen-model=mine"]
    assert settings(*given, "--kaizen-llm=record") == Settings(
        door="record", cassettes=pytester.path / "tapes/llm", base_url="http://localhost:1/v1", model="mine"
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("--kaizen-llm=life", f"--kaizen-llm: there is no door 'life'; {DOORS}"),
        ("--kaizen-llm=", f"--kaizen-llm: there is no door ''; {DOORS}"),
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


def test_a_folder_elsewhere_is_given_with_an_equals_sign_since_pytest_would_look_for_its_root_there(pytester):
    pytester.makepyfile("def test_it(): pass")
    elsewhere = pytester.path.parent
    apart = pytester.runpytest_subprocess("--kaizen-cassette-dir", elsewhere)
    joined = pytester.runpytest_subprocess(f"--kaizen-cassette-dir={elsewhere}")
    assert f"write --kaizen-cassette-dir={elsewhere}, with `=`" in apart.stderr.str()
    joined.assert_outcomes(passed=1)


def test_a_bad_ini_key_is_named_as_one(settings):
    with pytest.raises(pytest.UsageError) as caught:
        settings(ini=INI.replace("sdk", "Sdk"))
    assert str(caught.value) == f"ini key kaizen_llm: there is no door 'Sdk'; {DOORS}"


def test_the_markers_are_registered_with_what_it_does(pytester):
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    ours = [marker for marker in pytester.parseconfigure(*PLUGIN).getini("markers") if marker.startswith("kaizen")]
    assert ours == [
        "kaizen_virtual: run this test on virtual time; an async test's event loop is virtual, too.",
        (
            "kaizen_cassette(path=None, **settings): record or replay this test's HTTP traffic; settings are those of "
            "use_cassette."
        ),
    ]


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

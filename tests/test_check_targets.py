"""TARGET of `kaizen-eval check`: what is found, and what whoever mistypes one reads."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kaizen_eval.conformance import REFERENCE
from kaizen_eval.conformance.target import signature_at, subject_at
from kaizen_eval.errors import ConfigError
from kaizen_eval.named import importable_folders

GOOD = """\
from kaizen_eval import BaseAgent, InputField, OutputField, Signature
from kaizen_eval.conformance import Subject
from kaizen_eval.strategies import Strategy, Traits


class Good(Strategy):
    traits = Traits(calls_per_run=1)

    async def execute(self, signature, inputs, config):
        return await self.llm_call(signature, inputs, config)


class Outer:
    Inner = Good


class Asks(Signature):
    question: str = InputField()
    answer: str = OutputField()


class Agent(BaseAgent):
    signature = Asks
    strategy = Good()

    def __init__(self, config):
        super().__init__(config)


def factory(config, **parts):
    return BaseAgent(config, strategy=Good(), **parts)


def made():
    return Good()


instance = Good()
subject = Subject.of(Good)
"""
BAD = """\
import sys

from kaizen_eval import BaseAgent
from kaizen_eval.strategies import Strategy


class Needy(Strategy):
    def __init__(self, model, *, times):
        self.model = model

    async def execute(self, signature, inputs, config): ...


class Raising(Strategy):
    def __init__(self):
        raise ValueError("no key")

    async def execute(self, signature, inputs, config): ...


class Leaving(Strategy):
    def __init__(self):
        sys.exit(3)

    async def execute(self, signature, inputs, config): ...


class Plain(Strategy):
    def execute(self, signature, inputs, config):
        return {}


class Stream(Strategy):
    async def execute(self, signature, inputs, config):
        yield {}


class Empty(Strategy):
    pass


class Bare(BaseAgent):
    def __init__(self):
        super().__init__()


def nothing():
    return None


def something(config):
    return 5


async def later(): ...


number = 3
agent = BaseAgent()
"""
EXPECTED = (
    "Expected: a Strategy with `async def execute(self, signature, inputs, config)`, as class or instance; a class of "
    "agents; or a function: without arguments, it returns a strategy; as factory(config, **parts), a BaseAgent."
)


@pytest.fixture(autouse=True)
def _folder(monkeypatch, tmp_path):
    """With two modules of the user's, which are forgotten afterwards."""
    (tmp_path / "good_ones.py").write_text(GOOD)
    (tmp_path / "bad_ones.py").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if not name.startswith("kaizen_eval"):
            del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Good", "Good"),
        ("Outer.Inner", "Good"),
        ("instance", "Good"),
        ("made", "made"),
        ("factory", "factory"),
        ("Agent", "Agent"),
        ("subject", "Good"),
    ],
)
def test_whatever_makes_agents_is_a_target(name, called):
    subject = subject_at(f"good_ones:{name}")
    assert (subject.name, subject.reference, subject.traits.calls_per_run) == (called, f"good_ones:{name}", 1)


def test_an_agent_of_one_signature_is_only_asked_by_that():
    subject = subject_at("good_ones:Agent")
    assert subject.signature is signature_at("good_ones:Asks")


def test_agents_that_take_no_tools_are_not_asked_to_call_any():
    assert subject_at("kaizen_eval:BaseAgent").traits == REFERENCE.traits
    assert not subject_at("good_ones:Agent").traits.calls_tools


REFUSED = {
    "good_ones": "'good_ones' is no `module:Name`, such as my_package.strategies:MyStrategy.",
    "good_ones.Good": "'good_ones.Good' is no `module:Name`; did you mean 'good_ones:Good'?",
    "src/good_ones.py:Good": (
        "'src/good_ones.py:Good' is no `module:Name`: the module is written with dots, and without .py: good_ones:Good"
    ),
    "good_one:Good": (
        "good_one cannot be imported: there is no module 'good_one'; did you mean 'good_ones'? It was looked for in "
        "this folder, in src and pytest's pythonpath, and among what is installed."
    ),
    "good_ones:Godo": (
        "good_ones has no 'Godo'; did you mean 'Good'? It defines: Good, Outer, Asks, Agent, factory, made, instance."
    ),
    "bad_ones:number": f"bad_ones:number is no strategy: it is 3 (int). {EXPECTED}",
    "bad_ones:sys": f"bad_ones:sys is no strategy: it is the module sys. {EXPECTED}",
    "bad_ones:later": f"bad_ones:later is a coroutine function; a factory is a plain `def`. {EXPECTED}",
    "bad_ones:Empty": f"bad_ones:Empty has no `execute` of its own. {EXPECTED}",
    "bad_ones:Plain": (
        "bad_ones:Plain: its `execute` is a plain `def`; write `async def execute(…)`, and return the outputs."
    ),
    "bad_ones:Stream": (
        "bad_ones:Stream: its `execute` is an async generator; write `async def execute(…)`, and return the outputs."
    ),
    "bad_ones:Needy": (
        "bad_ones:Needy needs arguments: model, times. Write a function that gives them, "
        "`def made(): return Needy(model=…, times=…)`, and name that: bad_ones:made"
    ),
    "bad_ones:Raising": (
        "bad_ones:Raising cannot be made: it raises ValueError: no key (bad_ones.py, line 16: "
        'raise ValueError("no key")).'
    ),
    "bad_ones:Leaving": "bad_ones:Leaving calls sys.exit(3) when it is made.",
    "bad_ones:Bare": (
        "bad_ones:Bare takes no config: laws set each agent's model, deadline and retries by it. Write "
        "`def __init__(self, config=None, **parts): super().__init__(config, **parts)`."
    ),
    "bad_ones:nothing": (
        "bad_ones:nothing cannot be made: strategy takes a Strategy with a method "
        "`async execute(signature, inputs, config)`, not None."
    ),
    "bad_ones:something": f"bad_ones:something returns 5 (int), and no agent. {EXPECTED}",
    "bad_ones:agent": (
        "bad_ones:agent is an agent. Laws make agents of their own, with other settings each time: name its class "
        "(BaseAgent), or write `def factory(config, **parts): return BaseAgent(config, **parts)` and name that."
    ),
}


@pytest.mark.parametrize("reference", REFUSED)
def test_what_cannot_be_judged_is_refused_with_what_to_do(reference):
    with pytest.raises(ConfigError) as refused:
        subject_at(reference)
    assert str(refused.value) == REFUSED[reference]


BROKEN = {
    "import foo_missing": "ModuleNotFoundError: No module named 'foo_missing' (broken.py, line 1: import foo_missing).",
    "x = = 3": "SyntaxError: invalid syntax (broken.py, line 1: x = = 3).",
    "1 / 0": "ZeroDivisionError: division by zero (broken.py, line 1: 1 / 0).",
    "raise SystemExit(4)": (
        "it calls sys.exit(4) when it is (broken.py, line 1: raise SystemExit(4)). Put what is to happen only when it "
        'is run below `if __name__ == "__main__":`.'
    ),
}


@pytest.mark.parametrize("source", BROKEN)
def test_a_module_that_cannot_be_imported_says_why_in_its_own_words(source, tmp_path):
    (tmp_path / "broken.py").write_text(source)
    with pytest.raises(ConfigError) as refused:
        subject_at("broken:X")
    assert str(refused.value) == f"broken cannot be imported: {BROKEN[source]}"


def test_a_signature_is_named_alike():
    with pytest.raises(ConfigError, match=r"^good_ones:Good is the class Good, and no Signature class\.$"):
        signature_at("good_ones:Good")


SETTINGS = {
    "pytest.ini": "[pytest]\npythonpath = lib tools\n",
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["lib", "tools"]\n',
    "pytest.toml": '[pytest]\npythonpath = ["lib", "tools"]\n',
    "tox.ini": "[pytest]\npythonpath = lib\n    tools\n",
    "setup.cfg": "[tool:pytest]\npythonpath = lib tools\n",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_modules_are_found_where_pytest_finds_them(name, tmp_path):
    for folder in ("src", "lib", "tools", "inner"):
        (tmp_path / folder).mkdir()
    (tmp_path / name).write_text(SETTINGS[name])
    assert importable_folders(tmp_path) == (tmp_path, tmp_path / "src", tmp_path / "lib", tmp_path / "tools")
    assert importable_folders(tmp_path / "inner") == (tmp_path / "inner", tmp_path / "lib", tmp_path / "tools")


@pytest.mark.parametrize("text", ["", "[pytest", "\x00", "[tool.ruff]\n"])
def test_settings_that_pytest_could_not_read_are_left_to_pytest(text, tmp_path):
    (tmp_path / "pyproject.toml").write_text(text)
    assert importable_folders(Path(tmp_path))[0] == tmp_path

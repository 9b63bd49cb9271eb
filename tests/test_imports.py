"""`import kaizen_eval` is lazy: what each import brings is looked up in a fresh interpreter."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from types import ModuleType

import pytest

import kaizen_eval
from kaizen_eval import evals, fake, memory, recording, signatures, strategies, workflow
from kaizen_eval.evals import comparison, dataset, running, runs, statistics

PACKAGES = [
    kaizen_eval,
    comparison,
    dataset,
    evals,
    fake,
    memory,
    recording,
    running,
    runs,
    signatures,
    statistics,
    strategies,
    workflow,
]
LAZY = pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
HEAVY = {
    "genai_prices",
    "httpx2",
    "hypothesis",
    "jiter",
    "json_repair",
    "jsonschema",
    "jsonschema_rs",
    "openai",
    "pydantic",
    "pytest",
    "rich",
    "vcr",
}


def loaded_by(statement: str) -> set[str]:
    """The modules that a statement brings into a fresh interpreter."""
    code = f"import sys\nold = {{*sys.modules}}\n{statement}\nnew = {{*sys.modules}} - old\nprint('\\n'.join(new))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(answer.stdout.split())


def names_for_type_checkers(package: ModuleType) -> dict[str, str]:
    """Name → module, from the imports that only type-checkers see."""
    tree = ast.parse(inspect.getsource(package))
    block = next(node for node in tree.body if isinstance(node, ast.If) and isinstance(node.test, ast.Name))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module.removeprefix(f"{package.__name__}.") for node in imports for alias in node.names}


def test_the_bare_import_loads_nothing_else():
    assert loaded_by("import kaizen_eval") - {"__future__"} == {"kaizen_eval", "kaizen_eval.lazy"}


def test_an_agent_needs_pydantic_and_a_json_reader_at_most():
    assert loaded_by("from kaizen_eval import BaseAgent") & HEAVY <= {"jiter", "pydantic"}


@pytest.mark.parametrize(
    "name", ["AgentConfig", "BufferMemory", "Message", "SqliteMemory", "WindowMemory", "virtual_time"]
)
def test_what_needs_no_library_loads_none(name):
    assert loaded_by(f"from kaizen_eval import {name}") & HEAVY == set()


def test_cases_need_no_library_before_there_is_a_signature():
    assert loaded_by("from kaizen_eval.evals import Case, Dataset; Dataset([Case(inputs={'x': 1})])") & HEAVY == set()


@pytest.mark.parametrize(
    "part", ["llm.partial", "llm.streaming", "memory.sqlite", "memory.window", "metrics.tokens", "tools"]
)
def test_an_agent_loads_nothing_for_what_it_may_never_do(part):
    assert f"kaizen_eval.{part}" not in loaded_by("from kaizen_eval import BaseAgent; BaseAgent()")


def test_only_who_keeps_sessions_in_a_file_loads_sqlite():
    assert "sqlite3" not in loaded_by("from kaizen_eval import BaseAgent, SqliteMemory, SummaryMemory")


def test_a_cassette_loads_no_http_client_before_it_is_in_use():
    assert (
        loaded_by("from kaizen_eval.recording import use_cassette") & {*HEAVY, "aiohttp", "httpx", "requests"} == set()
    )


@pytest.mark.parametrize("home", sorted({*kaizen_eval._HOMES.values()}))
def test_each_home_can_be_the_first_module_imported(home):
    assert f"kaizen_eval.{home}" in loaded_by(f"import kaizen_eval.{home}")


@LAZY
def test_type_checkers_see_what_is_there(package):
    assert names_for_type_checkers(package) == package._HOMES
    assert sorted(package._HOMES) == sorted(package.__all__)


@LAZY
def test_a_name_at_the_top_is_the_one_in_its_module(package):
    assert [getattr(package, name) for name in package._HOMES] == [
        getattr(import_module(f"{package.__name__}.{home}"), name) for name, home in package._HOMES.items()
    ]


@LAZY
def test_a_star_brings_every_name(package):
    namespace = {}
    exec(f"from {package.__name__} import *", namespace)  # noqa: S102 - a star import is only legal at the top of a module
    assert {*namespace} - {"__builtins__"} == {*package.__all__}


@LAZY
def test_dir_names_everything(package):
    assert {*package.__all__} <= {*dir(package)}


def test_the_version_is_the_installed_one():
    assert kaizen_eval.__version__ == version("kaizen-eval")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"^module 'kaizen_eval' has no attribute 'BaseAgnet'$"):
        kaizen_eval.BaseAgnet  # noqa: B018 - asking is the test

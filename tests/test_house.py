"""How the code reads, held against itself: modules, names, errors, and what no file may hold."""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import pickle
import re
import subprocess
from pathlib import Path

import pytest
from house.architecture import DOCUMENT, ROOT, first_line, modules, refreshed, tree
from house.errors_tree import Entry, entries

from kaizen_eval import errors

MODULES = modules()
ERRORS = [getattr(errors, name) for name in errors.__all__]

MACHINE_PATHS = re.compile(r"(?<![\w.~])/(root|home|Users|work|mnt|opt|private)/\w")
REGISTRY_HOSTS = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|index[-_]url|find[-_]links|proxy\.golang")


def exported(path: Path) -> list[str] | None:
    """The names in a module's `__all__`, read from its text; None without one."""
    for node in tree(path).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return ast.literal_eval(node.value)
    return None


def defined(path: Path) -> set[str]:
    """The public names that a module itself makes at its top level."""
    names = set()
    for node in tree(path).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not is_type_variable(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in names - {"TYPE_CHECKING"} if not name.startswith("_")}


def is_type_variable(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "TypeVar"


def sorted_names(names: list[str]) -> list[str]:
    """CONSTANTS, then Classes, then the rest, as ruff sorts them."""
    return sorted(names, key=lambda name: (not name.isupper(), not name.lstrip("_")[:1].isupper(), name))


def tracked_texts() -> dict[str, str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607 - git is where PATH says
    if listed.returncode:
        pytest.skip("this is no git checkout")
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return {str(path.relative_to(ROOT)): path.read_text("utf-8", "replace") for path in files if path.is_file()}


def test_each_module_says_its_one_job_in_its_first_line():
    jobs = {name: first_line(path) for name, path in MODULES.items()}
    assert {name: job for name, job in jobs.items() if not re.fullmatch(r"\S.*\.", job)} == {}


def test_no_two_modules_have_the_same_job():
    jobs = sorted(first_line(path) for path in MODULES.values())
    assert jobs == sorted(set(jobs))


def test_the_lists_in_the_architecture_are_true():
    text = DOCUMENT.read_text("utf-8")
    assert text == refreshed(text), "run: python tests/house/architecture.py"


def test_all_is_sorted_in_each_module():
    names = {name: exported(path) for name, path in MODULES.items()}
    assert {name: names for name, names in names.items() if names is None or names != sorted_names(names)} == {}


@pytest.mark.unmeasured
def test_all_holds_what_the_module_defines():
    missing = {name: defined(path) - {*(exported(path) or [])} for name, path in MODULES.items()}
    assert {name: names for name, names in missing.items() if names} == {}


def test_what_all_names_is_there():
    imported = [importlib.import_module(name) for name in MODULES]
    assert [
        (module.__name__, name) for module in imported for name in module.__all__ if not hasattr(module, name)
    ] == []


def test_the_drawn_tree_of_errors_is_the_tree_of_classes():
    drawn = (errors.__doc__ or "").split("\n\n")[1]
    classes = [Entry(error.__name__, tuple(base.__name__ for base in error.__bases__)) for error in ERRORS]
    assert sorted(Entry(entry.name, entry.bases) for entry in entries(drawn)) == sorted(classes)


def test_drawn_attributes_are_what_an_error_takes():
    drawn = [entry for entry in entries((errors.__doc__ or "").split("\n\n")[1]) if entry.attributes]
    taken = {entry.name: tuple(inspect.signature(getattr(errors, entry.name)).parameters)[1:] for entry in drawn}
    assert {entry.name: entry.attributes for entry in drawn} == taken


def test_every_exception_of_the_package_stands_in_errors():
    for name in MODULES:
        importlib.import_module(name)
    assert {cls for cls in descendants(errors.KaizenError) if cls.__module__.startswith("kaizen_eval.")} == {*ERRORS}


def descendants(cls: type) -> set[type]:
    return {cls}.union(*(descendants(child) for child in cls.__subclasses__()))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301 - our own bytes
def test_an_error_survives_copying_and_pickling_with_its_attributes(again):
    raised = [an(error) for error in ERRORS]
    assert [facts(again(error)) for error in raised] == [facts(error) for error in raised]


def an(error: type[Exception]) -> Exception:
    """One with a value of its own for everything that it takes, and a note."""
    parameters = inspect.signature(error.__init__).parameters.values()
    raised = error("what happened", **{p.name: [p.name] for p in parameters if p.kind is p.KEYWORD_ONLY})
    raised.add_note("after 3 attempts over 4 s")
    return raised


def facts(error: Exception) -> tuple[object, ...]:
    return type(error), str(error), error.args, vars(error)


def test_no_file_names_a_machine_or_a_registry():
    found = {
        name: match.group()
        for name, text in tracked_texts().items()
        for pattern in (MACHINE_PATHS, REGISTRY_HOSTS)
        if (match := pattern.search(text))
    }
    assert found == {}


def test_a_planted_path_would_be_found():
    planted = ["cd /" + "root/project", 'open("/' + 'home/me/x")', "https://" + "pypi" + ".org/simple"]
    assert all(MACHINE_PATHS.search(text) or REGISTRY_HOSTS.search(text) for text in planted)
    assert not MACHINE_PATHS.search("folder/work/file ~/home/x https://host.example/work/items")

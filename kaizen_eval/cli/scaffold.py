"""What `init` adds to a repository, decided from what stands there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from kaizen_eval.cli.pytest_settings import FILES, pyproject_tables, settings_step
from kaizen_eval.cli.step import Step

__all__ = ["READ", "WHOLE", "Repository", "plan"]

_SUITE = "suites/test_first_agent.py"
_CI_JOB = ".github/workflows/agents.yml"
WHOLE = (_SUITE, _CI_JOB)
"""The files that are written whole, or not at all."""
READ = (*FILES, "requirements.txt", "setup.py")
"""The files whose text decides something."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository as far as `init` looks at it."""

    existing: frozenset[str]
    """Those of WHOLE that stand already."""
    texts: Mapping[str, str]
    """Those of READ that exist."""


def plan(repository: Repository, *, force: bool) -> tuple[Step, ...]:
    """One step for each file.

    Raises:
        UsageError: when pyproject.toml is no TOML.
    """
    settings = settings_step(repository.texts)
    texts = {
        _SUITE: _template("test_first_agent.py.txt"),
        _CI_JOB: _template("agents.yml.txt").replace("PACKAGES", _packages(repository.texts)),
    }
    return (*(_whole(path, text, repository, force=force) for path, text in texts.items()), settings)


def _whole(path: str, text: str, repository: Repository, *, force: bool) -> Step:
    if path not in repository.existing:
        return Step(path, "written", text)
    if force:
        return Step(path, "overwritten", text)
    return Step(path, "kept", note="it exists; --force overwrites it")


def _template(name: str) -> str:
    return (files("kaizen_eval.cli") / "templates" / name).read_text("utf-8")


def _packages(texts: Mapping[str, str]) -> str:
    """What the CI job has to install: ourselves, and whatever the agents need."""
    installable = "setup.py" in texts or "project" in pyproject_tables(texts)
    requirements = " -r requirements.txt" if "requirements.txt" in texts else ""
    return "kaizen-eval" + requirements + (" -e ." if installable else "")

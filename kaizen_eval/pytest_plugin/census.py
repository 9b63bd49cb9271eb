"""How much of its suites a pytest run runs: after a run of all tests alone is it known what no test asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from kaizen_eval.pytest_plugin.place import default_path, folder_of, marked_path, name_of

__all__ = ["Census"]

_FULL = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
_SELECTING = ("keyword", "markexpr", "deselect", "lf", "ignore", "ignore_glob", "collectonly")
"""Options that leave tests out, for which no hook is called in every process."""
_OUTPUT = "kaizen_census"


class Census:
    """A pytest plugin; of xdist's workers too, who alone hear what is collected.

    Args:
        cassettes: the folder of all.
    """

    def __init__(self, cassettes: Path) -> None:
        self.cassettes = cassettes
        self.marked: set[str] = set()
        """The cassettes that markers name."""
        self.is_whole = False
        """Whether nothing was left out of the files and folders that were to be run; known when the run is over."""
        self._leaves_out = False
        self._names: dict[Path, set[str]] = defaultdict(set)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self._leaves_out = self._leaves_out or bool(items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.marked.update(str(path) for item in session.items if (path := marked_path(self.cassettes, item)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Also those of xdist's workers."""
        self._names[folder_of(self.cassettes, report.nodeid)].add(name_of(report.nodeid))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of xdist is done; one that crashed has told nothing."""
        told = getattr(node, "workeroutput", {}).get(_OUTPUT, {"leaves_out": True, "marked": []})
        self._leaves_out = self._leaves_out or told["leaves_out"]
        self.marked.update(told["marked"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = {"leaves_out": self._leaves_out, "marked": sorted(self.marked)}
        stopped = session.shouldstop or session.shouldfail
        self.is_whole = exitstatus in _FULL and not self._leaves_out and not stopped and _takes_all(session.config)

    def folders(self, config: pytest.Config) -> Iterator[Path]:
        """Where the cassettes of the suites are that this run was told to run: each with all that is below it."""
        for argument in dict.fromkeys(config.args):
            yield from _place(self.cassettes, argument, config)

    def knows(self, folder: Path, config: pytest.Config) -> bool:
        """Whether the tests that ran are all that the suite of this folder has; no module that was skipped is known."""
        module = config.rootpath / f"{folder.relative_to(self.cassettes)}.py"
        return bool(self.names(folder)) or not module.exists()

    def names(self, folder: Path) -> frozenset[str]:
        """The tests of this suite that came to an end, as lists beside cassettes name them."""
        return frozenset(self._names.get(folder, ()))


def _takes_all(config: pytest.Config) -> bool:
    """Whether nothing on the command line leaves tests out."""
    selecting = any(config.getoption(name, None) for name in _SELECTING)
    return not selecting and not any("::" in argument for argument in config.args)


def _place(cassettes: Path, argument: str, config: pytest.Config) -> Iterator[Path]:
    """Where the cassettes of a folder of tests, or of one module, are; nowhere for what is outside the root."""
    root = config.rootpath.resolve()
    tests = (config.invocation_params.dir / argument).resolve()
    if tests == root:
        yield cassettes
    elif tests.is_relative_to(root):
        yield default_path(cassettes, f"{tests.relative_to(root)}::x").parent

"""Cassettes that no test asks for any more, told at the end of a pytest run that has run every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kaizen_eval.pytest_plugin.place import default_path
from kaizen_eval.pytest_plugin.unrecorded import FILE

__all__ = ["Orphans"]

_ENDINGS = {".jsonl", ".yaml"}
_SELECTING = (
    "keyword",
    "markexpr",
    "lf",
    "failedfirst",
    "stepwise",
    "deselect",
    "last_failed",
    "ignore",
    "ignore_glob",
)
_FULL = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}


class Orphans:
    """A pytest plugin of a run that uses cassettes.

    Args:
        cassettes: the folder of all.
    """

    def __init__(self, cassettes: Path) -> None:
        self._cassettes = cassettes
        self._wanted: set[Path] = set()
        self._whole = True

    def pytest_deselected(self) -> None:
        self._whole = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Also those of xdist's workers."""
        self._wanted.add(default_path(self._cassettes, report.nodeid).with_suffix(""))
        named = getattr(report, "kaizen", {}).get("cassette")
        if named:
            self._wanted.add(Path(named).with_suffix(""))

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
    ) -> None:
        if exitstatus not in _FULL or not self._whole or not _takes_all(config) or terminalreporter.verbosity < -1:
            return
        found = sorted(path for path in self._standing(config) if path.with_suffix("") not in self._wanted)
        if found:
            terminalreporter.write_sep("=", "kaizen: cassettes that no test asks for")
            for path in found:
                terminalreporter.write_line(str(path.relative_to(config.rootpath)))

    def _standing(self, config: pytest.Config) -> Iterator[Path]:
        """The cassettes of the suites that this run was told to run."""
        for folder in {_place(self._cassettes, argument, config) for argument in config.args}:
            for path in sorted(folder.rglob("*")):
                if path.suffix in _ENDINGS and path.name != FILE:
                    yield path


def _takes_all(config: pytest.Config) -> bool:
    """Whether nothing on the command line leaves tests out."""
    selecting = any(config.getoption(name, None) for name in _SELECTING)
    return not selecting and not any("::" in argument for argument in config.args)


def _place(cassettes: Path, argument: str, config: pytest.Config) -> Path:
    """Where the cassettes of a folder of tests, or of one module, are."""
    root = config.rootpath.resolve()
    tests = (config.invocation_params.dir / argument).resolve()
    if tests == root:
        return cassettes
    if not tests.is_relative_to(root):
        return cassettes / "…"  # nowhere: what is outside the root has no folder of its own
    within = tests.relative_to(root)
    return default_path(cassettes, f"{within}::x").parent

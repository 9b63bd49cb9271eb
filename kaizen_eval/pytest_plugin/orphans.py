"""Cassettes that no test asks for any more, told at the end of a pytest run that has run every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kaizen_eval.pytest_plugin import unrecorded
from kaizen_eval.pytest_plugin.census import Census
from kaizen_eval.pytest_plugin.place import default_path

__all__ = ["Orphans"]

_ENDINGS = {".jsonl", ".yaml"}


class Orphans:
    """A pytest plugin of a run that uses cassettes.

    Args:
        census: of the same run.
    """

    def __init__(self, census: Census) -> None:
        self._census = census
        self._wanted: set[Path] = set()
        """Without their endings: a cassette is asked for in either form."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that has passed asks for the cassettes that it used, any other for the one of its name."""
        named = getattr(report, "kaizen", {}).get("cassettes", {})
        self._wanted.update(Path(path).with_suffix("") for path in named)
        if not report.passed:
            self._wanted.add(default_path(self._census.cassettes, report.nodeid).with_suffix(""))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        if not self._census.is_whole or terminalreporter.verbosity < -1:
            return
        found = sorted({*self._orphans(config), *self._lines(config)})
        if found:
            terminalreporter.write_sep("=", "kaizen: cassettes that no test asks for")
            for line in found:
                terminalreporter.write_line(line)

    def _orphans(self, config: pytest.Config) -> Iterator[str]:
        wanted = {*self._wanted, *(Path(path).with_suffix("") for path in self._census.marked)}
        for path in self._standing(config):
            if path.suffix in _ENDINGS and path.name != unrecorded.FILE and path.with_suffix("") not in wanted:
                yield _told(path, config)

    def _lines(self, config: pytest.Config) -> Iterator[str]:
        """In lists of what could not be recorded, those of tests that are no more."""
        for path in self._standing(config):
            if path.name == unrecorded.FILE:
                tests = self._census.names(path.parent)
                yield from (f"{_told(path, config)}: {name}" for name in unrecorded.read(path) if name not in tests)

    def _standing(self, config: pytest.Config) -> Iterator[Path]:
        """The files beside which all tests have run."""
        for folder in self._census.folders(config):
            yield from (path for path in folder.rglob("*") if self._census.knows(path.parent, config))


def _told(path: Path, config: pytest.Config) -> str:
    return str(path.relative_to(config.rootpath) if path.is_relative_to(config.rootpath) else path)

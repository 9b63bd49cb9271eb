"""The tests of each suite that could not be recorded, and why: a list beside their cassettes, for the replay."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from kaizen_eval.pytest_plugin.census import Census
from kaizen_eval.pytest_plugin.place import folder_of, name_of
from kaizen_eval.recording.naming import UNRECORDED

__all__ = ["FILE", "Recorder", "read", "reason"]

FILE = UNRECORDED
_HEAD = """\
# The tests that could not be recorded, and why; a replay skips them.
# `pytest --kaizen-llm record` keeps this file.
"""


class Recorder:
    """A pytest plugin of a run that records: writes down, for each suite, which tests were skipped, and why.

    Args:
        census: of the same run.
    """

    def __init__(self, census: Census) -> None:
        self._census = census
        self._found: dict[Path, dict[str, str]] = defaultdict(dict)
        """By suite and test; an empty reason: it ran."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Also those of xdist's workers."""
        found = self._found[folder_of(self._census.cassettes, report.nodeid)]
        why = getattr(report, "kaizen_unrecorded", "")
        if why:
            found[name_of(report.nodeid)] = why
        elif report.when == "call":
            found.setdefault(name_of(report.nodeid), "")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Of tests that did not run the lines stay, unless all tests ran: these are no more."""
        for folder, found in self._found.items():
            _write(folder / FILE, {**self._kept(folder), **found})
        for path in self._left_over(session.config):
            path.unlink()

    def _kept(self, folder: Path) -> Mapping[str, str]:
        names = self._census.names(folder)
        known = read(folder / FILE)
        return {name: why for name, why in known.items() if name in names or not self._census.is_whole}

    def _left_over(self, config: pytest.Config) -> Iterator[Path]:
        """The lists of suites that are no more."""
        if self._census.is_whole:
            for folder in self._census.folders(config):
                lists = list(folder.rglob(FILE))
                yield from (
                    path
                    for path in lists
                    if not self._census.names(path.parent) and self._census.knows(path.parent, config)
                )


def reason(cassette: Path, item: pytest.Item) -> str:
    """Why this test could not be recorded; empty where nothing is known of that."""
    return read(cassette.parent / FILE).get(name_of(item.nodeid), "")


def read(path: Path) -> Mapping[str, str]:
    """The reasons by the names of the tests; none without a file.

    Raises:
        pytest.UsageError: it holds something else.
    """
    if not path.exists():
        return {}
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        said = None
    if not isinstance(said, dict) or not all(isinstance(part, str) for pair in said.items() for part in pair):
        raise pytest.UsageError(f"{path} should map names of tests to reasons; delete it, and record again.")
    return said


def _write(path: Path, reasons: Mapping[str, str]) -> None:
    lines = [f"{json.dumps(name)}: {json.dumps(why)}\n" for name, why in sorted(reasons.items()) if why]
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_HEAD + "".join(lines), encoding="utf-8")
    else:
        path.unlink(missing_ok=True)

"""The tests of each suite that could not be recorded, and why: a list beside their cassettes, for the replay."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from kaizen_eval.pytest_plugin.place import folder_of, name_of

__all__ = ["FILE", "Recorder", "reason"]

FILE = "unrecorded.yaml"
_HEAD = """\
# The tests that could not be recorded, and why; a replay skips them.
# `pytest --kaizen-llm record` keeps this file.
"""


class Recorder:
    """A pytest plugin of a run that records: writes down, for each suite, which tests were skipped, and why."""

    def __init__(self, cassettes: Path) -> None:
        self._cassettes = cassettes
        self._found: dict[Path, dict[str, str]] = defaultdict(dict)
        """By suite and test; an empty reason: it ran."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Also those of xdist's workers."""
        suite = folder_of(self._cassettes, report.nodeid)
        if hasattr(report, "kaizen_skipped"):
            assert isinstance(report.longrepr, tuple)  # noqa: S101 - for the type checker
            self._found[suite][name_of(report.nodeid)] = report.longrepr[2].removeprefix("Skipped: ")
        elif report.when == "call":
            self._found[suite].setdefault(name_of(report.nodeid), "")

    def pytest_sessionfinish(self) -> None:
        for suite, found in self._found.items():
            _write(suite / FILE, {**_read(suite / FILE), **found})


def reason(cassette: Path, item: pytest.Item) -> str:
    """Why this test could not be recorded; empty where nothing is known of that."""
    return _read(cassette.parent / FILE).get(name_of(item.nodeid), "")


def _read(path: Path) -> Mapping[str, str]:
    if not path.exists():
        return {}
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
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

"""Where a test's cassette is: `cassettes/<suite>/<test>.yaml`, the suite being the test's module."""

from __future__ import annotations

from pathlib import Path

from kaizen_eval.recording.naming import cassette_path

__all__ = ["default_path", "folder_of", "name_of"]


def default_path(folder: Path, nodeid: str) -> Path:
    return cassette_path(folder, nodeid.partition("::")[0], name_of(nodeid))


def folder_of(folder: Path, nodeid: str) -> Path:
    """Where the cassettes of its suite are."""
    return default_path(folder, nodeid).parent


def name_of(nodeid: str) -> str:
    """The test's name within its module, such as `TestIt::test_that[a]`."""
    return nodeid.partition("::")[2]

"""Where a test's cassette is: `cassettes/<suite>/<test>.yaml`, the suite being the test's module."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kaizen_eval.pytest_plugin.virtual import CASSETTE
from kaizen_eval.recording.naming import cassette_path

if TYPE_CHECKING:
    import pytest

__all__ = ["default_path", "folder_of", "marked_path", "name_of"]

_ENDINGS = {".jsonl", ".yaml"}


def default_path(folder: Path, nodeid: str) -> Path:
    return cassette_path(folder, nodeid.partition("::")[0], name_of(nodeid))


def marked_path(folder: Path, item: pytest.Item) -> Path | None:
    """Where the test's marker says that it is; None where none says anything of it."""
    named = (next(iter(marker.args), marker.kwargs.get("path")) for marker in item.iter_markers(CASSETTE))
    given = next(filter(None, named), None)
    if given is None:
        return None
    path: Path = folder / given
    return path if path.suffix in _ENDINGS else path.with_name(f"{path.name}.yaml")


def folder_of(folder: Path, nodeid: str) -> Path:
    """Where the cassettes of its suite are."""
    return default_path(folder, nodeid).parent


def name_of(nodeid: str) -> str:
    """The test's name within its module, such as `TestIt::test_that[a]`."""
    return nodeid.partition("::")[2]

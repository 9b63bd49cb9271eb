"""The files of the page at `/_kaizen/`: those in the package's own folder, and no others."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

__all__ = ["PageFile", "page_file"]

_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "ico": "image/x-icon",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
}


class PageFile(NamedTuple):
    """One file as it is sent."""

    content_type: str
    data: bytes


def page_file(name: str) -> PageFile | None:
    """By its name, which is empty for the page itself; None for a name that none has."""
    return _files().get(name or "index.html")


@cache
def _files() -> dict[str, PageFile]:
    folder = files("kaizen_eval.fake.server") / "page"
    if not folder.is_dir():
        return {}
    return {
        entry.name: PageFile(_TYPES[ending], entry.read_bytes())
        for entry in folder.iterdir()
        if entry.is_file() and (ending := entry.name.rpartition(".")[2]) in _TYPES
    }

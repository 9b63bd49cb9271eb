"""The folders in which a repository keeps what can be imported: itself, `src`, and pytest's `pythonpath`."""

from __future__ import annotations

import tomllib
from configparser import ConfigParser, Error
from pathlib import Path
from typing import Any

__all__ = ["importable_folders"]

_OWN_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
_SECTIONS = {"tox.ini": "pytest", "setup.cfg": "tool:pytest"}
_FILES = (*_OWN_FILES, "pyproject.toml", *_SECTIONS)
"""In the order in which pytest looks for its settings; the first that has some wins."""


def importable_folders(here: Path) -> tuple[Path, ...]:
    """Those that exist, in the order in which they are searched; pytest's settings may stand in a folder above."""
    home, listed = _pythonpath(here)
    folders = [here, here / "src", *(home / name for name in listed)]
    return tuple(dict.fromkeys(folder.resolve() for folder in folders if folder.is_dir()))


def _pythonpath(here: Path) -> tuple[Path, list[str]]:
    for folder in (here, *here.parents):
        for name in _FILES:
            settings = _settings(folder / name)
            if settings is not None:
                return folder, _words(settings.get("pythonpath", ()))
    return here, []


def _settings(path: Path) -> dict[str, Any] | None:
    """What a file says to pytest; None where it says nothing, or cannot be read: then it is pytest's to complain."""
    try:
        text = path.read_text("utf-8")
        return _toml(path.name, text) if path.suffix == ".toml" else _ini(path.name, text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, Error):
        return None


def _toml(name: str, text: str) -> dict[str, Any] | None:
    tables = tomllib.loads(text)
    if name in _OWN_FILES:
        return dict(tables.get("pytest", tables))
    pytest = tables.get("tool", {}).get("pytest")
    return None if pytest is None else {**pytest, **pytest.get("ini_options", {})}


def _ini(name: str, text: str) -> dict[str, Any] | None:
    parser = ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    section = _SECTIONS.get(name, "pytest")
    return dict(parser[section]) if parser.has_section(section) else None


def _words(setting: object) -> list[str]:
    return setting.split() if isinstance(setting, str) else [str(item) for item in setting or ()]  # type: ignore[attr-defined]  # TOML's list

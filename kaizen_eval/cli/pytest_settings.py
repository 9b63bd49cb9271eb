"""Where a repository keeps its pytest settings, with ours among them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from typing import Any

from kaizen_eval.cli.step import Step
from kaizen_eval.errors import UsageError

__all__ = ["FILES", "pyproject_tables", "settings_step"]

_OWN_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
_SECTIONS = {"tox.ini": "[pytest]", "setup.cfg": "[tool:pytest]"}
FILES = (*_OWN_FILES, "pyproject.toml", *_SECTIONS)
"""Every file in which pytest looks for settings, the first that has some wins."""

_SETTINGS = {
    "kaizen_llm": ("direct", "where agents find their model: the fake, or sdk: the fake under the real OpenAI SDK"),
    "kaizen_seed": ("0", "another seed, other generated replies"),
    "asyncio_default_fixture_loop_scope": ("function", "pytest-asyncio warns when it is not told"),
    "pythonpath": (".", "suites import what stands beside them, with plain pytest, too"),
}
_LISTS = {"pythonpath"}
"""TOML wants these in brackets."""


def settings_step(texts: Mapping[str, str]) -> Step:
    """What to do about the settings, given the texts of those FILES that exist.

    Only pyproject.toml is ever touched, and only by adding a section at its end: where a section stands already,
    or another file has pytest's ear, the lines are left to the user.

    Raises:
        UsageError: when pyproject.toml is no TOML.
    """
    home = next((name for name in FILES if name in texts and _has_settings(name, texts)), None)
    if home is not None:
        return _about(home, texts[home])
    section = f"[tool.pytest.ini_options]\n{_lines('pyproject.toml')}"
    if "pyproject.toml" not in texts:
        return Step("pyproject.toml", "written", section)
    return _extended(texts["pyproject.toml"], section)


def pyproject_tables(texts: Mapping[str, str]) -> dict[str, Any]:
    """What pyproject.toml says; empty when there is none.

    Raises:
        UsageError: when it is no TOML.
    """
    try:
        return tomllib.loads(texts.get("pyproject.toml", ""))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"pyproject.toml is no TOML, so nothing was written: {error}") from error


def _extended(text: str, section: str) -> Step:
    """With the line ends that the text has."""
    unix = f"{text.rstrip()}\n\n{section}".lstrip().replace("\r\n", "\n")
    longer = unix.replace("\n", "\r\n") if "\r\n" in text else unix
    try:
        pyproject_tables({"pyproject.toml": longer})
    except UsageError:  # tool = {…}: no section can be added to a table in braces
        return Step(
            "pyproject.toml", "left to you", note=f"its table `tool` is closed; make room in it for:\n{section}"
        )
    return Step("pyproject.toml", "extended", longer)


def _has_settings(name: str, texts: Mapping[str, str]) -> bool:
    if name == "pyproject.toml":
        return "pytest" in pyproject_tables(texts).get("tool", {})
    return name in _OWN_FILES or _SECTIONS[name] in map(str.strip, texts[name].splitlines())


def _about(name: str, text: str) -> Step:
    missing = _lines(name, but={key for key in _SETTINGS if re.search(rf"^\s*{key}\s*=", text, re.MULTILINE)})
    if not missing:
        return Step(name, "kept", note="it has our settings")
    return Step(name, "left to you", note=f"add to its pytest section:\n{missing}")


def _lines(name: str, but: Collection[str] = ()) -> str:
    wanted = {key: setting for key, setting in _SETTINGS.items() if key not in but}
    return "".join(f"# {why}\n{key} = {_value(name, key, value)}\n" for key, (value, why) in wanted.items())


def _value(name: str, key: str, value: str) -> str:
    if not name.endswith(".toml"):
        return value
    return f'["{value}"]' if key in _LISTS else f'"{value}"'

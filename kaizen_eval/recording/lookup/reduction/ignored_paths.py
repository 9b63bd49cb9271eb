"""Paths to what does not tell requests apart: `metadata.id`, `messages[role=tool].content`, `["a.b"][3]`, `?ts`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from kaizen_eval.errors import ConfigError

__all__ = ["NOTHING", "IgnoredPaths", "ignored_paths", "joined"]

_ANY: Final = None


class _Where(NamedTuple):
    """Those objects of a list whose field is that text."""

    field: str
    text: str


_Step = str | int | _Where | None
"""A field's name, a place in a list, some places, or any of either."""
_Path = tuple[_Step, ...]

_NAME = r"[^\s.\[\]\"'?*]+"
_STEP = re.compile(
    r"""\[(?:(?P<place>\d+)|(?P<any>\*)|(?P<field>\w+)=(?P<text>[\w-]+)"""
    r"""|"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)')\]"""
)
_FIELD = re.compile(rf"(?P<name>{_NAME})|(?P<any>\*)")
_PLAIN = re.compile(_NAME)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class IgnoredPaths(NamedTuple):
    """What is taken away from requests before they are compared."""

    body: tuple[_Path, ...]
    query: frozenset[str]

    def remove_from(self, value: Any) -> None:
        """Take it out of the value of a body, which must be nobody else's."""
        _remove(value, self.body)


NOTHING = IgnoredPaths((), frozenset())


def ignored_paths(paths: Sequence[str]) -> IgnoredPaths:
    """The paths, read.

    Raises:
        ConfigError: one of them is none.
    """
    if isinstance(paths, str):
        raise ConfigError(f"ignore={paths!r} is one text: a list of paths was expected, such as [{paths!r}].")
    return _read(tuple(paths)) if paths else NOTHING


def joined(path: str, step: str | int) -> str:
    """The path of a field, or of a place in a list, within what stands at a path: as `ignored_paths` reads it."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    if not _PLAIN.fullmatch(step):
        escaped = step.replace("\\", "\\\\").replace('"', '\\"')
        return f'{path}["{escaped}"]'
    return f"{path}.{step}" if path else step


@lru_cache(maxsize=64)
def _read(paths: tuple[str, ...]) -> IgnoredPaths:
    query = [path[1:] for path in paths if path.startswith("?")]
    return IgnoredPaths(tuple(_steps(path) for path in paths if not path.startswith("?")), frozenset(query))


def _steps(path: str) -> _Path:
    steps: list[_Step] = []
    place = 0
    while place < len(path) or not steps:
        found = _STEP.match(path, place) or _field(path, place)
        if found is None:
            raise ConfigError(_wrong(path, place))
        steps.append(_step(found.groupdict()))
        place = found.end()
    return tuple(steps)


def _field(path: str, place: int) -> re.Match[str] | None:
    """A name: at the beginning by itself, behind another step after a dot; `$` for the whole is not known."""
    if (place and path[place] != ".") or path.startswith(("$.", "$[")):
        return None
    return _FIELD.match(path, place + 1 if place else 0)


def _step(told: dict[str, str | None]) -> _Step:
    if told.get("place"):
        return int(told["place"] or 0)
    if told["any"]:
        return _ANY
    if told.get("field"):
        return _Where(told["field"] or "", told["text"] or "")
    quoted = told.get("double") if told.get("double") is not None else told.get("single")
    return told["name"] if quoted is None else _ESCAPE.sub(r"\1", quoted)


def _wrong(path: str, place: int) -> str:
    what = "it is empty" if not path else f"after {path[:place]!r} comes {path[place:]!r}" if place else "at its start"
    hint = f" Without the {path[0]!r}?" if path[:1] in {"$", "."} else ""
    return (
        f"{path!r} is no path into a request's body: {what}.{hint} Expected are names and places, such as "
        "'metadata.trace_id', 'messages[0].name', 'messages[*].name', 'messages[role=tool].content' or "
        "'metadata[\"a.b\"]', or '?ts' for a parameter of the query."
    )


def _remove(value: Any, paths: Sequence[_Path]) -> None:
    if isinstance(value, dict):
        for name in list(value):
            if _leaves(value[name], name, paths):
                del value[name]
    elif isinstance(value, list):
        value[:] = [item for place, item in enumerate(value) if not _leaves(item, place, paths)]


def _leaves(value: Any, step: str | int, paths: Sequence[_Path]) -> bool:
    """Whether it goes as a whole; else what is to go goes from within it."""
    further = [path[1:] for path in paths if _leads(path[0], step, value)]
    if () in further:
        return True
    if further:
        _remove(value, further)
    return False


def _leads(one: _Step, step: str | int, value: Any) -> bool:
    if isinstance(one, _Where):
        return isinstance(step, int) and isinstance(value, dict) and value.get(one.field) == one.text
    return one is _ANY or one == step

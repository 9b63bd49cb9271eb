"""Texts with places to fill in, `{{ name }}`: parsed once, filled in for each request, never evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.script.making import Occasion
from kaizen_eval.fake.script.matching import Conditions
from kaizen_eval.suggestion import suggestion

__all__ = ["NAMES", "Filled", "Place", "check", "filled", "places", "prepared"]

_PLACE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_QUOTED = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)')\s*""")
_PATH = re.compile(r"\s*([\w$-]+(?:\.[\w$-]+)*)\s*")
_MOST = 12
"""Names that a message lists."""


@dataclass(frozen=True, slots=True)
class Place:
    """One `{{ name.of.it }}`."""

    name: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{{{{ {'.'.join((self.name, *self.path))} }}}}"

    def value(self, occasion: Occasion) -> Any:
        """A JSON value; ScriptError when the request has none there."""
        return NAMES[self.name](self, occasion)


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with at least one place."""

    parts: tuple[str | Place, ...]

    def text(self, occasion: Occasion) -> str:
        """Texts stand in it as they are, None as nothing, and other values as JSON; nothing is filled in twice."""
        return "".join(part if isinstance(part, str) else _written(part.value(occasion)) for part in self.parts)

    def value(self, occasion: Occasion) -> Any:
        """Where a place is all there is, its value, which may be no text."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Place):
            return self.parts[0].value(occasion)
        return self.text(occasion)


def prepared(value: Any) -> Any:
    """A JSON value, with each of its texts that has places as `Filled`; the names of an object are left alone.

    Raises:
        ScriptError: what stands between the braces is no name.
    """
    if isinstance(value, str):
        return _parsed(value)
    if isinstance(value, Mapping):
        return {name: prepared(item) for name, item in value.items()}
    return [prepared(item) for item in value] if isinstance(value, list | tuple) else value


def filled(value: Any, occasion: Occasion) -> Any:
    """The JSON value that was prepared, for one request."""
    if isinstance(value, Filled):
        return value.value(occasion)
    if isinstance(value, Mapping):
        return {name: filled(item, occasion) for name, item in value.items()}
    return [filled(item, occasion) for item in value] if isinstance(value, list) else value


def places(value: Any) -> Iterator[Place]:
    """Every place in what was prepared."""
    if isinstance(value, Filled):
        yield from (part for part in value.parts if isinstance(part, Place))
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from places(item)


def check(value: Any, conditions: Conditions) -> None:
    """Refuse, with a ScriptError, places of a match that the conditions do not make."""
    for place in places(value):
        if place.name == "match":
            _check_match(place, conditions)


def _parsed(text: str) -> str | Filled:
    parts: list[str | Place] = []
    end = 0
    for found in _PLACE.finditer(text):
        parts += [text[end : found.start()], _place(found[1])]
        end = found.end()
    rest = text[end:]
    if "{{" in rest:
        raise ScriptError(f"{rest[rest.index('{{') :][:40]!r} is opened and not closed by '}}}}'. {_HOW_TO_QUOTE}")
    joined = _joined([*parts, rest])
    return Filled(joined) if any(isinstance(part, Place) for part in joined) else "".join(map(str, joined))


def _joined(parts: list[str | Place]) -> tuple[str | Place, ...]:
    """Without empty texts, and texts that follow one another as one."""
    joined: list[str | Place] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(last := joined[-1], str):
            joined[-1] = last + part
        elif part != "":
            joined.append(part)
    return tuple(joined)


def _place(inside: str) -> str | Place:
    if quoted := _QUOTED.fullmatch(inside):
        return quoted[1] if quoted[1] is not None else quoted[2]
    if not (path := _PATH.fullmatch(inside)):
        raise ScriptError(
            f"{{{{{inside}}}}} is no name: a template fills in names such as {{{{ user }}}} or "
            f"{{{{ body.messages.0.content }}}} and evaluates nothing. {_HOW_TO_QUOTE}"
        )
    name, *rest = path[1].split(".")
    if name not in NAMES:
        raise ScriptError(f"A template has no {name!r}{suggestion(name, NAMES)} There are: {', '.join(NAMES)}.")
    if rest and name not in _WITH_PATH:
        raise ScriptError(f"{{{{ {name} }}}} has no parts, and {'.'.join(rest)!r} is asked of it.")
    if not rest and name in {"match", "header"}:
        raise ScriptError(f"{{{{ {name} }}}} needs to say which: {_EXAMPLES[name]}.")
    return Place(name, tuple(rest))


_HOW_TO_QUOTE = "For the braces themselves write {{ '{{' }}."
_EXAMPLES = {"match": "{{ match.1 }} or {{ match.name_of_a_group }}", "header": "{{ header.x-team }}"}
_WITH_PATH = frozenset({"body", "header", "match"})


def _check_match(place: Place, conditions: Conditions) -> None:
    pattern = conditions.pattern
    if pattern is None:
        raise ScriptError(f"{place} needs a rule whose `user` is a pattern.")
    groups = {str(number) for number in range(pattern.groups + 1)} | pattern.groupindex.keys()
    if len(place.path) != 1 or place.path[0] not in groups:
        known = ", ".join(sorted(groups))
        asked = ".".join(place.path)
        raise ScriptError(f"{place}: the pattern {pattern.pattern!r} has no group {asked!r}. It has: {known}.")


def _of_match(place: Place, occasion: Occasion) -> str | None:
    match = occasion.match
    if match is None:
        raise ScriptError(f"{place} needs a rule whose `user` is a pattern.")
    [group] = place.path
    return match[int(group) if group.isdecimal() else group]


def _of_header(place: Place, occasion: Occasion) -> str:
    headers = occasion.seen.inquiry.headers
    name = ".".join(place.path).lower()
    if name not in headers:
        raise ScriptError(f"{place}: the request has no header {name!r}. It has: {_listed(headers)}.")
    return headers[name]


def _of_body(place: Place, occasion: Occasion) -> Any:
    value: Any = occasion.seen.body
    for depth, step in enumerate(place.path):
        came = ".".join(("body", *place.path[:depth]))
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list | tuple) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            raise ScriptError(f"{place}: {came} has no {step!r}. {_there_is(value)}")
    return value


def _there_is(value: object) -> str:
    if isinstance(value, Mapping):
        return f"It has: {_listed(value)}."
    return f"It has {len(value)} items." if isinstance(value, list | tuple) else f"It is {value!r}."


def _listed(names: Mapping[str, object]) -> str:
    known = [*names][:_MOST]
    return ", ".join([*known, *(["…"] if len(names) > _MOST else [])]) or "none"


NAMES: Mapping[str, Callable[[Place, Occasion], Any]] = {
    "user": lambda _, occasion: occasion.seen.user,
    "system": lambda _, occasion: occasion.seen.system,
    "model": lambda _, occasion: occasion.seen.request.model,
    "endpoint": lambda _, occasion: occasion.seen.inquiry.endpoint,
    "turn": lambda _, occasion: occasion.seen.turn,
    "step": lambda _, occasion: occasion.seen.step + 1,
    "session": lambda _, occasion: occasion.seen.request.session_id,
    "state": lambda _, occasion: occasion.seen.state,
    "tool_result": lambda _, occasion: occasion.seen.tool_result,
    "match": _of_match,
    "header": _of_header,
    "body": _of_body,
}
"""What a template can name, and where it comes from."""


def _written(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=dict)

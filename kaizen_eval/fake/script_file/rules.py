"""From what is written in a script file to rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.faults.base import Fault
from kaizen_eval.fake.script.json_match import ABSENT, PRESENT
from kaizen_eval.fake.script.making import Generated, Making
from kaizen_eval.fake.script.matching import ANY, Conditions, conditions
from kaizen_eval.fake.script.progress import START
from kaizen_eval.fake.script.script import Action, Rule
from kaizen_eval.fake.script.several import Pick, Steps
from kaizen_eval.fake.script.template import Template
from kaizen_eval.fake.script.text_match import Contains, Exactly
from kaizen_eval.fake.script_file.grammar import fault_in, pattern_of
from kaizen_eval.fake.timing.latency import Latency
from kaizen_eval.handwritten.nodes import Node
from kaizen_eval.handwritten.numbers import with_whole
from kaizen_eval.handwritten.problems import Problems
from kaizen_eval.messages import Usage
from kaizen_eval.suggestion import suggestion

__all__ = ["check_states", "otherwise_of", "rule_of"]

_MATCHES: Mapping[str, Callable[[Any], Any]] = {
    "contains": Contains,
    "exact": Exactly,
    "regex": pattern_of,
    "exists": lambda is_there: PRESENT if is_there else ABSENT,
}


def rule_of(node: Node, problems: Problems) -> Rule | None:
    """The rule that a well-formed node says; None, and a problem, when it cannot work."""
    wanted = node.get("when")
    try:
        met = ANY if wanted is None else conditions({name: _wanted(name, item) for name, item in _fields(wanted)})
        said = next(name for name in _SAID if name in node)
        action = _SAID[said](node[said])
        if isinstance(action, Making):
            _check(action, met, node[said], problems)
    except ScriptError as error:
        problems.add(node, str(error))
        return None
    return Rule(
        met,
        action,
        _label(met, action, said, f"{problems.name}:{node.spot.line}"),
        limit=_plain(node, "times"),
        per=_plain(node, "per") or "all",
        to=_plain(node, "to"),
        steps=len(action.steps) if isinstance(action, Steps) else None,
    )


def otherwise_of(node: Node, problems: Problems) -> Action | None:
    """What is said when no rule is for a request; None, and a problem, when it cannot be."""
    try:
        action = _saying(node)
    except ScriptError as error:
        problems.add(node, str(error))
        return None
    if isinstance(action, Making):
        _check(action, ANY, node, problems)
    return action


def check_states(rules: tuple[Node, ...], problems: Problems) -> None:
    """Take note of each state that is waited for and that no rule leads to."""
    reached = [START, *(str(rule["to"].scalar) for rule in rules if "to" in rule)]
    for rule in rules:
        waited = None if "when" not in rule else rule["when"].get("state")
        if waited is not None and waited.scalar not in reached:
            near = suggestion(str(waited.scalar), reached)
            known = ", ".join(dict.fromkeys(reached))
            problems.add(waited, f"no rule leads to the state {waited.scalar!r}{near} There are: {known}.")


def _fields(node: Node) -> Iterator[tuple[str, Node]]:
    return iter((node.fields or {}).items())


def _wanted(name: str, node: Node) -> Any:
    """What a matcher is given."""
    if name in {"header", "json"} and node.fields is not None:
        return {key: _match(item) for key, item in node.fields.items()}
    value = _match(node)
    return int(value) if name in {"turn", "nth"} else value


def _match(node: Node) -> Any:
    if node.fields is None:
        return node.json()
    [(form, value)] = node.fields.items()
    return _MATCHES[form](value.json())


def _saying(node: Node) -> Action:
    if node.kind == "text":
        return Template(str(node.scalar)).settled()
    if "fail" in node:
        return _fault(node["fail"])
    if "pick" in node:
        return Pick(map(_saying, node["pick"].items or ()))
    given = {_REPLY_ARGUMENTS.get(name, name): item for name, item in (node.json()).items()}
    if "latency" in given:
        given["latency"] = Latency.of(given["latency"])
    if "usage" in given:
        given["usage"] = with_whole(given["usage"])
    if given.pop("generated", False):
        return _generated(**given)
    return Template(**given).settled()


def _generated(*, latency: Latency | None = None, usage: Mapping[str, int] | None = None) -> Generated:
    return Generated(latency=latency, usage=None if usage is None else Usage(**usage))


_REPLY_ARGUMENTS = {"json": "data"}
"""The fields of a reply that Python names otherwise."""


def _steps(node: Node) -> Steps:
    return Steps(map(_saying, node.items or ()))


def _fault(node: Node) -> Fault:
    return fault_in(node.json())


def _check(action: Making, met: Conditions, node: Node, problems: Problems) -> None:
    """Refuse templates that name what the conditions do not give, at the text that does."""
    try:
        action.check(met)
    except ScriptError as error:
        problems.add(next(_failing(met, node), node), str(error))


def _failing(met: Conditions, node: Node) -> Iterator[Node]:
    for text in node.texts():
        try:
            Template(str(text.scalar)).check(met)
        except ScriptError:
            yield text


_SAID: Mapping[str, Callable[[Node], Action]] = {"reply": _saying, "steps": _steps, "fail": _fault}


def _plain(node: Node, name: str) -> Any:
    item = node.get(name)
    if item is None:
        return None
    return int(item.json()) if name == "times" else item.json()


def _label(met: Conditions, action: Action, said: str, place: str) -> str:
    what = f"fail({action.name!r})" if isinstance(action, Fault) else f"{said}(…)"
    return f"{f'{met}.' if met.given else ''}{what} [{place}]"

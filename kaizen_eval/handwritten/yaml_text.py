"""Reads YAML into nodes: the safe part of version 1.2, in which `no` is a text; nothing is ever constructed."""

from __future__ import annotations

import re
from typing import Any

import yaml

from kaizen_eval.handwritten.nodes import Node, Spot
from kaizen_eval.handwritten.numbers import number_of
from kaizen_eval.handwritten.problems import Problems

__all__ = ["read_yaml"]

_CORE = "tag:yaml.org,2002:"
_MOST = 100_000
"""Values in a file, those that aliases repeat included."""
_DEEPEST = 100
_FLAGS = {"true": True, "false": False}


class _Loader(yaml.SafeLoader):
    """With version 1.2's idea of what a word without quotes is; version 1.1 takes `no` for false and 1:30 for 90."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver(_CORE + "bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(_CORE + "null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(_CORE + "int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    _CORE + "float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)
_Loader.add_implicit_resolver(_CORE + "merge", re.compile(r"^<<$"), ["<"])


def read_yaml(text: str, problems: Problems, *, begins: str) -> Node:
    """The value in the text; what is written twice, or has a tag of its own, is a problem.

    Args:
        text: one document.
        problems: takes what is wrong.
        begins: what such a file begins with, told of an empty one.

    Raises:
        UsageError: it is no YAML, or grows out of bounds.
    """
    try:
        root = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(filter(None, (error.context, error.problem)))
        problems.stop(_spot(mark), f"this is no YAML: {what}.{_hint(text, mark)}")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        problems.stop(Spot(line, column), _forbidden(error.character))
    except RecursionError:
        problems.stop(Spot(1, 1), f"values are nested more than {_DEEPEST} deep.")
    if root is None:
        problems.stop(Spot(1, 1), f"the file is empty; {begins}.")
    return _Reader(problems).node(root)


class _Reader:
    """Turns what PyYAML composed into nodes, each alias into the value that it repeats."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._count = 0
        self._open: list[int] = []
        """The values that are being read, from the outermost in."""

    def node(self, composed: yaml.Node) -> Node:
        spot = _spot(composed.start_mark)
        self._check(composed, spot)
        self._open.append(id(composed))
        node = self._read(composed, spot)
        self._open.pop()
        return node

    def _check(self, composed: yaml.Node, spot: Spot) -> None:
        self._count += 1
        if self._count > _MOST:
            self._problems.stop(spot, f"there are more than {_MOST:,} values, those that aliases repeat included.")
        if id(composed) in self._open:
            self._problems.stop(spot, "an alias stands inside of the value that it repeats.")
        if len(self._open) >= _DEEPEST:
            self._problems.stop(spot, f"values are nested more than {_DEEPEST} deep.")

    def _read(self, composed: yaml.Node, spot: Spot) -> Node:
        kind = composed.tag.removeprefix(_CORE)
        if isinstance(composed, yaml.MappingNode) and kind == "map":
            return self._object(composed, spot)
        if isinstance(composed, yaml.SequenceNode) and kind == "seq":
            return Node(spot, items=tuple(self.node(item) for item in composed.value))
        if isinstance(composed, yaml.ScalarNode) and (node := self._scalar(kind, composed.value, spot)):
            return node
        self._problems.add(spot, f"the tag {_tag(composed.tag)} is not allowed; write the plain value.")
        return Node(spot)

    def _scalar(self, kind: str, written: str, spot: Spot) -> Node | None:
        if kind in {"str", "merge"}:
            return Node(spot, written)
        if kind == "null":
            return Node(spot, None, written=written)
        if kind == "bool" and written.lower() in _FLAGS:
            return Node(spot, _FLAGS[written.lower()], written=written)
        if kind in {"int", "float"}:
            return Node(spot, number_of(written, spot, self._problems), written=written)
        return None

    def _object(self, composed: yaml.MappingNode, spot: Spot) -> Node:
        fields: dict[str, Node] = {}
        keys: dict[str, Spot] = {}
        merged: dict[str, Node] = {}
        for key, value in composed.value:
            here = _spot(key.start_mark)
            if key.tag == _CORE + "merge":
                merged = {**self._merged(value), **merged}
            elif isinstance(key, yaml.ScalarNode):
                if key.value in keys:
                    self._problems.add(here, f"{key.value!r} is written twice; first in line {keys[key.value].line}.")
                keys.setdefault(key.value, here)
                fields.setdefault(key.value, self.node(value))
            else:
                hint = " A template stands in quotes: '{{…}}'." if isinstance(key, yaml.MappingNode) else ""
                self._problems.add(here, f"the name of a field is a text, not a list or an object.{hint}")
        places = {name: node.spot for name, node in merged.items()} | keys
        return Node(spot, fields=merged | fields, keys=places)

    def _merged(self, value: yaml.Node) -> dict[str, Node]:
        """What `<<` takes over: the fields of an object, or of several, the first one counting."""
        node = self.node(value)
        found: dict[str, Node] = {}
        for source in reversed(node.items or (node,)):
            if source.fields is None:
                self._problems.add(source, "<< takes over the fields of an object, and this is none.")
            found |= source.fields or {}
        return found


def _spot(mark: Any) -> Spot:
    return Spot(1, 1) if mark is None else Spot(mark.line + 1, mark.column + 1)


def _tag(tag: str) -> str:
    return tag.replace(_CORE, "!!")


def _hint(text: str, mark: Any) -> str:
    """The most frequent mistakes, by their names."""
    line = "" if mark is None else "".join(text.split("\n")[mark.line : mark.line + 1])
    if line.lstrip(" ").startswith("\t"):
        return " YAML is indented by spaces, and this line by a tab."
    return " A text with a template in it stands in quotes." if ": {{" in line else ""


def _forbidden(character: int) -> str:
    return f"this is no YAML: the character {chr(character)!r} may not stand in it."

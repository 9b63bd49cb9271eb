"""Conditions: whether an edge counts, said as an expression over templates or by a function of the source's result."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import InputError, WorkflowError
from kaizen_eval.workflow.reaching import reached
from kaizen_eval.workflow.templates import Reference, parts

if TYPE_CHECKING:
    import ast

__all__ = ["asks", "holds"]

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "In": lambda item, container: item in container,
    "NotIn": lambda item, container: item not in container,
    "Is": operator.is_,
    "IsNot": operator.is_not,
}
_LITERALS = {"List": list, "Tuple": tuple, "Set": set}


def holds(when: str | Callable[[Any], Any] | None, scope: Mapping[str, Any], result: Any) -> bool:
    """Whether it holds: over what the scope has, or of the source's result.

    Raises:
        InputError: the scope lacks what a template refers to, or values cannot be compared.
    """
    if when is None:
        return True
    if not isinstance(when, str):
        return bool(when(result))
    condition = _read(when)
    try:
        return bool(_Evaluation(condition, scope).value(condition.expression))
    except TypeError as error:
        raise InputError(f"The condition {when!r} cannot be decided: {error}.") from error


def asks(when: str | Callable[[Any], Any] | None) -> tuple[Reference, ...]:
    """The templates in it.

    Raises:
        WorkflowError: it is no condition, and at which character.
    """
    return tuple(_read(when).names.values()) if isinstance(when, str) else ()


@dataclass(frozen=True, slots=True, eq=False)
class _Condition:
    expression: ast.expr
    names: Mapping[str, Reference]
    """By the names that stand in their places."""


@dataclass(frozen=True, slots=True)
class _Evaluation:
    condition: _Condition
    scope: Mapping[str, Any]

    def value(self, node: ast.expr) -> Any:
        return getattr(self, f"_{type(node).__name__}")(node)

    def _Constant(self, node: ast.Constant) -> Any:  # noqa: N802 - named for what ast calls it
        return node.value

    def _Name(self, node: ast.Name) -> Any:  # noqa: N802
        reference = self.condition.names[node.id]
        return reached(reference.node, reference.path, self.scope, reference.text)

    def _List(self, node: ast.List | ast.Tuple | ast.Set) -> Any:  # noqa: N802
        return _LITERALS[type(node).__name__](map(self.value, node.elts))

    _Tuple = _Set = _List

    def _UnaryOp(self, node: ast.UnaryOp) -> Any:  # noqa: N802
        value = self.value(node.operand)
        return not value if type(node.op).__name__ == "Not" else -value

    def _BoolOp(self, node: ast.BoolOp) -> Any:  # noqa: N802
        decisive = type(node.op).__name__ == "Or"
        value = None
        for operand in node.values:
            value = self.value(operand)
            if bool(value) is decisive:
                break
        return value

    def _Compare(self, node: ast.Compare) -> Any:  # noqa: N802
        left, outcome = self.value(node.left), True
        for sign, operand in zip(node.ops, node.comparators, strict=True):
            right = self.value(operand)
            outcome = _COMPARISONS[type(sign).__name__](left, right)
            if not outcome:
                break
            left = right
        return outcome


@lru_cache(maxsize=1024)
def _read(when: str) -> _Condition:
    import ast  # noqa: PLC0415 - most workflows have no conditions

    names, text = _named(when)
    try:
        expression = ast.parse(f"({text}\n)", mode="eval").body
    except SyntaxError as error:
        raise WorkflowError(f"the condition {when!r} cannot be read: {error.msg}{_place(error, when)}.") from None
    for node in ast.walk(expression):
        _check(node, when, names)
    return _Condition(expression, names)


def _named(when: str) -> tuple[dict[str, Reference], str]:
    """With names in the place of templates, as long as these, so that characters can be counted."""
    names: dict[str, Reference] = {}
    text = ""
    for part in parts(when):
        if isinstance(part, str):
            text += part
        else:
            name = f"_{len(names):0{len(part.text) - 1}}"
            names[name] = part
            text += name
    return names, text


_NODES = frozenset(
    {*_COMPARISONS, *_LITERALS, "And", "BoolOp", "Compare", "Constant", "Load", "Name", "Not", "Or", "UnaryOp", "USub"}
)


def _check(node: ast.AST, when: str, names: Mapping[str, Reference]) -> None:
    if type(node).__name__ not in _NODES or getattr(node, "id", None) not in {None, *names}:
        raise WorkflowError(f"the condition {when!r} has what no condition may have{_at(node)}.")


def _at(node: ast.AST) -> str:
    return f" at character {node.col_offset}" if hasattr(node, "col_offset") else ""


def _place(error: SyntaxError, when: str) -> str:
    return "" if error.offset is None else f" at character {min(max(error.offset - 1, 1), len(when))}"

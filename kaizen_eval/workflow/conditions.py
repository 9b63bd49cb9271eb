"""Conditions: whether an edge counts, said as an expression over templates or by a function of the source's result."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import InputError
from kaizen_eval.workflow.expression import Expression, read
from kaizen_eval.workflow.reaching import reached
from kaizen_eval.workflow.templates import Reference

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
_LITERALS: dict[str, Callable[[Any], Any]] = {"List": list, "Tuple": tuple, "Set": set}


def holds(when: str | Callable[[Any], Any] | None, scope: Mapping[str, Any], result: Any) -> bool:
    """Whether it holds: over what the scope has, or of the source's result.

    Raises:
        InputError: the scope lacks what a template refers to, or values cannot be compared.
    """
    if when is None:
        return True
    if not isinstance(when, str):
        return bool(when(result))
    expression = read(when)
    try:
        return bool(_Evaluation(expression, scope).value(expression.root))
    except (TypeError, RecursionError) as error:
        raise InputError(f"The condition {when!r} cannot be decided: {error}.") from error


def asks(when: str | Callable[[Any], Any] | None) -> tuple[Reference, ...]:
    """The templates in it.

    Raises:
        WorkflowError: it is no condition, and at which character.
    """
    return tuple(read(when).names.values()) if isinstance(when, str) else ()


@dataclass(frozen=True, slots=True)
class _Evaluation:
    """Python's own meaning, for the few kinds of expressions that there are; each method is named for what ast calls
    its kind.
    """

    expression: Expression
    scope: Mapping[str, Any]

    def value(self, node: ast.expr) -> Any:
        return getattr(self, f"_{type(node).__name__}")(node)

    def _Constant(self, node: ast.Constant) -> Any:  # noqa: N802 - as the class says
        return node.value

    def _Name(self, node: ast.Name) -> Any:  # noqa: N802 - as the class says
        reference = self.expression.names[node.id]
        return reached(reference.node, reference.path, self.scope, reference.text)

    def _List(self, node: ast.List | ast.Tuple | ast.Set) -> Any:  # noqa: N802 - as the class says
        return _LITERALS[type(node).__name__]([self.value(item) for item in node.elts])

    _Tuple = _Set = _List

    def _UnaryOp(self, node: ast.UnaryOp) -> Any:  # noqa: N802 - as the class says
        value = self.value(node.operand)
        return not value if type(node.op).__name__ == "Not" else -value

    def _BoolOp(self, node: ast.BoolOp) -> Any:  # noqa: N802 - as the class says
        decisive = type(node.op).__name__ == "Or"
        value = None
        for operand in node.values:
            value = self.value(operand)
            if bool(value) is decisive:
                break
        return value

    def _Compare(self, node: ast.Compare) -> Any:  # noqa: N802 - as the class says
        left, outcome = self.value(node.left), None
        for sign, operand in zip(node.ops, node.comparators, strict=True):
            right = self.value(operand)
            outcome = _COMPARISONS[type(sign).__name__](left, right)
            if not outcome:
                break
            left = right
        return outcome

"""Expression: a condition in a text, read and found to have nothing that a condition may not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kaizen_eval.errors import WorkflowError
from kaizen_eval.workflow.templates import Reference, parts

if TYPE_CHECKING:
    import ast

__all__ = ["Expression", "read"]

_SIGNS = {"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "In", "NotIn", "Is", "IsNot", "And", "Or", "Not", "USub", "Load"}
_KINDS = {"BoolOp", "Compare", "Constant", "List", "Name", "Set", "Tuple", "UnaryOp"}
_LONGEST = 4_000
"""Deep ones can be read by some versions of Python and not by others."""
_ALLOWED = "it compares templates and values, with and, or, not and in"
_OTHERS = {"true": "True", "false": "False", "null": "None", "none": "None", "nil": "None", "undefined": "None"}


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """What was read."""

    root: ast.expr
    names: Mapping[str, Reference]
    """Templates, by the names that stand in their places."""


@lru_cache(maxsize=1024)
def read(when: str) -> Expression:
    """The expression.

    Raises:
        WorkflowError: what is wrong, and at which character.
    """
    import ast  # noqa: PLC0415 - most workflows have no conditions

    if len(when) > _LONGEST:
        raise WorkflowError(f"a condition has {_LONGEST} characters at most, not {len(when)}: decide by a function.")
    names, text = _named(when)
    root = _parsed(text, when)
    seen = set()
    for node in ast.walk(root):
        wrong = _wrong(node, names)
        if wrong:
            raise WorkflowError(f"the condition {when!r}{_at(node, text)}: {wrong}; {_ALLOWED}.")
        seen |= {getattr(node, "id", "")}
    for name in names.keys() - seen:
        raise WorkflowError(f"the condition {when!r}: {names[name].text} stands in quotes, where it is no template.")
    if type(root).__name__ in {"Tuple", "List", "Set"}:
        raise WorkflowError(f"the condition {when!r} is a {type(root).__name__.lower()}, which decides nothing.")
    return Expression(root, names)


def _named(when: str) -> tuple[dict[str, Reference], str]:
    """With names in the place of templates, as long as these, so that characters can be counted; on one line."""
    names: dict[str, Reference] = {}
    text = ""
    for part in parts(when):
        if isinstance(part, str):
            text += part.replace("\n", " ").replace("\r", " ")
        else:
            name = f"T{len(names):0{len(part.text) - 1}}"
            names[name] = part
            text += name
    return names, text


def _parsed(text: str, when: str) -> ast.expr:
    import ast  # noqa: PLC0415 - as above

    begin = text.lstrip()
    if not begin:
        raise WorkflowError(f"the condition {when!r} is empty: {_ALLOWED}.")
    if "#" in begin.partition("'")[0].partition('"')[0]:
        raise WorkflowError(f"the condition {when!r} has a comment; {_ALLOWED}.")
    try:
        return ast.parse(begin, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        offset = getattr(error, "offset", None)
        place = f" at character {min(offset + len(text) - len(begin), len(when))}" if offset else ""
        said = getattr(error, "msg", str(error) or type(error).__name__)
        raise WorkflowError(f"the condition {when!r}{place}: {said}; {_ALLOWED}.") from None


def _wrong(node: ast.AST, names: Mapping[str, Reference]) -> str:
    kind = type(node).__name__
    if kind == "Name":
        return _wrong_name(getattr(node, "id", ""), names)
    if kind == "Constant":
        value = getattr(node, "value", None)
        return "" if value is None or isinstance(value, str | bool | int | float) else f"{value!r} is no value of it"
    if kind == "Compare":
        return _wrong_identity(node)  # type: ignore[arg-type]  # it is one
    if kind == "UnaryOp":
        return _wrong_sign(node)  # type: ignore[arg-type]  # it is one
    return "" if kind in _KINDS or kind in _SIGNS else f"there is {_SAID.get(kind, kind)} in it"


_SAID = {
    "Attribute": "a field outside of braces",
    "BinOp": "arithmetic",
    "Call": "a call",
    "IfExp": "an if",
    "JoinedStr": "an f-string",
    "NamedExpr": "an assignment",
    "Subscript": "an index outside of braces",
}


def _wrong_name(name: str, names: Mapping[str, Reference]) -> str:
    if name in names:
        return ""
    meant = _OTHERS.get(name.casefold())
    if meant:
        return f"{name} is {meant}"
    for stand_in, reference in names.items():
        name = name.replace(stand_in, reference.text)
    return f"{name} is no value: a text has quotes, a result braces"


def _wrong_identity(node: ast.Compare) -> str:
    """`is` is for what there is only one of."""
    for sign, operand in zip(node.ops, node.comparators, strict=True):
        single = type(operand).__name__ == "Constant" and any(
            getattr(operand, "value", "") is each for each in (None, True, False)
        )
        if type(sign).__name__ in {"Is", "IsNot"} and not single:
            return "`is` goes with None, True and False alone, otherwise it is =="
    return ""


def _wrong_sign(node: ast.UnaryOp) -> str:
    sign = type(node.op).__name__
    value = getattr(node.operand, "value", None)
    if sign == "Not" or (sign == "USub" and isinstance(value, int | float) and not isinstance(value, bool)):
        return ""
    return "a sign stands before a number alone"


def _at(node: ast.AST, text: str) -> str:
    offset = getattr(node, "col_offset", None)
    if offset is None:
        return ""
    begin = text.lstrip()
    before = begin.encode()[:offset].decode()
    return f" at character {len(text) - len(begin) + len(before) + 1}"

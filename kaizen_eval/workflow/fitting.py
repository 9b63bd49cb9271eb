"""Whether what a node is given fits what it takes: nothing unknown, and nothing missing."""

from __future__ import annotations

from kaizen_eval.suggestion import suggestion
from kaizen_eval.workflow.by_name import may_fill
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.outputs import lacks
from kaizen_eval.workflow.part import Arrow, Part
from kaizen_eval.workflow.problems import Problems
from kaizen_eval.workflow.reaching import WHOLE

__all__ = ["check_fit"]


def check_fit(part: Part, problems: Problems) -> None:
    node = part.node
    for name in node.config:
        if not node.takes.take(name):
            problems.add(_not_taken(node, name), "nodes", part.position, "config", name)
    for arrow in part.arrows:
        _check_mapping(node, arrow, problems)
    if node.kind == "function":
        _check_missing(part, problems)


def _not_taken(node: Node, name: str) -> str:
    names = (*node.takes.names, *node.takes.beside)
    takes = f"It takes: {', '.join(names)}." if names else "It takes nothing."
    return f"{node.type} takes no {name!r}{suggestion(name, names)} {takes}"


def _check_mapping(node: Node, arrow: Arrow, problems: Problems) -> None:
    for path, name in (arrow.edge.mapping or {}).items():
        wrong = _wrong_input(node, arrow, path, name) or _wrong_path(arrow.source, path)
        if wrong:
            problems.add(wrong, "edges", arrow.position, "mapping", str(path))


def _wrong_input(node: Node, arrow: Arrow, path: object, name: object) -> str:
    if not isinstance(name, str):
        return f"a mapping's values are inputs of the target, such as 'text', not {name!r}."
    if not node.takes.take(name):
        is_turned = node.takes.take(str(path))
        hint = " A mapping has fields of the source as keys, and inputs of the target as values." if is_turned else ""
        return f"{_not_taken(node, name)}{hint}"
    first = arrow.edge.fills[name]
    return "" if first == path else f"{first!r} and {path!r} would both fill {name!r}."


def _wrong_path(source: Node, path: object) -> str:
    if not isinstance(path, str) or "{{" in path or not all(path.split(".")):
        return (
            f"a mapping's keys are fields of the source's result, without braces, such as 'answer', or {WHOLE!r} for "
            f"the whole of it, not {path!r}."
        )
    return lacks(source, path.partition(".")[0])


def _check_missing(part: Part, problems: Problems) -> None:
    """Agents and workflows find the rest in the inputs of the workflow; functions do not."""
    node, explicit = part.node, part.explicit
    missing = [
        name
        for name in node.takes.required
        if name not in explicit
        and not any(may_fill(node, arrow.edge, arrow.source, name, explicit) for arrow in part.arrows)
    ]
    if missing:
        said = ", ".join(map(repr, missing))
        problems.add(
            f"nothing fills {said}, which {node.type} cannot do without. {_remedy(part, missing[0])}",
            "nodes",
            part.position,
        )


def _remedy(part: Part, name: str) -> str:
    if part.node.each is not None and not any(mention.reference.node == "item" for mention in part.mentions):
        return f"Give it the item: {{{name!r}: '{{{{item}}}}'}}."
    return f"Give it in the config, such as {{{name!r}: '{{{{inputs.{name}}}}}'}}, or by an edge."

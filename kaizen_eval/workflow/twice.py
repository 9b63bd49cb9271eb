"""Whether an input is filled by one thing alone, where nothing decides between several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from kaizen_eval.workflow.by_name import sole
from kaizen_eval.workflow.outputs import fields_of
from kaizen_eval.workflow.part import Arrow, Part
from kaizen_eval.workflow.problems import Problems

__all__ = ["check_twice"]


class _Filler(NamedTuple):
    said: str
    certain: bool


def check_twice(part: Part, certain: frozenset[str], problems: Problems) -> None:
    """Of several that fill one input the first that is there does, so that none may follow one that always is."""
    for arrow in _repeated(part.arrows):
        problems.add("the same two nodes are connected twice, with nothing said of either.", "edges", arrow.position)
    for name, fillers in _fillers(part, certain).items():
        if any(filler.certain for filler, _ in pairwise(fillers)):
            said = " and ".join(filler.said for filler in fillers)
            problems.add(
                f"its input {name!r} is filled by {said}, where one would always do. Give it once, or let edges "
                "with conditions (when=…) come first.",
                "nodes",
                part.position,
            )


def _repeated(arrows: Sequence[Arrow]) -> Iterator[Arrow]:
    seen = set()
    for arrow in arrows:
        if arrow.edge.mapping is None and arrow.edge.when is None:
            if arrow.edge.source in seen:
                yield arrow
            seen.add(arrow.edge.source)


def _fillers(part: Part, certain: frozenset[str]) -> dict[str, list[_Filler]]:
    """By input, in the order in which they are asked: edges with a mapping, the config, edges without one."""
    found: dict[str, list[_Filler]] = {}
    for arrow in part.arrows:
        for name in arrow.edge.fills:
            found.setdefault(name, []).append(_by(arrow, certain))
    for name in part.node.config:
        found.setdefault(name, []).append(_Filler("its config", certain=True))
    explicit = part.explicit
    for arrow in part.arrows:
        if arrow.edge.mapping is None:
            for name in _offers(part, arrow, explicit):
                found.setdefault(name, []).append(_by(arrow, certain))
    return found


def _by(arrow: Arrow, certain: frozenset[str]) -> _Filler:
    edge = arrow.edge
    return _Filler(f"the edge from {edge.source!r}", edge.when is None and edge.source in certain)


def _offers(part: Part, arrow: Arrow, explicit: set[str]) -> Iterator[str]:
    """The inputs that an edge without a mapping is known to fill, but those that are filled otherwise."""
    fields, takes = fields_of(arrow.source), part.node.takes
    if fields is None:
        return
    only = None if fields else sole(takes, explicit)
    if only is not None:
        yield only
    for name in fields:
        if name not in explicit and (takes.more or name in takes.names):
            yield name

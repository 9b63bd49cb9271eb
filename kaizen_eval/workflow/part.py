"""Part: a node of a workflow that is being built, with all that leads to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.mentions import Mention
from kaizen_eval.workflow.node import Node

__all__ = ["Arrow", "Part"]


class Arrow(NamedTuple):
    """An edge with where it comes from."""

    edge: Edge
    position: int
    source: Node


class Part(NamedTuple):
    """One node."""

    node: Node
    position: int
    arrows: Sequence[Arrow]
    mentions: Sequence[Mention]

    @property
    def explicit(self) -> set[str]:
        """The inputs that a config or a mapping names."""
        return {*self.node.config, *(name for arrow in self.arrows for name in arrow.edge.fills)}

"""Draft: a node as it was added, before anything of it is looked up."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Draft"]


class Draft(NamedTuple):
    """What `add_node` was given."""

    type: Any
    id: Any
    config: Any
    each: Any
    concurrency: Any
    timeout: Any
    retry: Any

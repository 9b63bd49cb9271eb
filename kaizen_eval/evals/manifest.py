"""What an evaluation is: what is asked of whom, how often, judged by what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["SCHEMA", "Manifest"]

SCHEMA = 1
"""Of the log; a log with a greater number was written by a later version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The head of an evaluation's log, written before anything runs."""

    id: str
    """Unique, sortable by time: 20261123-141503-3f9a1c."""
    created: str
    """ISO 8601, UTC."""
    dataset: str
    """Its name."""
    dataset_hash: str
    """Of the ids and contents of all its cases, in whatever order, also of those in other shards."""
    task: str
    """What was evaluated: `module:Name` where it has one."""
    signature: str | None = None
    strategy: str | None = None
    """Class name with its settings, where the task is an agent."""
    model: str | None = None
    cassette_hash: str | None = None
    """Of what was replayed; None where nothing was."""
    is_deterministic: bool = False
    """The same would come again: on the fake with virtual time, or from a cassette."""
    scorers: tuple[Mapping[str, Any], ...] = ()
    """Each as a dataset file would write it."""
    scorer_names: tuple[str, ...] = ()
    """As scores name them, so that one without any score can be named; empty in logs that do not say."""
    repeats: int = 1
    seed: int = 0
    shard: str | None = None
    """"1/4": the first of four parts; None: the whole."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Concurrency, time limits, max_cost: what does not change what is asked."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What the user says of it, such as a commit."""
    version: str = ""
    """Of this package."""
    schema: int = SCHEMA

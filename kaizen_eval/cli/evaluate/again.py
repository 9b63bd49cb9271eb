"""The command that goes on with an evaluation."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator

__all__ = ["again"]

_SAME = (
    "scorer",
    "repeats",
    "tag",
    "case",
    "shard",
    "seed",
    "fake",
    "cassettes",
    "mode",
    "concurrency",
    "timeout",
    "call_timeout",
    "fail_under",
    "baseline",
    "margin",
)
_DEFAULTS = {"repeats": 1, "seed": 0, "concurrency": 10}


def again(options: argparse.Namespace, folder: str) -> str:
    """Everything that was said of what is asked, and of what must hold; empty where nothing can be gone on with."""
    if options.agent is None:
        return ""
    return shlex.join(["kaizen-eval", "eval", options.dataset, *_options(options), "--out", folder, "--resume"])


def _options(options: argparse.Namespace) -> Iterator[str]:
    yield from ("--agent", options.agent)
    for name in _SAME:
        value = getattr(options, name)
        if value is None or value == [] or value == _DEFAULTS.get(name):
            continue
        option = f"--{name.replace('_', '-')}"
        for each in value if isinstance(value, list) else [value]:
            yield from (option, str(each)) if each != "" else (option,)

"""Which stage the command line asks for."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

from kaizen_eval.cli.evaluate.faked import faked
from kaizen_eval.cli.evaluate.stage import Stage
from kaizen_eval.cli.evaluate.taped import taped
from kaizen_eval.errors import UsageError

__all__ = ["staged"]


@contextmanager
def staged(options: argparse.Namespace, dataset: str) -> Iterator[Stage]:
    """In this block agents without a provider of their own are answered so.

    Raises:
        UsageError: the options do not fit together.
        RecordingError: the cassette cannot be opened.
    """
    _check(options)
    if options.fake is not None:
        with faked(options.fake, seed=options.seed) as stage:
            yield stage
        return
    _load_client()
    if options.cassettes is not None and options.mode != "live":
        with taped(options.cassettes, dataset, options.mode or "replay") as stage:
            yield stage
    else:
        yield Stage()


def _check(options: argparse.Namespace) -> None:
    if options.fake is not None and options.cassettes is not None:
        raise UsageError("--fake and --cassettes both say who answers: give one of them.")
    if options.mode is not None and options.cassettes is None:
        raise UsageError(f"--mode {options.mode} needs to know which: add `--cassettes cassettes`.")
    if options.mode == "record" and options.resume:
        raise UsageError("--mode record would leave out what was recorded before --resume: use --mode record-missing.")
    if options.mode == "record" and (options.shard or options.case or options.tag):
        raise UsageError(
            "--mode record writes the cassette anew, and would leave out the cases that are not asked: record all of "
            "them, or use --mode record-missing."
        )


def _load_client() -> None:
    """The SDK takes its time, which is not that of the first trials."""
    if os.environ.get("OPENAI_API_KEY"):
        import kaizen_eval.llm.openai  # noqa: F401, PLC0415 - a fake needs none

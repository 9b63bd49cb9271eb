"""Writes the JSON Schema of a dataset beside it."""

from __future__ import annotations

import argparse
from pathlib import Path

from kaizen_eval.cli.evaluate.asked import signature_of
from kaizen_eval.cli.output import legible
from kaizen_eval.errors import UsageError
from kaizen_eval.evals.dataset import write_schema

__all__ = ["written"]

_YAML = {".yaml", ".yml"}


def written(options: argparse.Namespace) -> int:
    """The exit code.

    Raises:
        UsageError: there is no dataset, or no signature is known.
    """
    if options.dataset is None:
        raise UsageError("--schema needs a dataset beside which it is to be written: fixtures/qa.yaml.")
    path = write_schema(options.dataset, signature=signature_of(options.agent), link=True)
    if not options.quiet:
        found = " The dataset's first line names it." if Path(options.dataset).suffix in _YAML else ""
        print(f"{legible(str(path))} is written: editors complete and check the cases by it.{found}")
    return 0

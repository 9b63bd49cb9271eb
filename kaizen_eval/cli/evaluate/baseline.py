"""An evaluation beside its baseline."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kaizen_eval.cli.evaluate.gates import Exit, Ruling
from kaizen_eval.errors import CasesMissing, Incomparable, UsageError

if TYPE_CHECKING:
    from kaizen_eval.evals.comparison import Comparison

__all__ = ["Held", "check_baseline", "held"]


@dataclass(frozen=True, slots=True)
class Held:
    """What came of holding it against the baseline; nothing where there is none."""

    comparison: Comparison | None = None
    ruling: Ruling | None = None

    def rulings(self) -> Iterator[Ruling]:
        if self.ruling is not None:
            yield self.ruling


def check_baseline(options: argparse.Namespace) -> None:
    """Before anything runs.

    Raises:
        UsageError: there is no such baseline.
        EvaluationError: it is none.
    """
    if options.baseline is None:
        if options.margin is not None:
            raise UsageError("--margin needs to know of what: add --baseline and a file, or the folder of a run.")
        return
    path = Path(options.baseline)
    if path.is_dir():
        from kaizen_eval.evals.log import Log  # noqa: PLC0415 - needed here alone

        Log.open(path).check()
    else:
        from kaizen_eval.evals.comparison.baseline import read_baselines  # noqa: PLC0415 - as above

        read_baselines(path)


def held(folder: Path, options: argparse.Namespace) -> Held:
    """Its figures are told also where they cannot be compared."""
    if options.baseline is None:
        return Held()
    from kaizen_eval.evals.comparison import gate  # noqa: PLC0415 - as above

    try:
        comparison = gate(folder, options.baseline, margin=options.margin)
    except CasesMissing:
        return Held()  # that is told already
    except Incomparable as error:
        return Held(ruling=Ruling(Exit.USAGE, str(error)))
    return Held(comparison, Ruling(Exit(comparison.exit_code), f"beside {options.baseline}, {comparison.why}"))

"""The evaluations before one, as its report draws them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaizen_eval.evals.manifest import Manifest
    from kaizen_eval.evals.reports import TrendPoint

__all__ = ["runs_around", "trend_of"]


def trend_of(manifest: Manifest, root: Path) -> list[TrendPoint]:
    """Of all below this folder that asked the same of the same; empty where the evaluation does not stand in it."""
    from kaizen_eval.evals.reports import TrendPoint  # noqa: PLC0415 - only reports need it
    from kaizen_eval.evals.runs import key_of, runs_in  # noqa: PLC0415 - as above

    rows = runs_in(root) if root.is_dir() else []
    keys = {key_of(row) for row in rows if row.id == manifest.id}
    return [TrendPoint(row.id, row.created, row.pass_rate, row.score) for row in rows if key_of(row) in keys]


def runs_around(folder: Path) -> Path | None:
    """The folder of runs that this one lies in: the nearest that is called so, or has an index already. None: nobody
    keeps runs here, and who knows how much else there is.
    """
    from kaizen_eval.evals.runs.index import INDEX  # noqa: PLC0415 - as above

    return next((each for each in folder.absolute().parents if each.name == "runs" or (each / INDEX).is_file()), None)

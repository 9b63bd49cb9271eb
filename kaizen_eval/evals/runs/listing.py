"""Which evaluations there are below a folder, and what came of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from os import PathLike
from pathlib import Path

from kaizen_eval.errors import EvaluationMissing, UsageError
from kaizen_eval.evals.log.lock import is_held
from kaizen_eval.evals.log.scan import FILE, MISFITS
from kaizen_eval.evals.runs.finding import Found, found_below
from kaizen_eval.evals.runs.index import Entry, Index
from kaizen_eval.evals.runs.reading import row_of
from kaizen_eval.evals.runs.run_row import ROW, RunRow

__all__ = ["run_folder", "runs_in"]


def runs_in(root: str | PathLike[str]) -> list[RunRow]:
    """All that is below this folder, oldest first; those that cannot be read last.

    Raises:
        EvaluationMissing: there is no such folder.
    """
    place = Path(root)
    if not place.is_dir():
        raise EvaluationMissing(
            f"There is no folder {str(place)!r}: `kaizen-eval eval` keeps evaluations in 'runs', or where --out says; "
            "name that folder (--in).",
            path=str(place),
        )
    rows = [_as_it_is_now(place, row) for row in _known(place)]
    return sorted(rows, key=lambda row: (not row.created, row.created, row.folder))


def run_folder(root: str | PathLike[str], named: str) -> Path:
    """The folder of the evaluation that is meant: by its path, its name below the root, or its id or how that begins.

    Raises:
        EvaluationMissing: none is.
        UsageError: several are.
    """
    place = Path(root)
    for folder in (Path(named), place / named):
        if (folder / FILE).exists() or folder.name == FILE:
            return folder
    ids = {row.folder: row.id for row in runs_in(place)} if place.is_dir() else {}
    meant = [folder for folder, identity in ids.items() if named and identity.startswith(named)]
    if len(meant) > 1:
        raise UsageError(f"{named!r} may be {len(meant)} evaluations: {', '.join(sorted(ids[one] for one in meant))}.")
    if not meant:
        raise EvaluationMissing(
            f"There is no evaluation {named!r}, neither as a folder nor in {str(place)!r}. `kaizen-eval runs list` "
            "shows which there are.",
            path=named,
        )
    return place / meant[0]


def _known(root: Path) -> Iterator[RunRow]:
    """From the index what is there and has not changed; the others from their logs."""
    index = Index(root)
    entries = index.entries()
    new: dict[str, Entry] = {}
    seen = set()
    for found in found_below(root):
        name = found.folder.relative_to(root).as_posix()
        seen.add(name)
        row = _indexed(entries.get(name), found)
        if row is None:
            row = replace(row_of(root, found.folder), bytes=found.bytes)
            if row.state != "unreadable":  # a later version may read it
                new[name] = Entry(found.mark, ROW.write(row))
        yield row
    gone = entries.keys() - seen
    if new or gone:
        index.update(new, gone)


def _indexed(entry: Entry | None, found: Found) -> RunRow | None:
    if entry is None or entry.mark != found.mark:
        return None
    try:
        return ROW.read(entry.row)
    except MISFITS:
        return None


def _as_it_is_now(root: Path, row: RunRow) -> RunRow:
    if row.state == "incomplete" and is_held(root / row.folder):
        return replace(row, state="running", why="")
    return row

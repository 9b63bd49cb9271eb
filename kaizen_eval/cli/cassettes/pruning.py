"""`kaizen-eval cassettes prune`: drops exchanges that no test asks for, old cassettes, and leftovers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kaizen_eval.amounts import many
from kaizen_eval.cli.cassettes.leftovers import is_leftover, leftovers
from kaizen_eval.cli.cassettes.opened import encoded_as, opened, recording_at
from kaizen_eval.cli.cassettes.options import Commands, add_command, add_dry_run, add_paths, duration, slots
from kaizen_eval.cli.cassettes.places import STDIN, cassettes, single
from kaizen_eval.cli.output import as_json, console, legible, show
from kaizen_eval.errors import UsageError
from kaizen_eval.recording.exchange import Exchange
from kaizen_eval.recording.maintenance.pruning import duplicates, without
from kaizen_eval.recording.writing.lock import locked, unlock
from kaizen_eval.recording.writing.storage import write

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["add_to"]

_SUMMARY = "drop exchanges, old cassettes, and what recordings left behind"
_DETAILS = (
    "A test that leaves exchanges unused names the command that drops them. Which cassettes no test uses, pytest "
    "tells at the end of a full run."
)
_Done = list[dict[str, object]]


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_command(commands, "prune", _SUMMARY, _DETAILS, parents=parents)
    add_paths(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--slots", "--slot", metavar="N", type=slots, help="drop these exchanges of one cassette: 3,5-7")
    what.add_argument(
        "--duplicates",
        action="store_true",
        help="drop exchanges that ask and answer what one before did; a test that asks twice needs both",
    )
    what.add_argument("--older-than", metavar="AGE", type=duration, help="remove whole cassettes: 90d, 12h, 2w")
    what.add_argument("--leftovers", action="store_true", help="remove .partial, .rejected and .replaced files")
    parser.add_argument("--lane", metavar="LANE", help="of the slots; needed where a cassette has several lanes")
    add_dry_run(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    if options.leftovers:
        done = _removed(leftovers(options.paths), options)
    elif options.older_than is not None:
        done = _removed(_old(options), options)
    else:
        done = [row for path in _targets(options) if (row := _pruned(path, options)) is not None]
    if options.json:
        as_json({"dry_run": options.dry_run, "pruned": done})
    else:
        show(console(options), _drawn(done, options))


def _targets(options: argparse.Namespace) -> list[Path]:
    if options.slots is None:
        return [path for path in cassettes(options.paths) if opened(path).recording is not None]
    if len(options.paths) != 1:
        raise UsageError("--slots drops exchanges of one cassette: name it.")
    path = single(options.paths[0])
    if path == STDIN:
        raise UsageError("prune changes files in place; expected a cassette, not stdin.")
    return [path]


def _pruned(path: Path, options: argparse.Namespace) -> dict[str, object] | None:
    recording = recording_at(path)
    dropped = duplicates(recording.exchanges) if options.slots is None else _chosen(recording.exchanges, options)
    if not dropped:
        return None
    if len(dropped) == len(recording.exchanges):
        raise UsageError(f"Nothing would be left of {path}: remove the file instead.")
    if not options.dry_run:
        write(path, encoded_as(without(recording, dropped), path))
    return {"path": str(path), "exchanges": [{"lane": one.lane, "slot": one.slot} for one in dropped]}


def _chosen(exchanges: Sequence[Exchange], options: argparse.Namespace) -> list[Exchange]:
    lane = _lane(exchanges, options)
    found = [one for one in exchanges if one.lane == lane and one.slot in options.slots]
    if missing := options.slots - {one.slot for one in found}:
        told = ", ".join(map(str, sorted(missing)))
        of_lane = f" in lane {lane!r}" if lane else ""
        raise UsageError(f"{options.paths[0]} has no slot {told}{of_lane}; nothing was dropped.")
    return found


def _lane(exchanges: Sequence[Exchange], options: argparse.Namespace) -> str:
    """The one that is named, else the one without a name, else the only one."""
    lanes = list(dict.fromkeys(one.lane for one in exchanges))
    if options.lane is None and "" not in lanes and len(lanes) > 1:
        raise UsageError(f"{options.paths[0]} has several lanes: name one with --lane: {', '.join(map(repr, lanes))}.")
    if options.lane is None:
        return "" if "" in lanes or not lanes else lanes[0]
    return str(options.lane)


def _old(options: argparse.Namespace) -> list[Path]:
    limit = datetime.now(UTC) - options.older_than
    files = [opened(path) for path in cassettes(options.paths)]
    return [one.path for one in files if one.recording is not None and one.recording.header.recorded_at < limit]


def _removed(paths: Sequence[Path], options: argparse.Namespace) -> _Done:
    for path in paths:
        if not options.dry_run:
            _remove(path)
    return [{"path": str(path), "exchanges": None} for path in paths]


def _remove(path: Path) -> None:
    """Raises CassetteBusy for what somebody is recording into."""
    if not is_leftover(path) or ".partial" not in path.suffix:
        path.unlink()
        return
    holding = locked(path, cassette=path.with_suffix(""))
    try:
        path.unlink()
    finally:
        unlock(holding)


def _drawn(done: _Done, options: argparse.Namespace) -> list[RenderableType]:
    would = "would be " if options.dry_run else ""
    rows: list[RenderableType] = []
    for row in done:
        dropped = row["exchanges"]
        told = f"{would}removed" if not isinstance(dropped, list) else f"{_slots(dropped)} {would}dropped"
        rows.append(f"{legible(str(row['path']))}: {told}")
    return rows or ["Nothing to prune."]


def _slots(dropped: Sequence[dict[str, object]]) -> str:
    numbers = ", ".join(f"#{one['slot']}" for one in dropped)
    return f"{many(len(dropped), 'exchange')} ({numbers})"

"""Runs and their steps in the tables: each function is a part of one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3

__all__ = [
    "WHOLE",
    "RunRow",
    "StepRow",
    "add_run",
    "add_step",
    "all_runs",
    "delete_run",
    "end",
    "find",
    "is_there",
    "steps_of",
    "surplus",
    "undo",
    "unfinished",
]


WHOLE = -1
"""In the place of an index: the node itself."""


class RunRow(NamedTuple):
    """One run."""

    number: int
    id: str
    workflow: str
    """Its name."""
    begun: str
    """ISO 8601."""
    told: str
    """What it was begun with."""
    is_finished: bool
    spent: bytes | None
    """What executions before this one took, as far as they told their sum."""


class StepRow(NamedTuple):
    """A result, or that there is none."""

    node: str
    item: int
    """Its index, or `WHOLE`."""
    kind: str
    """"value"; "items": the results of so many items; "skipped": why; "undone": it counts for what it took alone."""
    data: bytes
    spent: bytes | None
    """What it took, while the execution has not told its sum."""


_RUN = "SELECT number, id, workflow, begun, told, is_finished, spent FROM runs"
_ENCODING = ("utf-8", "surrogatepass")
"""Any text may be an id."""


def find(connection: sqlite3.Connection, run_id: str) -> RunRow | None:
    row = connection.execute(f"{_RUN} WHERE id = ?", (_bytes(run_id),)).fetchone()
    return None if row is None else _run(*row)


def all_runs(connection: sqlite3.Connection) -> list[RunRow]:
    """Newest first."""
    return [_run(*row) for row in connection.execute(f"{_RUN} ORDER BY number DESC")]


def unfinished(connection: sqlite3.Connection, fingerprint: str) -> list[str]:
    """The ids of those that were begun alike, newest first."""
    query = "SELECT id FROM runs WHERE fingerprint = ? AND NOT is_finished ORDER BY number DESC"
    return [run_id.decode(*_ENCODING) for (run_id,) in connection.execute(query, (fingerprint,))]


def surplus(connection: sqlite3.Connection, kept: int) -> list[str]:
    """The ids of all but the newest."""
    query = "SELECT id FROM runs ORDER BY number DESC LIMIT -1 OFFSET ?"
    return [run_id.decode(*_ENCODING) for (run_id,) in connection.execute(query, (kept,))]


def add_run(  # noqa: PLR0913 - a row
    connection: sqlite3.Connection, run_id: str, *, workflow: str, begun: str, fingerprint: str, told: str
) -> RunRow:
    row = (_bytes(run_id), _bytes(workflow), begun, fingerprint, told)
    added = connection.execute("INSERT INTO runs (id, workflow, begun, fingerprint, told) VALUES (?, ?, ?, ?, ?)", row)
    return RunRow(int(added.lastrowid or 0), run_id, workflow, begun, told, is_finished=False, spent=None)


def delete_run(connection: sqlite3.Connection, run_id: str) -> bool:
    """Whether it was there."""
    return connection.execute("DELETE FROM runs WHERE id = ?", (_bytes(run_id),)).rowcount > 0


def is_there(connection: sqlite3.Connection, number: int, run_id: str) -> bool:
    """Whether this is still the file that it was begun in."""
    query = "SELECT 1 FROM runs WHERE number = ? AND id = ?"
    return connection.execute(query, (number, _bytes(run_id))).fetchone() is not None


def steps_of(connection: sqlite3.Connection, number: int) -> list[StepRow]:
    """In the order in which they came."""
    query = "SELECT node, item, kind, data, spent FROM steps WHERE run = ? ORDER BY number"
    return [StepRow(*row) for row in connection.execute(query, (number,))]


def add_step(connection: sqlite3.Connection, run: int, step: StepRow) -> None:
    """The one that came first stays."""
    connection.execute(
        "INSERT INTO steps (run, node, item, kind, data, spent) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (run, *step),
    )


def undo(connection: sqlite3.Connection, run: int, prefix: str) -> None:
    """The steps of nodes that begin so are to be done again."""
    connection.execute(
        "UPDATE steps SET node = number || ' ' || node, kind = 'undone', data = '' "
        "WHERE run = ? AND substr(node, 1, length(?)) = ?",
        (run, prefix, prefix),
    )


def end(connection: sqlite3.Connection, run: int, spent: bytes | None, *, is_finished: bool) -> None:
    """An execution told what all took; steps count no longer by themselves."""
    connection.execute("UPDATE runs SET spent = ?, is_finished = ? WHERE number = ?", (spent, is_finished, run))
    connection.execute("UPDATE steps SET spent = NULL WHERE run = ? AND spent IS NOT NULL", (run,))


def _run(  # noqa: PLR0913, PLR0917 - a row
    number: int, run_id: bytes, workflow: bytes, begun: str, told: str, is_finished: int, spent: bytes | None
) -> RunRow:
    return RunRow(number, run_id.decode(*_ENCODING), workflow.decode(*_ENCODING), begun, told, bool(is_finished), spent)


def _bytes(text: str) -> bytes:
    return text.encode(*_ENCODING)

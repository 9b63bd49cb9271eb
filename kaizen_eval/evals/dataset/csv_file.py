"""A dataset in a CSV file: a case in each row, typed by the fields."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaizen_eval.evals.dataset.csv_columns import Column, UnknownColumn, column_of
from kaizen_eval.evals.dataset.fitting import Fitting
from kaizen_eval.evals.dataset.opened import Opened
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.text_file import text_of
from kaizen_eval.evals.dataset.written import Spot, Written

if TYPE_CHECKING:
    from kaizen_eval.signatures import Signature

__all__ = ["open_csv"]

_SEPARATORS = ",;\t"
_Row = tuple[int, list[str]]


def open_csv(path: Path, problems: Problems, signature: type[Signature] | None) -> Opened:
    """The dataset in a file; its columns are separated as those of its first line.

    Raises:
        DatasetError: the file is no CSV.
    """
    rows = _rows(text_of(path, problems), problems)
    number, header = next(rows, (1, []))
    fitting = Fitting(signature)
    columns = _columns(header, Spot(number), fitting, problems)
    problems.raise_any()  # else each row would say the same again
    needs = not fitting.needs_none
    cases = [written for row in rows if (written := _case(row, columns, problems, needs_inputs=needs)) is not None]
    return Opened(path.stem, None, (), lambda _: iter(cases))


def _rows(text: str, problems: Problems) -> Iterator[_Row]:
    """Each with the line in which it begins; blank ones are passed."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        problems.stop(Spot(line), _refusal(error))


def _separator(text: str) -> str:
    """That which the first line has most of."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(_SEPARATORS, key=first.count)


def _refusal(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"a cell is longer than {csv.field_size_limit():,} characters; write such cases as JSONL."
    return f"this is no CSV: {error}. A cell with quotes in it is quoted, and each of them doubled."


def _columns(header: Sequence[str], spot: Spot, fitting: Fitting, problems: Problems) -> list[Column | None]:
    """None where the name is empty, or wrong."""
    columns: list[Column | None] = []
    for name in map(str.strip, header):
        try:
            column = column_of(name, fitting) if name else None
        except UnknownColumn as error:
            problems.add(spot, str(error))
            column = None
        if column is not None and any(other is not None and other.path == column.path for other in columns):
            problems.add(spot, f"two columns are {'.'.join(column.path)}.")
        columns.append(column)
    return columns


def _case(row: _Row, columns: Sequence[Column | None], problems: Problems, *, needs_inputs: bool) -> Written | None:
    line, cells = row
    if len(cells) != len(columns):
        problems.add(Spot(line), f"this row has {len(cells)} cells, and the first line names {len(columns)} columns.")
        return None
    case: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=True):
        if column is not None and cell:
            *parts, last = column.path
            holder = case
            for part in parts:
                holder = holder.setdefault(part, {})
            holder[last] = column.read(cell)
    if "inputs" not in case and not needs_inputs:
        case["inputs"] = {}
    if "inputs" not in case:
        problems.add(Spot(line), "all inputs of this row are empty.")
        return None
    return Written(case, Spot(line))

"""Baseline: the accepted figures of a subject, as a file that people review."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from kaizen_eval.conformance.baseline.figures import UNKNOWN, Figures
from kaizen_eval.errors import UsageError

__all__ = ["EXACT", "SCHEMA", "Baseline", "Tolerance", "room"]

SCHEMA = 1
"""Of the file, and of the list of stock situations."""

Tolerance = int | float | str
"""A figure may differ by so much and count as the same: a number in the figure's own unit, or a share such as "5%"."""

EXACT: Mapping[str, Tolerance] = {"attempts": 0, "calls": 0, "cost": 0, "seconds": 0, "tokens": 0}
"""The tolerances of a new baseline: everything here is deterministic."""

_UPDATE = "write it anew with `--update-baseline`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What was measured, and by how much it may differ."""

    subject: str
    seed: int
    situations: Mapping[str, Figures]
    tolerances: Mapping[str, Tolerance] = field(default_factory=lambda: dict(EXACT))
    schema: int = SCHEMA

    @classmethod
    def load(cls, path: Path | str) -> Baseline:
        """Read the file.

        Raises:
            UsageError: there is none, it cannot be read, it is broken (with the line), or of another schema.
        """
        return _read(str(path), _text(Path(path)))

    @classmethod
    def of_json(cls, text: str) -> Baseline:
        """What `as_json` wrote."""
        return _read("of another process", text)

    def save(self, path: Path | str) -> None:
        """Write the file, and the folders above it.

        Raises:
            UsageError: that is not possible.
        """
        target = Path(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self.as_json(), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"The baseline {str(path)!r} cannot be written: {error.strerror}.") from error

    def as_json(self) -> str:
        """Sorted, one figure in each line."""
        whole = {**asdict(self), "situations": {name: asdict(each) for name, each in self.situations.items()}}
        return json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def tolerating(self, other: Baseline) -> Baseline:
        """The same figures, with the tolerances that somebody has written into another one."""
        return replace(self, tolerances=other.tolerances)


def room(tolerance: Tolerance, accepted: Decimal) -> Decimal:
    """By how much a figure may differ from the accepted one.

    Raises:
        ValueError: it is no tolerance.
    """
    text = str(tolerance).strip()
    is_share = text.endswith("%")
    try:
        much = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        much = Decimal(-1)
    if isinstance(tolerance, bool) or not much.is_finite() or much < 0:
        raise ValueError(f"a tolerance is a number from 0, or a share such as '5%', not {tolerance!r}")
    return abs(accepted) * much / 100 if is_share else much


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise UsageError(f"There is no baseline {str(path)!r}: {_UPDATE.replace('anew ', '')}.") from None
    except OSError as error:
        raise UsageError(f"The baseline {str(path)!r} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise _refused(str(path), f"it is no text in UTF-8 (byte {error.start})") from error


def _read(path: str, text: str) -> Baseline:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise _refused(path, f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    if not isinstance(data, dict) or "schema" not in data:
        raise _refused(path, "it is no baseline: an object with `schema`, `subject`, `seed` and `situations`")
    if data["schema"] != SCHEMA:
        raise _refused(path, f"its schema is {data['schema']!r}, and this version of kaizen-eval writes {SCHEMA}")
    try:
        return _baseline(data)
    except (TypeError, ValueError) as error:
        raise _refused(path, str(error)) from error


def _refused(path: str, why: str) -> UsageError:
    return UsageError(f"The baseline {path!r} cannot be used: {why}. Mend it, or {_UPDATE}.")


def _baseline(data: Mapping[str, Any]) -> Baseline:
    _keys("a baseline", data, [each.name for each in fields(Baseline)])
    _typed("subject", data["subject"], str, "a text")
    _typed("seed", data["seed"], int, "a whole number")
    for name in ("situations", "tolerances"):
        _typed(name, data[name], dict, "an object")
    _keys("tolerances", data["tolerances"], list(EXACT))
    for name, tolerance in data["tolerances"].items():
        _tolerance(name, tolerance)
    situations = {name: _figures(name, each) for name, each in data["situations"].items()}
    return Baseline(**{**data, "situations": situations})


def _tolerance(name: str, tolerance: Tolerance) -> None:
    try:
        room(tolerance, Decimal(0))
    except ValueError as error:
        raise ValueError(f"tolerances.{name}: {error}") from error


def _figures(name: str, data: Any) -> Figures:
    _typed(f"the situation {name!r}", data, dict, "an object")
    _keys(f"the situation {name!r}", data, [each.name for each in fields(Figures)])
    for figure in ("attempts", "calls", "tokens"):
        _typed(f"{figure} of {name!r}", data[figure], int, "a whole number")
    _typed(f"seconds of {name!r}", data["seconds"], (int, float), "a number")
    for figure in ("cost", "ends", "output"):
        _typed(f"{figure} of {name!r}", data[figure], str, "a text")
    if data["cost"] != UNKNOWN:
        _money(name, data["cost"])
    return Figures(**data)


def _money(name: str, text: str) -> None:
    try:
        is_money = Decimal(text).is_finite()
    except InvalidOperation:
        is_money = False
    if not is_money:
        raise ValueError(f"cost of {name!r} must be a decimal such as '0.0021' or {UNKNOWN!r}, not {text!r}")


def _keys(what: str, data: Mapping[str, Any], wanted: list[str]) -> None:
    missing, unknown = sorted({*wanted} - {*data}), sorted({*data} - {*wanted})
    if missing or unknown:
        told = [f"without {', '.join(missing)}"] * bool(missing) + [f"with unknown {', '.join(unknown)}"] * bool(
            unknown
        )
        raise ValueError(f"{what} stands there {' and '.join(told)}")


def _typed(what: str, value: object, kind: type | tuple[type, ...], told: str) -> None:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{what} must be {told}, not {value!r}")

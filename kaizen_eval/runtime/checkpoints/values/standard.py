"""The kinds of the standard library: numbers, times, bytes, and containers that JSON does not know."""

from __future__ import annotations

import base64
import math
from collections import Counter, OrderedDict, deque
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from kaizen_eval.runtime.checkpoints.values.kind import Kind
from kaizen_eval.runtime.checkpoints.values.unkept import Unkept

__all__ = ["STANDARD"]


def _coded(value: bytes | bytearray) -> str:
    return base64.b64encode(value).decode()


def _float(text: str) -> float:
    """The one NaN of `math`: lists and dicts that hold it are equal."""
    return math.nan if text == "nan" else float(text)


def _moment(value: datetime | time) -> list[Any]:
    """Its `fold` and its zone by themselves: ISO 8601 knows offsets alone."""
    return [value.replace(tzinfo=None).isoformat(), value.fold, value.tzinfo]


def _datetime(parts: list[Any]) -> datetime:
    text, fold, zone = parts
    return datetime.fromisoformat(text).replace(fold=fold, tzinfo=zone)


def _time(parts: list[Any]) -> time:
    text, fold, zone = parts
    return time.fromisoformat(text).replace(fold=fold, tzinfo=zone)


def _fixed_zone(value: timezone) -> list[Any]:
    """Its offset, and its name if it was given one."""
    return [*value.__getinitargs__()]  # type: ignore[attr-defined] # typeshed leaves it out


def _key(zone: ZoneInfo) -> str:
    if zone.key is None:
        raise Unkept(zone, "a ZoneInfo without a key: make it by ZoneInfo(key)")
    return zone.key


STANDARD: tuple[Kind, ...] = (
    Kind(tuple, "$tuple", list, tuple),
    Kind(set, "$set", list, set),
    Kind(frozenset, "$frozenset", list, frozenset),
    Kind(float, "$float", repr, _float),
    Kind(int, "$int", hex, lambda text: int(text, 16)),
    Kind(complex, "$complex", lambda value: [value.real, value.imag], lambda parts: complex(*parts)),
    Kind(Decimal, "$decimal", str, Decimal),
    Kind(Fraction, "$fraction", lambda value: [value.numerator, value.denominator], lambda parts: Fraction(*parts)),
    Kind(datetime, "$datetime", _moment, _datetime),
    Kind(date, "$date", date.isoformat, date.fromisoformat),
    Kind(time, "$time", _moment, _time),
    Kind(timedelta, "$timedelta", lambda it: [it.days, it.seconds, it.microseconds], lambda parts: timedelta(*parts)),
    Kind(timezone, "$timezone", _fixed_zone, lambda parts: timezone(*parts)),
    Kind(ZoneInfo, "$zone", _key, ZoneInfo),
    Kind(bytes, "$bytes", _coded, base64.b64decode),
    Kind(bytearray, "$bytearray", _coded, lambda text: bytearray(base64.b64decode(text))),
    Kind(UUID, "$uuid", str, UUID),
    Kind(type(Path()), "$path", str, Path),
    Kind(PurePosixPath, "$posix_path", str, PurePosixPath),
    Kind(PureWindowsPath, "$windows_path", str, PureWindowsPath),
    Kind(OrderedDict, "$ordered", dict, OrderedDict),
    Kind(Counter, "$counter", dict, Counter),
    Kind(deque, "$deque", lambda value: [list(value), value.maxlen], lambda parts: deque(*parts)),
)
"""Of numbers, those alone that JSON does not hold as they are."""

"""Values as expressions: plain data, dates, enums, dataclasses and models, with only what differs from defaults."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import inspect
import ipaddress
import math
import pathlib
import uuid
import zoneinfo
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from kaizen_eval.conformance.written.layout import Group, Node
from kaizen_eval.conformance.written.names import Names, NotWritable
from kaizen_eval.signatures.fields import Missing

__all__ = ["given_fields", "node_of"]

_LONG_RUN = 40
"""From so many times on, a text of one character is written as a product."""
_BY_REPR = (
    decimal.Decimal,
    fractions.Fraction,
    uuid.UUID,
    zoneinfo.ZoneInfo,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
)
"""Their repr is source, once their class is imported."""


def node_of(value: Any, names: Names) -> Node:  # noqa: PLR0911 - one line for each kind of value
    """Raises NotWritable for what has no such form."""
    if isinstance(value, enum.Enum):
        return f"{names.name(type(value))}.{value.name}"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f'float("{value}")'
    if value is None or value is ... or isinstance(value, bool | int | bytes):
        return repr(value)
    if isinstance(value, type):
        return names.name(value)
    if isinstance(value, _TIMES):
        return _moment(value, names)
    if isinstance(value, _BY_REPR):
        return f"{names.name(type(value))}{repr(value)[len(type(value).__name__) :]}"
    if isinstance(value, pathlib.PurePath):
        return (
            f"{names.name(pathlib.PurePath if type(value) is pathlib.PurePosixPath else pathlib.Path)}({str(value)!r})"
        )
    return _whole(value, names)


def _whole(value: Any, names: Names) -> Node:
    """Of what has parts."""
    if isinstance(value, BaseModel):
        return _call(value, ((name, getattr(value, name)) for name in _set_fields(value)), names)
    if dataclasses.is_dataclass(value):
        return _call(value, given_fields(value), names)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _call(value, zip(value._fields, value, strict=True), names)
    if isinstance(value, Mapping):
        return Group("{", tuple((f"{_key(key, names)}: ", names.node(item)) for key, item in value.items()), "}")
    brackets = next((signs for kind, signs in _BRACKETS.items() if isinstance(value, kind)), None)
    if brackets is not None:
        return _bracketed(value, *brackets, names)
    raise NotWritable(f"{value!r} ({type(value).__name__})")


_BRACKETS: Mapping[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
    deque: ("deque([", "])"),
}
_TIMES = (dt.date, dt.time, dt.timedelta, dt.timezone)


def _text(value: str) -> str:
    if len(value) >= _LONG_RUN and value == value[0] * len(value):
        return f"{_text(value[0])} * {len(value)}"
    text = repr(value)
    if text[0] == "'" and '"' not in text:  # as formatters write it
        return f'"{text[1:-1]}"'
    return text


def _bracketed(value: Iterable[Any], start: str, end: str, names: Names) -> Node:
    if isinstance(value, set | frozenset):
        if not value:
            return f"{type(value).__name__}()"
        value = sorted(value, key=repr)
    if isinstance(value, deque):
        names.name(deque)
    items = [names.node(item) for item in value]
    period = _period(items) if start in {"(", "["} else len(items)
    again = f" * {len(items) // period}" if period < len(items) else ""
    return Group(start, tuple(("", item) for item in items[:period]), f"{end}{again}", lone_comma=start == "(")


def _period(items: list[Node]) -> int:
    """After how many of them the same begin again; all of them, unless they come at least three times."""
    count = len(items)
    return next((size for size in range(1, count // 3 + 1) if items == items[:size] * (count // size)), count)


def _key(key: Any, names: Names) -> str:
    node = names.node(key)
    if isinstance(node, Group):
        raise NotWritable(f"{key!r} as the key of a dict")
    return node


def _call(value: Any, fields: Iterable[tuple[str, Any]], names: Names) -> Node:
    return Group(f"{names.name(type(value))}(", tuple((f"{name}=", names.node(item)) for name, item in fields), ")")


def _moment(value: Any, names: Names) -> str:
    """With an offset of its own where the zone has no name."""
    names.standard("datetime")
    zone = getattr(value, "tzinfo", None)
    if zone is None or isinstance(zone, dt.timezone):
        return repr(value)
    if isinstance(zone, zoneinfo.ZoneInfo):
        return repr(value).replace("zoneinfo.ZoneInfo(", f"{names.name(zoneinfo.ZoneInfo)}(")
    offset = value.utcoffset()
    if offset is None:
        raise NotWritable(f"{value!r}")
    return repr(value.replace(tzinfo=dt.timezone(offset)))


def _set_fields(model: BaseModel) -> list[str]:
    return [name for name in type(model).model_fields if name in model.model_fields_set]


def given_fields(value: Any) -> list[tuple[str, Any]]:
    """The fields of a dataclass that its maker must be given: those that are not their defaults."""
    taken = inspect.signature(type(value)).parameters
    fields = [field for field in dataclasses.fields(value) if field.name in taken]
    found = [(field.name, getattr(value, field.name), _default(field, taken[field.name])) for field in fields]
    return [(name, item) for name, item, default in found if not _is_same(item, default)]


def _default(field: dataclasses.Field[Any], parameter: inspect.Parameter) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        factory: Callable[[], Any] = field.default_factory
        return factory()
    return parameter.default


def _is_same(item: Any, default: Any) -> bool:
    if isinstance(item, Missing) or item is default:
        return True
    return type(item) is type(default) and bool(item == default)

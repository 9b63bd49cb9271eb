"""JSON read with its numbers as they are written: `1`, `1.0` and `1e0` are three values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

__all__ = ["DEEPEST", "Number", "parsed"]

DEEPEST = 100
"""Objects and arrays within each other; what is deeper is no JSON for us, and nothing behind runs out of stack."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that Python would write otherwise than it is written; other whole numbers are ints."""

    text: str

    def __str__(self) -> str:
        return self.text


def parsed(body: bytes) -> Any:
    """Objects as dicts, arrays as lists, numbers as `Number` or int.

    Raises:
        ValueError: it is no JSON in UTF-8: also NaN, a name twice in one object, and more than `DEEPEST` levels.
    """
    try:
        value = (_CAREFUL if b"-0" in body else _PARSER).decode(body.decode())
    except RecursionError as error:
        raise ValueError(f"more than {DEEPEST} levels") from error
    if body.count(b"{") + body.count(b"[") > DEEPEST:
        _check_depth(value)
    return value


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)  # type: ignore[attr-defined]  # a list
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return
    raise ValueError(f"more than {DEEPEST} levels")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _whole(text: str) -> Number | int:
    return Number(text) if text == "-0" else int(text)


_PARSER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse, parse_float=Number)
_CAREFUL = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse, parse_float=Number, parse_int=_whole)

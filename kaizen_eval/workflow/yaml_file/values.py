"""Values of a config as a file can hold them: what JSON knows, and no secrets."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kaizen_eval.secrets.kinds import ACCOUNT
from kaizen_eval.secrets.shapes import shape_spans
from kaizen_eval.secrets.values import is_random

__all__ = ["Path", "plain", "unfit"]

Path = tuple[str | int, ...]
"""Steps into a config: ("headers", "authorization")."""

_LARGEST = 10**300
_SECRET_NAME = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|AUTHORIZATION)$", re.IGNORECASE)
_KEPT_ELSEWHERE = "a file is no place for it: take it from the inputs, {{inputs.…}}, or where the function runs."


def unfit(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """What of it cannot be written, each with its path and why."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if type(name) is str and not _half(name) and (name or path):
                yield from unfit(inner, (*path, name))
            else:
                yield path, f"has the name {name!r}; in a file names are whole texts."
    elif type(value) is list:
        for place, inner in enumerate(value):
            yield from unfit(inner, (*path, place))
    elif why := _why(value, path):
        yield path, why


def plain(value: Any) -> Any:
    """The same, with dicts for all mappings."""
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if type(value) is list else value


def _why(value: Any, path: Path) -> str:
    """Why a value cannot be written; empty where it can."""
    if type(value) is str:
        return _why_text(value, path)
    if value is None or type(value) is bool or (type(value) is int and abs(value) < _LARGEST):
        return ""
    if type(value) is float and math.isfinite(value):
        return ""
    if type(value) in (int, float):
        return f"is {_shown(value)}, a number that files do not hold: give it as an input."
    if type(value) in (tuple, set, frozenset):
        return f"is a {type(value).__name__}, which would come back as a list: give a list."
    return f"is {_shown(value)}; files hold texts, numbers, true, false, null, lists and mappings: give it as an input."


def _why_text(text: str, path: Path) -> str:
    if _half(text):
        return "holds half of a character, which no file can."
    kinds = [span.kind for span in shape_spans(text) if span.kind != ACCOUNT]
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
    if _SECRET_NAME.search(name) and "{{" not in text and is_random(text):
        kinds.append("secret by its name")
    return f"looks like a secret ({kinds[0]}): {_KEPT_ELSEWHERE}" if kinds else ""


def _half(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"

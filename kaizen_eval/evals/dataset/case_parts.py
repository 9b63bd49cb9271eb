"""The parts of a case beside what is asked: id, tags, cluster, limits, scorers of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.errors import ConfigError, DatasetError
from kaizen_eval.evals.case import Limits
from kaizen_eval.evals.dataset.fitting import Fitting
from kaizen_eval.evals.dataset.telling import Telling, shown
from kaizen_eval.suggestion import nearest

__all__ = ["CASE_KEYS", "LIMIT_KEYS", "TURN_KEYS", "limits", "scorers", "tags", "tell_unknown", "word"]

CASE_KEYS = dict.fromkeys(("id", "inputs", "expected", "turns", "tags", "cluster", "limits", "scorers"))
"""Names in their order, of which a set is made at no cost."""
TURN_KEYS = dict.fromkeys(("inputs", "expected"))
LIMIT_KEYS = dict.fromkeys(("attempts", "tokens", "cost", "seconds"))
_NO_LIMITS = Limits()


def word(tell: Telling, name: str, value: Any) -> str:
    """A text in one line; a whole number is taken for one."""
    text = str(value) if type(value) is int else value
    if isinstance(text, str) and text.strip() and text.isprintable():
        return text
    tell((name,), f"{name} is a text in one line, not {shown(value)}.")
    return ""


def tags(tell: Telling, value: Any) -> tuple[str, ...]:
    """Each once."""
    if isinstance(value, list) and all(isinstance(tag, str) and tag.strip() for tag in value):
        return tuple(dict.fromkeys(value))
    tell(("tags",), f"tags are a list of texts, such as [easy, geography], not {shown(value)}.")
    return ()


def limits(tell: Telling, value: Any) -> Limits:
    if not isinstance(value, Mapping):
        tell(("limits",), f"limits are an object with {', '.join(LIMIT_KEYS)}, not {shown(value)}.")
        return _NO_LIMITS
    tell_unknown(tell, ("limits",), value, "limits have", LIMIT_KEYS)
    given = {name: limit for name, limit in value.items() if name in LIMIT_KEYS}
    wrong = [name for name, limit in given.items() if not _is_limit(tell, name, limit)]
    return _NO_LIMITS if wrong else Limits(**given)


def scorers(tell: Telling, value: Any, fitting: Fitting) -> tuple[Any, ...]:
    """Each made, and held against the fields of the signature."""
    from kaizen_eval.evals.scorers import own_scorers  # noqa: PLC0415 - few cases have some

    specs = [*value] if isinstance(value, list | tuple) else [value]
    wrong = [number for number, spec in enumerate(specs) if not _is_scorer(tell, number, spec, fitting)]
    if wrong:
        return ()
    try:
        return own_scorers(specs)
    except ConfigError as error:  # two of one name
        tell(("scorers",), f"scorers: {error}")
        return ()


def _is_scorer(tell: Telling, number: int, spec: Any, fitting: Fitting) -> bool:
    from kaizen_eval.evals.scorers import own_scorers, refuse_unknown_fields  # noqa: PLC0415 - as above

    try:
        [own] = own_scorers([spec])
        if fitting.signature is not None:
            fields = fitting.fields()
            refuse_unknown_fields([own.scorer], inputs=fields["inputs"], outputs=fields["expected"])
    except ConfigError as error:
        tell(("scorers", number), f"scorers: {error}")
        return False
    return True


def _is_limit(tell: Telling, name: str, limit: Any) -> bool:
    try:
        Limits(**{name: limit})
    except DatasetError as error:
        tell(("limits", name), str(error))
        return False
    return True


def tell_unknown(
    tell: Telling, path: tuple[str | int, ...], value: Mapping[Any, Any], what: str, known: dict[str, None]
) -> set[str | None]:
    """Refuse names that are not known; those that were probably meant."""
    if value.keys() <= known.keys():
        return set()
    meant = set()
    for name in value:
        if name not in known:
            near = nearest(str(name), known)
            meant.add(near)
            hint = f"; did you mean {near!r}?" if near else "."
            tell((*path, name), f"{what} no {name!r}{hint} There are: {', '.join(known)}.")
    return meant

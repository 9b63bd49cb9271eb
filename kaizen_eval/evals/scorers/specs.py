"""Specs: scorers as dataset files write them, made into scorers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from inspect import signature
from typing import Any

from kaizen_eval.checks import refuse_unknown
from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.score import Scorer
from kaizen_eval.evals.scorers.kinds import KINDS
from kaizen_eval.named import named
from kaizen_eval.suggestion import suggestion

__all__ = ["Spec", "scorers_from"]

Spec = str | Mapping[str, Any] | Scorer
"""`"exact"`; `{"token_f1": {"field": "answer", "threshold": 0.7}}`; `{"contains": "Paris"}` where a scorer has a
setting that it is about; `"my_package.scoring:Polite"`, a scorer or a function of the user's; or a scorer as it is.
"""


def scorers_from(specs: Iterable[Spec] | Spec) -> tuple[Scorer, ...]:
    """The scorers, in order.

    Raises:
        ConfigError: no such scorer, a setting that it does not have or cannot take, or two of the same name.
    """
    alone = isinstance(specs, str | Mapping) or _is_scorer(specs)
    scorers = tuple(_scorer(spec) for spec in ([specs] if alone else _several(specs)))
    for place, scorer in enumerate(scorers):
        if any(scorer.name == other.name for other in scorers[:place]):
            raise ConfigError(
                f"Two scorers are named {scorer.name!r}: give one a name of its own, as in "
                f"{{{scorer.name}: {{name: …}}}}, so that their scores can be told apart."
            )
    return scorers


def _several(specs: object) -> Iterable[Any]:
    if not isinstance(specs, Iterable) or isinstance(specs, bytes):
        raise ConfigError(f"scorers are a list, such as [exact, {{token_f1: {{threshold: 0.7}}}}], not {specs!r}.")
    return specs


def _scorer(spec: object) -> Any:
    if isinstance(spec, str):
        return _made(spec, {})
    if isinstance(spec, Mapping):
        return _of_mapping(spec)
    if _is_scorer(spec):
        return spec
    if isinstance(spec, type) and hasattr(spec, "score"):
        return _checked(_built(spec, {}, spec.__name__), spec.__name__)
    raise ConfigError(f"{spec!r} is no scorer: a name, {{name: {{settings}}}}, or an object with a name and score().")


def _of_mapping(spec: Mapping[Any, Any]) -> Any:
    if len(spec) != 1:
        raise ConfigError(f"A scorer is written as {{name: {{settings}}}}, with one name, not as {dict(spec)!r}.")
    [(name, settings)] = spec.items()
    return _made(name, {} if settings is None else settings)


def _made(name: object, settings: Any) -> Any:
    if not isinstance(name, str) or (name not in KINDS and ":" not in name):
        raise ConfigError(
            f"There is no scorer {name!r}{suggestion(str(name), KINDS)} There are: {', '.join(KINDS)}. "
            "One of your own is named as module:Name."
        )
    if name in KINDS:
        kind = named(KINDS[name])
        return _built(kind, _settings(kind, name, settings), name)
    return _checked(_users(name, settings), name)


def _settings(kind: type, name: str, settings: Any) -> Mapping[str, Any]:
    about = getattr(kind, "about", None)
    if isinstance(settings, Mapping) and (about is None or _are_settings(kind, settings)):
        return settings
    if about is not None:
        return {about: settings}
    raise ConfigError(f"The settings of {name} are a mapping, such as {{threshold: 0.7}}, not {settings!r}.")


def _are_settings(kind: type, given: Mapping[Any, Any]) -> bool:
    """Whether a mapping holds settings, or is what a scorer such as `json_schema` is about."""
    known = signature(kind).parameters
    return not getattr(kind, "takes_mapping", False) or all(name in known for name in given)


def _users(name: str, settings: Any) -> Any:
    """A scorer, its class, or a function that becomes a predicate."""
    found = named(name)
    if not isinstance(settings, Mapping):
        raise ConfigError(f"The settings of {name} are a mapping, such as {{threshold: 0.7}}, not {settings!r}.")
    if isinstance(found, type):
        return _built(found, settings, name)
    if hasattr(found, "score"):
        if settings:
            raise ConfigError(f"{name} is a scorer already and takes no settings; name its class to give it some.")
        return found
    if callable(found):
        return _built(named(KINDS["predicate"]), {"function": name, **settings}, name)
    raise ConfigError(f"{name} is {found!r}: neither a scorer, nor its class, nor a function.")


def _built(kind: Any, settings: Mapping[str, Any], name: str) -> Any:
    parameters = signature(kind).parameters
    refuse_unknown(name, settings, list(parameters))
    missing = [each for each, one in parameters.items() if one.default is one.empty and each not in settings]
    if missing:
        raise ConfigError(f"{name} needs the setting {missing[0]!r}, as in {{{name}: {{{missing[0]}: …}}}}.")
    try:
        return kind(**settings)
    except TypeError as error:
        raise ConfigError(f"{name} cannot be made of {dict(settings)!r}: {error}.") from error


def _checked(scorer: Any, name: str) -> Any:
    if not _is_scorer(scorer):
        raise ConfigError(f"{name} makes no scorer: it needs a name, a text, and async score(case, answer).")
    return scorer


def _is_scorer(value: object) -> bool:
    if isinstance(value, type) or not callable(getattr(value, "score", None)):
        return False
    return isinstance(getattr(value, "name", None), str)

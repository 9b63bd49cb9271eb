"""Distributions of seconds, drawn by a key: the same key always draws the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from kaizen_eval.errors import ScriptError
from kaizen_eval.suggestion import suggestion

if TYPE_CHECKING:
    from typing_extensions import TypeIs

__all__ = ["Distribution", "Lognormal", "Uniform", "distribution_of", "seconds_of"]

_DIGITS = 6
"""Draws are whole microseconds: the last bits of a logarithm are not the same on every machine."""
_STEPS = 1 << 53


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any time from `low` to `high` seconds is as likely as any other."""

    low: float
    high: float

    def __post_init__(self) -> None:
        seconds_of("Uniform's low", self.low)
        seconds_of("Uniform's high", self.high)
        if self.low > self.high:
            raise ScriptError(f"Uniform goes from low to high, not from {self.low!r} to {self.high!r}; exchange them.")

    def draw(self, key: str) -> float:
        share, _ = _shares(key)
        return round(self.low + (self.high - self.low) * share, _DIGITS)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Half of the times lie below `median` seconds, and some far above: the shape of real response times."""

    median: float
    sigma: float
    """The spread: two thirds of all draws lie between median / e^sigma and median * e^sigma."""

    def __post_init__(self) -> None:
        seconds_of("Lognormal's median", self.median)
        _check_spread(self.sigma)

    def draw(self, key: str) -> float:
        radius, angle = _shares(key)
        normal = math.sqrt(-2 * math.log1p(-radius)) * math.cos(math.tau * angle)  # Box and Muller
        return round(self.median * math.exp(self.sigma * normal), _DIGITS)


Distribution = Uniform | Lognormal
"""What a latency may be drawn from."""
_WIDEST = 5
"""Beyond it a median of a second draws years."""
_Made = Callable[..., Distribution]
_BY_NAME: Mapping[str, tuple[_Made, tuple[str, str]]] = {
    "uniform": (Uniform, ("low", "high")),
    "lognormal": (Lognormal, ("median", "sigma")),
}


def distribution_of(name: str, value: object) -> float | Distribution:
    """A number of seconds, a distribution, or what a script file says for one: `{"uniform": [0.1, 0.3]}`.

    Raises:
        ScriptError: it is none of them; the message begins with `name`.
    """
    if isinstance(value, Mapping):
        return _read(name, value)
    return value if isinstance(value, Distribution) else seconds_of(name, value)


def seconds_of(name: str, value: object) -> float:
    """The value, if it is a number of seconds.

    Raises:
        ScriptError: it is not.
    """
    if not _is_number(value) or not 0 <= value < math.inf:
        raise ScriptError(f"{name} takes a number of seconds, 0 or more, not {value!r}.")
    return value


def _check_spread(sigma: object) -> None:
    if not _is_number(sigma) or not 0 <= sigma <= _WIDEST:
        raise ScriptError(f"Lognormal's sigma is a number from 0 to {_WIDEST}, not {sigma!r}.")


def _is_number(value: object) -> TypeIs[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _read(name: str, written: Mapping[object, object]) -> Distribution:
    """One distribution by its name, with its numbers in a list or by name."""
    if len(written) != 1:
        raise ScriptError(f"{name} takes one distribution, {_FORMS}, not {dict(written)!r}.")
    [(kind, numbers)] = written.items()
    if kind not in _BY_NAME:
        raise ScriptError(f"{name} knows no distribution {kind!r}{suggestion(str(kind), _BY_NAME)} It is {_FORMS}.")
    made, names = _BY_NAME[str(kind)]
    if isinstance(numbers, Mapping) and numbers.keys() == set(names):
        return made(**numbers)
    if isinstance(numbers, list | tuple) and len(numbers) == len(names):
        return made(*numbers)
    raise ScriptError(f"{name}: {kind} takes {' and '.join(names)}, not {numbers!r}.")


_FORMS = '{"uniform": [low, high]} or {"lognormal": {"median": …, "sigma": …}}'


def _shares(key: str) -> tuple[float, float]:
    """Two numbers in [0, 1)."""
    digest = blake2b(key.encode(), digest_size=16).digest()
    halves = (digest[:8], digest[8:])
    first, second = (int.from_bytes(half, "big") % _STEPS / _STEPS for half in halves)
    return first, second

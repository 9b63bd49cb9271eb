"""How long the fake takes to answer: to its first token, and for each token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.timing.distributions import Distribution, Lognormal, Uniform, distribution_of, seconds_of
from kaizen_eval.fake.timing.pace import AT_ONCE, Pace
from kaizen_eval.suggestion import suggestion

__all__ = ["NO_LATENCY", "PROFILES", "AnyLatency", "Latency"]

_NAMES = ("first", "per_token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Seconds, constant or drawn anew for each request; a fault without a reply takes `first` alone."""

    first: float | Distribution = 0.0
    """To the first token."""
    per_token: float | Distribution = 0.0
    """For each token of the reply; drawn once for all of them."""

    def __post_init__(self) -> None:
        for name in _NAMES:
            object.__setattr__(self, name, distribution_of(f"Latency's {name}", getattr(self, name)))

    @classmethod
    def of(cls, value: AnyLatency) -> Latency:
        """What a script may write for one.

        Args:
            value: a number is the whole time to the reply, however long it is; a text is the name of a profile; a
                mapping has `first`, `per_token` or both, each a number or a distribution such as
                `{"uniform": [0.1, 0.3]}` or `{"lognormal": {"median": 0.4, "sigma": 0.5}}`.

        Raises:
            ScriptError: it is none of them.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls.profile(value)
        if isinstance(value, Mapping):
            return cls(**_fields(value))
        return cls(first=seconds_of("latency", value))

    @classmethod
    def profile(cls, name: str) -> Latency:
        """One of `PROFILES`: "fast", "typical", "slow" or "reasoning"; ScriptError when there is none of that name."""
        if name not in PROFILES:
            known = ", ".join(map(repr, PROFILES))
            near = suggestion(name, PROFILES)
            raise ScriptError(f"latency takes a number of seconds or a profile, {known}, not {name!r}{near}")
        return PROFILES[name]

    def drawn(self, key: str) -> Pace:
        """What the request with this key gets, whatever other requests get."""
        if self is NO_LATENCY:
            return AT_ONCE
        first, per_token = (_drawn(getattr(self, name), f"{key} {name}") for name in _NAMES)
        return Pace(first=first, per_token=per_token)

    def seconds(self, tokens: int) -> float:
        """To the end of a reply of so many tokens.

        Raises:
            ScriptError: it is drawn anew for each request.
        """
        if not isinstance(self.first, int | float) or not isinstance(self.per_token, int | float):
            raise ScriptError(f"{self!r} takes another time for each request; ask .drawn(key).seconds({tokens}).")
        return self.first + self.per_token * tokens


AnyLatency = Latency | float | str | Mapping[str, Any]
"""What is taken wherever a latency is; see `Latency.of`."""
NO_LATENCY = Latency()
PROFILES: Mapping[str, Latency] = {
    "fast": Latency(first=Lognormal(0.15, 0.2), per_token=Uniform(0.003, 0.006)),
    "typical": Latency(first=Lognormal(0.4, 0.35), per_token=Uniform(0.01, 0.02)),
    "slow": Latency(first=Lognormal(1.5, 0.5), per_token=Uniform(0.03, 0.06)),
    "reasoning": Latency(first=Lognormal(4.0, 0.6), per_token=Uniform(0.008, 0.015)),
}
"""Round figures, made up to feel like a small model, a large one, a busy one, and one that thinks: no measurements."""


def _drawn(times: float | Distribution, key: str) -> float:
    return times if isinstance(times, int | float) else times.draw(key)


def _fields(written: Mapping[str, Any]) -> dict[str, Any]:
    for name in written:
        if name not in _NAMES:
            raise ScriptError(
                f"A latency has no {name!r}{suggestion(str(name), _NAMES)} It takes {' and '.join(_NAMES)}, in seconds."
            )
    return dict(written)

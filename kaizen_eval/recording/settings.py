"""How a cassette is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, get_args

from kaizen_eval.checks import one_of
from kaizen_eval.errors import ConfigError
from kaizen_eval.recording.lookup.reduction.ignored_paths import ignored_paths
from kaizen_eval.suggestion import suggestion

if TYPE_CHECKING:
    from kaizen_eval.fake.faults.base import Fault

__all__ = [
    "MODES",
    "CassetteOptions",
    "CassetteSettings",
    "Expired",
    "Faults",
    "Mode",
    "OneFault",
    "Pace",
    "Unused",
    "checked_mode",
]

Mode = Literal["replay", "record", "record-missing", "verify", "live"]
Unused = Literal["fail", "warn", "ignore"]
Expired = Literal["warn", "fail"]
Pace = Literal["instant", "recorded"]
OneFault: TypeAlias = "str | Fault | Mapping[str, Mapping[str, Any]]"
"""The name of a fault, a fault, or its name with details, as in script files: `{"rate_limit": {"retry_after": 2}}`."""
Faults: TypeAlias = "Mapping[int | tuple[str, int], OneFault | Sequence[OneFault]]"
"""What goes wrong with recorded exchanges, by slot, or by lane and slot; several faults, one after the other."""

MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteSettings:
    """How a cassette is used."""

    mode: Mode = "replay"
    ignore: tuple[str, ...] = ()
    """Paths into JSON bodies, such as `metadata.trace_id` or `messages[role=tool].content`, that do not tell requests
    apart.
    """
    redact: tuple[str, ...] = ()
    """More that is secret: names of headers, fields and query parameters, and regular expressions in slashes."""
    keep_headers: tuple[str, ...] = ()
    """Names of more headers to keep, in both directions."""
    unused: Unused = "fail"
    """What becomes of a passing test that did not ask for all that was recorded."""
    max_age: timedelta | None = None
    expired: Expired = "warn"
    """What becomes of a cassette that is older than `max_age`."""
    pace: Pace = "instant"
    """Whether a replay takes as long as what was recorded; on virtual time alone."""
    faults: Faults = field(default_factory=dict, hash=False)
    """What a client meets instead of recorded exchanges, which are answered as recorded when they are asked for again;
    only what is replayed goes wrong.
    """

    def __post_init__(self) -> None:
        """Raises:
        ConfigError: a setting is none that there is, or has the wrong type.
        """
        checked_mode(self.mode)
        one_of("unused", self.unused, get_args(Unused))
        one_of("expired", self.expired, get_args(Expired))
        one_of("pace", self.pace, get_args(Pace))
        _check_age(self.max_age)
        for name in ("ignore", "redact", "keep_headers"):
            object.__setattr__(self, name, _texts(name, getattr(self, name)))
        ignored_paths(self.ignore)


class CassetteOptions(TypedDict, total=False):
    """The fields of CassetteSettings but for the mode, for those who take them as keywords."""

    ignore: tuple[str, ...]
    redact: tuple[str, ...]
    keep_headers: tuple[str, ...]
    unused: Unused
    max_age: timedelta | None
    expired: Expired
    pace: Pace
    faults: Faults


def checked_mode(mode: str) -> Mode:
    """The mode of that name.

    Raises:
        ConfigError: there is none.
    """
    for known in MODES:
        if known == mode:
            return known
    raise ConfigError(f"There is no cassette mode {mode!r}{suggestion(mode, MODES)} The modes are: {', '.join(MODES)}.")


def _check_age(max_age: object) -> None:
    if max_age is not None and not isinstance(max_age, timedelta):
        raise ConfigError(f"max_age must be a timedelta, such as timedelta(days=30), not {max_age!r}.")


def _texts(name: str, value: object) -> tuple[str, ...]:
    """A text alone would be taken for its letters."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ConfigError(f"{name} takes several texts, such as {name}=({str(value)!r},), not {value!r}.")
    texts = tuple(value)
    for text in texts:
        if not isinstance(text, str):
            raise ConfigError(f"{name} takes texts, not {text!r}.")
    return texts

"""How a cassette is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypedDict, get_args

from kaizen_eval.errors import ConfigError
from kaizen_eval.suggestion import suggestion

__all__ = ["MODES", "CassetteOptions", "CassetteSettings", "Expired", "Mode", "Pace", "Unused", "checked_mode"]

Mode = Literal["replay", "record", "record-missing", "verify", "live"]
Unused = Literal["fail", "warn", "ignore"]
Expired = Literal["warn", "fail"]
Pace = Literal["instant", "recorded"]

MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteSettings:
    """How a cassette is used."""

    mode: Mode = "replay"
    ignore: tuple[str, ...] = ()
    """Paths into JSON bodies, such as `metadata.trace_id` or `messages[*].name`, that do not tell requests apart."""
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

    def __post_init__(self) -> None:
        checked_mode(self.mode)


class CassetteOptions(TypedDict, total=False):
    """The fields of CassetteSettings but for the mode, for those who take them as keywords."""

    ignore: tuple[str, ...]
    redact: tuple[str, ...]
    keep_headers: tuple[str, ...]
    unused: Unused
    max_age: timedelta | None
    expired: Expired
    pace: Pace


def checked_mode(mode: str) -> Mode:
    """The mode of that name.

    Raises:
        ConfigError: there is none.
    """
    for known in MODES:
        if known == mode:
            return known
    raise ConfigError(f"There is no cassette mode {mode!r}{suggestion(mode, MODES)} The modes are: {', '.join(MODES)}.")

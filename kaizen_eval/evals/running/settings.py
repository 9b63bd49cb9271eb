"""How an evaluation runs: how often, how many at a time, for how long, for how much."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kaizen_eval.checks import amount, flag, number, optional, refuse_unknown, whole
from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.running.options import Options

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings", "settings_of"]

_TIMES = ("timeout", "call_timeout", "run_timeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Those options that are plain figures; what each means stands in `Options`.

    Raises:
        ConfigError: one of them cannot work.
    """

    repeats: int = 1
    concurrency: int = 10
    timeout: float | None = None
    call_timeout: float | None = None
    run_timeout: float | None = None
    max_cost: Any = None
    seed: int = 0
    exchanges: bool = True
    resume: bool = False

    def __post_init__(self) -> None:
        whole("repeats", self.repeats, least=1)
        whole("concurrency", self.concurrency, least=1)
        whole("seed", self.seed)
        flag("exchanges", self.exchanges)
        flag("resume", self.resume)
        for name in _TIMES:
            optional(number, name, getattr(self, name), above=0)
        if self.max_cost is not None:
            object.__setattr__(self, "max_cost", amount("max_cost", self.max_cost))

    @property
    def limit(self) -> Decimal | None:
        """`max_cost`, exact."""
        limit: Decimal | None = self.max_cost
        return limit

    def written(self) -> dict[str, Any]:
        """For the manifest: those that do not change what is asked."""
        given = {name: getattr(self, name) for name in _TIMES if getattr(self, name) is not None}
        cost = {} if self.max_cost is None else {"max_cost": str(self.max_cost)}
        said = {} if self.exchanges else {"exchanges": False}
        return {"concurrency": self.concurrency, **given, **cost, **said}


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Raises:
    ConfigError: an option is unknown, or cannot work.
    """
    refuse_unknown("evaluate", options, tuple(Options.__annotations__))
    if options.get("resume") and options.get("out") is None:
        raise ConfigError("resume goes on with what is in a folder: say which, out=….")
    names = {field.name for field in fields(Settings)}
    return Settings(**{name: value for name, value in options.items() if name in names})

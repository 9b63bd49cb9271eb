"""FallbackStrategy: ask another model, or in another way, when the first fails."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from kaizen_eval.checks import refuse_unknown
from kaizen_eval.config import AgentConfig
from kaizen_eval.errors import BudgetExceeded, ConfigError, OutputError, ProviderError, RunTimeout
from kaizen_eval.run_context import RunContext
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.call import run_for
from kaizen_eval.strategies.traits import Traits
from kaizen_eval.streamed import Restarted

__all__ = ["FallbackStrategy"]

_DEFAULT_ON = (ProviderError, OutputError)
_RESOLVED = {"extra", "offered", "owner", "shared_view"}
_SETTINGS = tuple(f.name for f in dataclasses.fields(AgentConfig) if f.name not in _RESOLVED)
_SINGLE_SHOT = AsyncSingleShotStrategy()


class FallbackStrategy(Strategy):
    """Preprocess, the first way that succeeds, postprocess.

    The first way is `first` with the agent's own config. An alternative is the name of a model, a mapping of settings
    of AgentConfig (another `model`, `provider`, `temperature` …), both for `first`; or another strategy. All share the
    run's deadline and budget. The last failure is raised, with a note for each that went before it.

    While somebody reads the run as a stream, a way that fails after its first words is the last, unless the stream
    may begin again (`restart=True`).

    Args:
        alternatives: in the order in which they are tried.
        first: how to ask; one call unless given.
        on: the errors after which the next one is tried. RunTimeout, BudgetExceeded and mistakes of the code never are.
    """

    def __init__(
        self,
        *alternatives: str | Mapping[str, Any] | Strategy,
        first: Strategy = _SINGLE_SHOT,
        on: tuple[type[Exception], ...] = _DEFAULT_ON,
    ) -> None:
        if not alternatives:
            raise ConfigError('FallbackStrategy takes what to try next: FallbackStrategy("another-model").')
        self._ways = ((first, {}), *(_way(each, first) for each in alternatives))
        self.on = _error_types(on)
        traits = [strategy.traits for strategy, _ in self._ways]
        self.traits = Traits(
            calls_per_run=traits[0].calls_per_run,
            is_stateless=all(each.is_stateless for each in traits),
            calls_tools=all(each.calls_tools for each in traits),
            recovers=True,
        )

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        config = AgentConfig.from_domain_config(config)
        bound = signature.bind(self.preprocess(inputs))
        async with run_for(signature, bound, config) as run:
            return self.postprocess(await self._first_success(signature, bound, config, run))

    async def _first_success(
        self, signature: type[Signature], bound: Mapping[str, Any], config: AgentConfig, run: RunContext
    ) -> dict[str, Any]:
        failures: list[str] = []
        for strategy, changes in self._ways:
            way = dataclasses.replace(config, **changes)
            told, between = set(run.told), len(run.between)
            try:
                return await strategy.execute(signature, dict(bound), way)
            except self.on as error:
                for failure in failures:
                    error.add_note(failure)
                failures.append(f"Before it, {_name(strategy, way)} failed: {type(error).__name__}: {error}")
                if len(failures) == len(self._ways) or not self._may_go_on(error, run, told):
                    raise
                del run.between[between:]  # what no later turn shall repeat: it led to nothing
                await _take_back(run, told, error)
        raise AssertionError("the last way returns or raises")

    @staticmethod
    def _may_go_on(error: Exception, run: RunContext, told: set[int]) -> bool:
        if isinstance(error, RunTimeout | BudgetExceeded):
            return False
        if run.sink is None or run.sink.restart or run.told <= told:
            return True
        error.add_note("Nothing else was tried: the reader of the stream had seen some of the answer.")
        return False

    def __repr__(self) -> str:
        (first, _), *others = self._ways
        ways = ", ".join(repr(changes) if changes else repr(strategy) for strategy, changes in others)
        return f"{type(self).__name__}({ways}, first={first!r})"


async def _take_back(run: RunContext, told: set[int], error: Exception) -> None:
    """Tell the reader of the stream that what these calls said is void."""
    for call in sorted(run.told - told):
        run.told.discard(call)
        await run.show(Restarted, call=call, attempt=run.meter.attempts_of(call), error=type(error).__name__)


def _way(alternative: object, first: Strategy) -> tuple[Strategy, dict[str, Any]]:
    if isinstance(alternative, str) and alternative:
        return first, {"model": alternative}
    if isinstance(alternative, Mapping) and alternative:
        refuse_unknown("FallbackStrategy", alternative, _SETTINGS)
        settings = dict(alternative)
        dataclasses.replace(AgentConfig(), **settings)  # refuses a bad value now, not when it is needed
        return first, settings
    if isinstance(alternative, Strategy):
        return alternative, {}
    raise ConfigError(
        "FallbackStrategy takes names of models, mappings of settings such as {'model': …}, and instances of "
        f"strategies, not {alternative!r}."
    )


def _error_types(on: object) -> tuple[type[Exception], ...]:
    types = on if isinstance(on, tuple) else (on,)
    if not types or not all(isinstance(each, type) and issubclass(each, Exception) for each in types):
        raise ConfigError(f"on takes classes of errors, such as (RateLimited, ServerFailed), not {on!r}.")
    return types


def _name(strategy: Strategy, config: AgentConfig) -> str:
    model = "" if config.model is None else f" with {config.model}"
    return f"{type(strategy).__name__}{model}"

"""Broken on purpose: what is told of a run while it goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kaizen_eval import run_context
from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import of_agent, of_strategy
from kaizen_eval.conformance.subject import AgentFactory
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import ProviderError
from kaizen_eval.events import AttemptEnded, AttemptStarted, Event, Observer, RunEnded
from kaizen_eval.messages import ChatRequest, Message, Usage
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy

__all__ = [
    "MUTANTS",
    "Configured",
    "HidesAttempts",
    "LogsOnOurLogger",
    "LogsTheKey",
    "NotesItsConfig",
    "RaisesTheKey",
    "SumsUpTheLastAttempt",
    "TellsItsConfig",
    "TellsOfOneRun",
    "TellsOfSuccess",
    "TellsOfWhatWasAnswered",
    "TellsTwice",
    "WarmsUp",
]


class _Relay:
    """Stands between the agent and whoever observes it."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer

    def on_event(self, event: Event) -> None:
        self.observer.on_event(event)


class TellsOfSuccess(_Relay):
    def on_event(self, event: Event) -> None:
        if not isinstance(event, RunEnded) or event.error is None:
            super().on_event(event)


class TellsTwice(_Relay):
    def on_event(self, event: Event) -> None:
        super().on_event(event)
        super().on_event(event)


class TellsOfOneRun(_Relay):
    run_id: str | None = None

    def on_event(self, event: Event) -> None:
        self.run_id = self.run_id or event.run_id
        super().on_event(replace(event, run_id=self.run_id))


class TellsOfWhatWasAnswered(_Relay):
    def on_event(self, event: Event) -> None:
        if not isinstance(event, AttemptEnded) or event.error is None:
            super().on_event(event)


class SumsUpTheLastAttempt(_Relay):
    last: Usage | None = None

    def on_event(self, event: Event) -> None:
        if isinstance(event, AttemptEnded):
            self.last = event.usage
        if isinstance(event, RunEnded):
            event = replace(event, usage=self.last or Usage())
        super().on_event(event)


class HidesAttempts(_Relay):
    """Failed ones, from their beginning on: they are told of when they have been answered."""

    begun: AttemptStarted | None = None

    def on_event(self, event: Event) -> None:
        if isinstance(event, AttemptStarted):
            self.begun = event
        elif not isinstance(event, AttemptEnded):
            super().on_event(event)
        elif event.error is None and self.begun is not None:
            super().on_event(self.begun)
            super().on_event(event)


def _observed(relay: Callable[[Observer], Observer]) -> AgentFactory:
    def factory(config: AgentConfig, **parts: Any) -> BaseAgent:
        observer = config.observer
        return BaseAgent(config if observer is None else replace(config, observer=relay(observer)), **parts)

    return factory


class _Doing(AsyncSingleShotStrategy):
    """Does something before it asks."""

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        await self.before(config)
        return await super().execute(signature, inputs, config)

    async def before(self, config: AgentConfig) -> None: ...


class WarmsUp(_Doing):
    async def before(self, config: AgentConfig) -> None:
        if config.provider is not None:
            await config.provider.complete(ChatRequest(model=config.model, messages=(Message("user", "ping"),)))


class LogsTheKey(_Doing):
    async def before(self, config: AgentConfig) -> None:
        logging.getLogger("my_package").debug("asking with %s", vars(config))


class LogsOnOurLogger(_Doing):
    async def before(self, config: AgentConfig) -> None:
        logging.getLogger("kaizen_eval.strategies.mine").info("asking %s", config.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured(Event):
    """With what an agent runs."""

    settings: str


class TellsItsConfig(_Doing):
    async def before(self, config: AgentConfig) -> None:
        run = run_context.active()
        if run is not None:
            run.tell(Configured, settings=str(vars(config)))


class RaisesTheKey(AsyncSingleShotStrategy):
    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            return await super().execute(signature, inputs, config)
        except ProviderError as error:
            raise RuntimeError(f"no answer with the key {config.api_key}") from error


class NotesItsConfig(AsyncSingleShotStrategy):
    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            return await super().execute(signature, inputs, config)
        except ProviderError as error:
            error.add_note(f"The config was {vars(config)}.")
            raise


_NEST, _IN_TURN, _JOURNAL = "events.nest", "events.attempts-in-turn", "events.match-the-journal"
_SECRETS = "events.no-secrets"

MUTANTS: tuple[Mutant, ...] = (
    of_agent(
        "no-end-after-failure",
        _observed(TellsOfSuccess),
        "Tells of the end of a run only where it went well.",
        breaks=_NEST,
        words=("0 RunEnded were told",),
    ),
    of_agent(
        "observer-told-twice",
        _observed(TellsTwice),
        "Tells its observer of everything twice.",
        breaks=_NEST,
        words=("2 RunStarted were told",),
    ),
    of_agent(
        "events-of-another-run",
        _observed(TellsOfOneRun),
        "Gives all events the id of its first run.",
        breaks=_NEST,
        words=("RunStarted were told, among RunStarted",),
    ),
    of_agent(
        "forgets-failed-ends",
        _observed(TellsOfWhatWasAnswered),
        "Tells of the end of an attempt only where there was an answer.",
        breaks=_IN_TURN,
        words=("this was told: AttemptStarted 1", "expected was AttemptStarted 1, AttemptEnded 1"),
    ),
    of_agent(
        "hides-failed-attempts",
        _observed(HidesAttempts),
        "Tells of no attempt that failed.",
        breaks=_JOURNAL,
        words=("attempts were told; the journal has",),
    ),
    of_strategy(
        "asks-untold",
        WarmsUp,
        "Makes a request of its own, of which no event tells.",
        breaks=_JOURNAL,
        words=("attempts were told; the journal has",),
    ),
    of_agent(
        "sums-last-attempt",
        _observed(SumsUpTheLastAttempt),
        "Tells at the end of a run what its last attempt was billed.",
        breaks=_JOURNAL,
        words=("The end of run", "by the journal it was"),
    ),
    of_strategy(
        "logs-without-run",
        LogsOnOurLogger,
        "Logs on our logger, and does not say for which run.",
        breaks="events.log",
        words=("The log has a record that is of no run",),
    ),
    of_strategy(
        "logs-the-key", LogsTheKey, "Logs its settings.", breaks=_SECRETS, words=("The key stands in the log",)
    ),
    of_strategy(
        "key-in-error",
        RaisesTheKey,
        "Says in an error with which key it asked.",
        breaks=_SECRETS,
        words=("The key stands in an error, RuntimeError", "no answer with the key [the key]"),
    ),
    of_strategy(
        "config-in-note",
        NotesItsConfig,
        "Notes its settings on an error.",
        breaks=_SECRETS,
        words=("The key stands in a note of an error",),
    ),
    of_strategy(
        "config-in-event",
        TellsItsConfig,
        "Tells its observer of its settings.",
        breaks=_SECRETS,
        words=("The key stands in an event, Configured",),
    ),
)

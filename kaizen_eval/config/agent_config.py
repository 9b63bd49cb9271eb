"""AgentConfig: every setting of an agent, frozen and checked once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

from kaizen_eval.budgets import Budget, budgets_of
from kaizen_eval.checks import (
    has_method,
    number,
    one_of,
    optional,
    refuse_unknown,
    text_or_none,
    whole,
)
from kaizen_eval.config.foreign import attributes
from kaizen_eval.config.price import Price, price_list
from kaizen_eval.config.retry_policy import RetryPolicy
from kaizen_eval.errors import ConfigError
from kaizen_eval.events import Observer
from kaizen_eval.provider import Provider
from kaizen_eval.suggestion import suggestion

__all__ = ["AgentConfig", "StructuredOutput"]

StructuredOutput = Literal["auto", "schema", "json", "prompt"]


@dataclass(frozen=True, kw_only=True)
class AgentConfig:
    """An agent's settings. `provider`, key and model are looked up when a run starts, not here."""

    llm_provider: str | None = None
    """"openai", "mock" or a registered name; None means "openai" when a key is set."""
    model: str | None = None
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    organization: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    structured_output: StructuredOutput = "auto"
    """"auto" sends a strict JSON schema where the signature allows it, else asks for a JSON object."""
    timeout: float = 60.0
    """Seconds for the whole run, from entry: memory, waits and all attempts."""
    request_timeout: float = 30.0
    """Seconds for one attempt."""
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    output_retries: int = 1
    """How often a reply that does not fit is asked for again, each time as a new call."""
    max_turns: int | None = None
    """Turns of a session that the model is shown; None means no memory."""
    max_sessions: int = 10_000
    """Sessions kept; the least recently used goes first."""
    prices: Mapping[str, Price] = field(default_factory=dict)
    """By model name; goes before the built-in price table."""
    budget: Budget | Sequence[Budget] = ()
    """What the agent's runs may spend; the same Budget given to several agents is one budget for all of them."""
    observer: Observer | None = None
    seed_jitter: int | None = None
    """Makes the waits between attempts repeatable."""
    provider: Provider | None = None
    """Goes before `llm_provider`."""
    log_prompts: bool = False
    """Whether the log may hold what was asked."""
    offered: tuple[object, ...] = field(default=(), repr=False, compare=False)
    """The `kaizen_eval.tools.Tool`s of the agent that this config was resolved for."""
    shared_view: Any = field(default=None, repr=False, compare=False)
    """The `kaizen_eval.memory.SharedMemoryView` of the agent that this config was resolved for, if it has one."""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Fields of the user's own config object that are not ours; readable as attributes."""
    owner: object = field(default=None, repr=False, compare=False)
    """The agent that this config was resolved for: a mark that copies made with `replace` keep."""

    def __post_init__(self) -> None:
        for name in ("timeout", "request_timeout"):
            number(name, getattr(self, name), above=0)
        for name in ("temperature", "top_p"):
            optional(number, name, getattr(self, name), least=0)
        for name in ("max_tokens", "max_turns"):
            optional(whole, name, getattr(self, name), least=1)
        for name in ("seed", "seed_jitter"):
            optional(whole, name, getattr(self, name))
        for name in ("llm_provider", "model", "api_key", "base_url", "organization"):
            text_or_none(name, getattr(self, name))
        whole("output_retries", self.output_retries, least=0)
        whole("max_sessions", self.max_sessions, least=1)
        one_of("structured_output", self.structured_output, get_args(StructuredOutput))
        has_method("observer", self.observer, "on_event(event)")
        has_method("provider", self.provider, "complete(request)")
        self._settle("stop", _stops(self.stop))
        self._settle("retry", RetryPolicy.of(self.retry))
        self._settle("prices", price_list(self.prices))
        self._settle("budget", budgets_of(self.budget))

    def _settle(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        extra: Mapping[str, Any] = self.__dict__.get("extra", {})
        if name in extra:
            return extra[name]
        raise AttributeError(f"AgentConfig has no setting {name!r}{suggestion(name, _SETTINGS)}")

    @classmethod
    def from_domain_config(cls, source: object = None, **overrides: Any) -> Self:
        """Settings from a user's own object: dataclass, pydantic model, mapping, or anything with attributes.

        A mapping is refused when it holds an unknown name; an object of a user's own class may hold more fields,
        which stay readable on the result. None leaves a setting at its default. `retries=n` stands for n attempts
        after the first.

        Raises:
            ConfigError: naming the setting, what came and what was expected.
        """
        if isinstance(source, cls) and not overrides:
            return source
        values, extra = _known_and_extra(source)
        refuse_unknown("AgentConfig", overrides, _TAKEN)
        return cls(**_with_retries(values | overrides), extra=extra)


_RESOLVED = {"extra", "offered", "owner", "shared_view"}
"""What no user sets."""
_SETTINGS = tuple(f.name for f in dataclasses.fields(AgentConfig) if f.name not in _RESOLVED)
_TAKEN = (*_SETTINGS, "retries")
_MAY_BE_NONE = {f.name for f in dataclasses.fields(AgentConfig) if f.default is None}


def _known_and_extra(source: object) -> tuple[dict[str, Any], dict[str, Any]]:
    if source is None:
        return {}, {}
    if isinstance(source, AgentConfig):
        return {name: getattr(source, name) for name in _SETTINGS}, dict(source.extra)
    if isinstance(source, Mapping):
        refuse_unknown("AgentConfig", source, _TAKEN)
        return _that_are_set(source), {}
    values = attributes(source)
    extra = {name: value for name, value in values.items() if name not in _TAKEN and not callable(value)}
    return _that_are_set({name: value for name, value in values.items() if name in _TAKEN}), extra


def _that_are_set(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without None where a setting cannot be None: there it says that its default will do."""
    return {name: value for name, value in values.items() if value is not None or name in _MAY_BE_NONE}


def _with_retries(values: dict[str, Any]) -> dict[str, Any]:
    """`retries=n` becomes a policy of n + 1 attempts."""
    settings = {name: value for name, value in values.items() if name != "retries"}
    retries = values.get("retries")
    if retries is None:
        return settings
    whole("retries", retries, least=0)
    policy = RetryPolicy.of(settings.get("retry", RetryPolicy()))
    return settings | {"retry": dataclasses.replace(policy, attempts=retries + 1)}


def _stops(value: object) -> tuple[str, ...]:
    stops = (value,) if isinstance(value, str) else value
    if stops is None:
        return ()
    if not isinstance(stops, list | tuple) or not all(isinstance(stop, str) for stop in stops):
        raise ConfigError(f"stop takes one text or a list of texts, not {value!r}.")
    return tuple(stops)

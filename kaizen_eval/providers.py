"""From a config to the provider that answers."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kaizen_eval.checks import an_instance
from kaizen_eval.clients import Clients
from kaizen_eval.config import AgentConfig
from kaizen_eval.errors import ConfigError
from kaizen_eval.provider import Provider
from kaizen_eval.suggestion import suggestion

__all__ = ["register", "resolve", "use_llm"]

_Factory = Callable[[AgentConfig], Provider]

_KEY_VARIABLE = "OPENAI_API_KEY"
_VARIABLES = (_KEY_VARIABLE, "OPENAI_BASE_URL", "OPENAI_ORG_ID")


def _openai(config: AgentConfig) -> Provider:
    from kaizen_eval.llm.openai import OpenAIProvider  # noqa: PLC0415 - the SDK is loaded when it is first used

    return OpenAIProvider.from_config(config)


def _mock(_config: AgentConfig) -> Provider:
    from kaizen_eval.fake import FakeLLM  # noqa: PLC0415 - loaded when it is first used

    return FakeLLM()


_factories: dict[str, _Factory] = {"openai": _openai, "mock": _mock}
_overrides: list[Provider] = []
_lock = threading.Lock()


def register(name: str, factory: _Factory) -> None:
    """Make `llm_provider=name` mean the provider that `factory(config)` returns; the last registration counts."""
    if not name or not callable(factory):
        raise ConfigError(f"register takes a name and a function from AgentConfig to a provider, not {name!r}.")
    with _lock:
        _factories[name] = factory


@contextmanager
def use_llm(provider: Provider) -> Iterator[Provider]:
    """In this block, and in every thread, agents without a provider of their own ask this one.

    What their configs say of provider, key and model is left aside; the innermost block counts. The provider is not
    closed at the end: it belongs to the caller.
    """
    an_instance("use_llm", provider)
    if not callable(getattr(provider, "complete", None)):
        raise ConfigError(f"use_llm takes a provider such as FakeLLM(), not {provider!r}.")
    with _lock:
        _overrides.append(provider)
    try:
        yield provider
    finally:
        with _lock:
            _overrides.remove(provider)


def resolve(config: AgentConfig, clients: Clients) -> Provider:
    """The provider that this config means now; one that must be opened is kept in `clients`.

    Raises:
        ConfigError: naming what is missing and how to set it.
    """
    if config.provider is not None:
        return config.provider
    if _overrides:
        return _overrides[-1]
    name = _name(config)
    factory = _factories[name]
    key = (name, factory, _settings(config, name))
    return clients.get(key, lambda: factory(config), user=config.owner)


def _settings(config: AgentConfig, name: str) -> tuple[str | None, ...]:
    """What a provider is made of: configs that agree in it share one. The model travels with each request."""
    environment = tuple(os.environ.get(variable) for variable in _VARIABLES) if name == "openai" else ()
    return (config.api_key, config.base_url, config.organization, *environment)


def _name(config: AgentConfig) -> str:
    name = config.llm_provider
    if name is None and (config.api_key or os.environ.get(_KEY_VARIABLE)):
        return "openai"
    if name is None:
        raise ConfigError(
            f"No model to ask: the config names no llm_provider and {_KEY_VARIABLE} is not set. Set {_KEY_VARIABLE} "
            'for OpenAI, or llm_provider="mock" for a fake, or pass provider=… to the agent; in tests, use the '
            "fixture kaizen_llm."
        )
    if name not in _factories:
        hint = suggestion(name, _factories)
        known = ", ".join(sorted(_factories))
        raise ConfigError(f"Unknown llm_provider {name!r}{hint} Known: {known}; add others with providers.register().")
    return name

"""Loads the strategy that `--kaizen-strategy` names."""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter

import pytest

from kaizen_eval.core.parts import strategy_of
from kaizen_eval.errors import ConfigError
from kaizen_eval.strategies.base import Strategy

__all__ = ["check", "load"]


def check(text: str, session: pytest.Session) -> None:
    """Load it once, now that modules are found as tests find them.

    Raises:
        pytest.UsageError: it cannot be loaded, and no test may run as if it had been.
    """
    try:
        load(text)
    except ConfigError as error:
        if not hasattr(session.config, "workerinput"):
            raise pytest.UsageError(str(error)) from error
        session.shouldfail = str(error)  # a worker of pytest-xdist must not raise; its controller then stops them all


def load(text: str) -> Strategy:
    """The strategy that `module:Class` names, made without arguments.

    Raises:
        ConfigError: with the reason.
    """
    module, _, name = text.partition(":")
    try:
        return strategy_of(attrgetter(name)(import_module(module)))
    except ConfigError as error:
        raise ConfigError(f"kaizen_strategy {text!r} is refused: {error}") from error
    except Exception as error:  # a module and a class of the user's may raise anything
        raise ConfigError(f"kaizen_strategy {text!r} cannot be loaded: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    hint = (
        " Modules are found where tests find theirs; see pytest's pythonpath."
        if isinstance(error, ModuleNotFoundError)
        else ""
    )
    return f"{type(error).__name__}: {error}.{hint}"

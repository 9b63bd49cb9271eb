"""What a name leads to, as laws judge it: a Subject made of it, after a look at whether it can work."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.playing import LABORATORY
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.conformance.subject_of import subject_of, takes
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import ConfigError
from kaizen_eval.fake import FakeLLM
from kaizen_eval.named import named, raised_where
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.strategies.traits import Traits

__all__ = ["Probe", "signature_at", "subject_at"]

_EXPECTED = (
    "Expected: a Strategy with `async def execute(self, signature, inputs, config)`, as class or instance; a class of "
    "agents; or a function: without arguments, it returns a strategy; as factory(config, **parts), a BaseAgent."
)


def subject_at(reference: str, *, signature: type[Signature] | None = None) -> Subject:
    """What `module:Name` names, as laws judge it. One agent is made, to see what it is.

    Raises:
        ConfigError: it cannot be imported, is nothing that laws can judge, or cannot be made.
    """
    given = named(reference)
    if isinstance(given, Subject):
        return replace(given, reference=reference)
    _refuse(reference, given)
    try:
        subject = replace(subject_of(given, signature=signature), reference=reference)
        agent = _agent(subject)
    except ConfigError as error:
        raise ConfigError(f"{reference} cannot be made: {error}") from error
    except SystemExit as error:
        raise ConfigError(f"{reference} calls sys.exit({error.code!r}) when it is made.") from error
    except Exception as error:  # a user's class may raise anything
        raise ConfigError(f"{reference} cannot be made: it raises {raised_where(error)}.") from error
    if not isinstance(agent, BaseAgent):
        raise ConfigError(f"{reference} returns {_what(agent)}, and no agent. {_EXPECTED}")
    _refuse_plain(reference, agent.strategy)
    return _settled(subject, agent, takes_tools=not _makes_agents(given) or takes(given, "tools"))


def signature_at(reference: str) -> type[Signature]:
    """The Signature class that `module:Name` names.

    Raises:
        ConfigError: there is none.
    """
    given = named(reference)
    if not isinstance(given, type) or not issubclass(given, Signature):
        raise ConfigError(f"{reference} is {_what(given)}, and no Signature class.")
    return given


class Probe(Signature):
    """Answer."""

    question: str = InputField()
    answer: str = OutputField()


def _agent(subject: Subject) -> Any:
    settings = {**LABORATORY, "provider": FakeLLM()}
    return subject.factory(AgentConfig.from_domain_config(settings), signature=subject.signature or Probe)


def _makes_agents(given: Any) -> bool:
    return not callable(getattr(given, "execute", None)) and bool(inspect.signature(given).parameters)


def _settled(subject: Subject, agent: BaseAgent, *, takes_tools: bool) -> Subject:
    """With the traits of the strategy that its agents have, and their signature where they have one of their own."""
    traits = REFERENCE.traits if agent.strategy is BaseAgent.strategy else getattr(agent.strategy, "traits", Traits())
    own = agent.signature if agent.signature is not (subject.signature or Probe) else subject.signature
    return replace(subject, traits=replace(traits, calls_tools=traits.calls_tools and takes_tools), signature=own)


def _refuse(reference: str, given: Any) -> None:
    if isinstance(given, BaseAgent):
        cls = type(given).__name__
        raise ConfigError(
            f"{reference} is an agent. Laws make agents of their own, with other settings each time: name its class "
            f"({cls}), or write `def factory(config, **parts): return {cls}(config, **parts)` and name that."
        )
    if isinstance(given, type) and issubclass(given, BaseAgent):
        if not inspect.signature(given).parameters:
            raise ConfigError(
                f"{reference} takes no config: laws set each agent's model, deadline and retries by it. Write "
                "`def __init__(self, config=None, **parts): super().__init__(config, **parts)`."
            )
        return
    if callable(getattr(given, "execute", None)):
        _refuse_plain(reference, given)
        _refuse_needy(reference, given)
        return
    if inspect.iscoroutinefunction(given):
        raise ConfigError(f"{reference} is a coroutine function; a factory is a plain `def`. {_EXPECTED}")
    if isinstance(given, type) or not callable(given):
        raise ConfigError(f"{reference} is no strategy: it is {_what(given)}. {_EXPECTED}")


def _refuse_plain(reference: str, strategy: Any) -> None:
    """An `execute` that nobody can await."""
    execute = strategy.execute
    if getattr(execute, "__isabstractmethod__", False):
        raise ConfigError(f"{reference} has no `execute` of its own. {_EXPECTED}")
    function = inspect.unwrap(execute)
    if inspect.isfunction(getattr(function, "__func__", function)) and not inspect.iscoroutinefunction(function):
        kind = "an async generator" if inspect.isasyncgenfunction(function) else "a plain `def`"
        raise ConfigError(
            f"{reference}: its `execute` is {kind}; write `async def execute(…)`, and return the outputs."
        )


def _refuse_needy(reference: str, given: Any) -> None:
    """A class whose arguments nobody gives."""
    if not isinstance(given, type):
        return
    needed = [each for each in inspect.signature(given).parameters.values() if _is_needed(each)]
    if needed:
        names = ", ".join(each.name for each in needed)
        raise ConfigError(
            f"{reference} needs arguments: {names}. Write a function that gives them, "
            f"`def made(): return {given.__name__}({', '.join(f'{each.name}=…' for each in needed)})`, and name that: "
            f"{reference.partition(':')[0]}:made"
        )


def _is_needed(parameter: inspect.Parameter) -> bool:
    is_one = parameter.kind not in {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    return is_one and parameter.default is inspect.Parameter.empty


def _what(given: object) -> str:
    """In a few words."""
    if isinstance(given, type):
        return f"the class {given.__name__}"
    if inspect.ismodule(given):
        return f"the module {given.__name__}"
    if inspect.isfunction(given):
        return f"the function {given.__name__}"
    text = repr(given)
    return f"{text if len(text) <= 60 else text[:59] + '…'} ({type(given).__name__})"

"""What a run's own input accounts for in a request: the system and user messages that it must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from kaizen_eval import run_context

if TYPE_CHECKING:
    from kaizen_eval.messages import ChatRequest, OutputMode
    from kaizen_eval.signatures import Signature

__all__ = ["Account", "Asker", "asker", "texts_in"]


@dataclass(frozen=True, slots=True)
class Account:
    """What one run's signature and input explain."""

    system: str
    user: str
    said: tuple[str, ...]
    """Every text in the input, by itself."""


class Asker(NamedTuple):
    """The run in which something is asked; outside of runs all are None."""

    run_id: str | None
    root: str | None
    """The session of the outermost run around it, or else that run's id: what agents ask as tools is the root's."""
    account: Callable[[], Account] | None


def asker(request: ChatRequest) -> Asker:
    run = run_context.active()
    if run is None:
        return Asker(None, None, None)
    root = run
    for root in run_context.ancestors():  # noqa: B007 - the last one is wanted
        pass
    account = partial(_account, run.signature, run.inputs, request.output_mode)
    return Asker(run.run_id, root.session_id or root.run_id, account)


def texts_in(value: object) -> Iterator[str]:
    """Every text in a JSON value, mappings' names aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)


def _account(signature: type[Signature], inputs: Mapping[str, Any], mode: OutputMode) -> Account:
    from kaizen_eval.config import AgentConfig  # noqa: PLC0415 - only a failing or isolated assertion looks
    from kaizen_eval.llm import prompt  # noqa: PLC0415 - only a failing or isolated assertion looks

    config = AgentConfig(structured_output="prompt" if mode == "text" else mode)
    messages = prompt.build(signature, inputs, (), config=config).messages
    system = "\n".join(message.content for message in messages if message.role == "system")
    return Account(system, messages[-1].content, tuple(texts_in(signature.inputs_to_json(inputs))))

"""What a run's own input accounts for in a request: the system and user messages that it must hold."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from kaizen_eval.fake.journal.wording import texts_in

if TYPE_CHECKING:
    from kaizen_eval.fake.inquiry import Inquiry
    from kaizen_eval.memory.insight import Shown
    from kaizen_eval.messages import OutputMode
    from kaizen_eval.run_context import RunContext
    from kaizen_eval.signatures import Signature

__all__ = ["NOBODY", "Account", "Asker", "asker"]


@dataclass(frozen=True, slots=True)
class Account:
    """What one run's signature and input explain."""

    system: str
    user: str
    said: tuple[str, ...]
    """Every text in the input, by itself."""
    shared: tuple[str, ...] = ()
    """What other agents had let it know by a shared memory."""


class Asker(NamedTuple):
    """The run in which something is asked; outside of runs all are None, and of another process's the id is known."""

    run_id: str | None
    root: str | None
    """The session of the outermost run around it, or else that run's id: what agents ask as tools is the root's."""
    account: Callable[[], Account] | None
    began_ns: int | None
    """When the run began, on the loop's clock: its input was known from then on."""
    session: str | None = None
    """That of the outermost run around it."""
    is_within: bool = False
    """Whether it was started inside of another run, as those of agents that are tools are."""
    draw: int = 0
    """Which of the same question it is, of what is drawn by lot."""


_RUNS = "kaizen_eval.run_context"
NOBODY = Asker(None, None, None, None)


def asker(inquiry: Inquiry) -> Asker:
    """The run that the client says, which is known by its id alone when it is none of this process; else the one in
    which this code executes.
    """
    run = _run(inquiry.run_id)
    if run is None:
        return NOBODY if inquiry.run_id is None else NOBODY._replace(run_id=inquiry.run_id)
    from kaizen_eval import run_context  # noqa: PLC0415 - is loaded

    root = run_context.outermost(run)
    account = partial(_account, run.signature, run.inputs, inquiry.request.output_mode, run.shared)
    is_within = run is not root
    where = root.session_id or root.run_id
    return Asker(run.run_id, where, account, run.started_ns, root.session_id, is_within, run.draw.number)


def _run(run_id: str | None) -> RunContext | None:
    if _RUNS not in sys.modules:  # then there are none: a server starts without loading what agents need
        return None
    from kaizen_eval import run_context  # noqa: PLC0415 - is loaded

    return run_context.active() if run_id is None else run_context.find(run_id)


def _account(signature: type[Signature], inputs: Mapping[str, Any], mode: OutputMode, shared: Shown | None) -> Account:
    from kaizen_eval.config import AgentConfig  # noqa: PLC0415 - only a failing or isolated assertion looks
    from kaizen_eval.llm import prompt  # noqa: PLC0415 - only a failing or isolated assertion looks

    config = AgentConfig(structured_output="prompt" if mode == "text" else mode)
    messages = prompt.build(signature, inputs, (), shared=shared, config=config).messages
    system = "\n".join(message.content for message in messages if message.role == "system")
    said = tuple(texts_in(signature.inputs_to_json(inputs)))
    return Account(system, messages[-1].content, said, _texts_of(shared))


def _texts_of(shared: Shown | None) -> tuple[str, ...]:
    insights = () if shared is None else shared.insights
    return tuple(text for each in insights for text in (each.content, each.segment, each.agent_id, *each.tags))

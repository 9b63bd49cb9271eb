"""ToolLoopStrategy: call the model, execute the tools that it calls, and call it again, until it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kaizen_eval.checks import optional, whole
from kaizen_eval.config import AgentConfig
from kaizen_eval.messages import ChatRequest, Message
from kaizen_eval.run_context import RunContext
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.call import Answer, ask, request_of, run_for
from kaizen_eval.strategies.progress import Progress
from kaizen_eval.strategies.traits import Traits
from kaizen_eval.tools.repeatable import repeatable
from kaizen_eval.tools.toolbox import Toolbox, message_of
from kaizen_eval.tools.toolbox_for import toolbox_for

__all__ = ["TOOL_LOOP", "ToolLoopStrategy"]


class ToolLoopStrategy(Strategy):
    """The default of an agent with tools: preprocess, the loop, postprocess.

    Args:
        max_steps: how many replies may call tools; the next one must answer.
        max_repeats: the step in which the same call, with the same arguments, is not executed again but fails the
            run; None for no such limit.
        parallel: how many calls of one reply are executed at the same time.
        at_most: how many calls of one reply are executed at all; the model is told of the rest that they were not.
    """

    traits = Traits(calls_per_run=1, calls_tools=True)

    def __init__(
        self, *, max_steps: int = 10, max_repeats: int | None = 3, parallel: int = 8, at_most: int = 64
    ) -> None:
        whole("max_steps", max_steps, least=1)
        optional(whole, "max_repeats", max_repeats, least=2)
        whole("parallel", parallel, least=1)
        whole("at_most", at_most, least=1)
        self.max_steps = max_steps
        self.max_repeats = max_repeats
        self.parallel = parallel
        self.at_most = at_most

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        return self.postprocess(await self.tool_loop(signature, self.preprocess(inputs), config))

    async def tool_loop(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        """What `llm_call` is without tools: one answer that fits, and before it as many steps as the model needs.

        Raises:
            InputError: before any request.
            StepLimitReached: the model went on calling tools.
            RepeatedToolCall: it made the same call again and again.
            RunError: the model did not answer as asked, or a tool with `on_error="raise"` failed.
        """
        config = AgentConfig.from_domain_config(config)
        bound = signature.bind(inputs)
        async with run_for(signature, bound, config) as run:
            return await self._answer(signature, request_of(signature, bound, config, run), config, run)

    async def _answer(
        self, signature: type[Signature], request: ChatRequest, config: AgentConfig, run: RunContext
    ) -> dict[str, Any]:
        progress, messages = Progress(self.max_steps, self.max_repeats), request.messages
        while True:
            toolbox = await toolbox_for(config, run)
            asked = replace(request, messages=messages, tools=toolbox.definitions)
            answer = await ask(signature, asked, config, run)
            if answer.values is not None:
                return answer.values
            progress.goes_on_with(answer.reply.tool_calls)
            said = await self._executed(answer, toolbox, run)
            run.between += said
            messages = (*messages, *said)

    async def _executed(self, answer: Answer, toolbox: Toolbox, run: RunContext) -> list[Message]:
        """The model's calls, and what came of each, as messages."""
        reply = answer.reply
        calls = repeatable(reply.tool_calls, call=answer.call)
        run.executing = tuple(call.name for call in calls)
        steps = await toolbox.execute(calls, run, call=answer.call, parallel=self.parallel, at_most=self.at_most)
        run.executing = ()
        asked = Message("assistant", reply.text or "", tool_calls=calls)
        return [asked, *map(message_of, steps)]

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(max_steps={self.max_steps}, max_repeats={self.max_repeats}, "
            f"parallel={self.parallel}, at_most={self.at_most})"
        )


TOOL_LOOP = ToolLoopStrategy()
"""That of an agent that has tools and chose none."""

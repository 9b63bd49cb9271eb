"""Broken on purpose: tools."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.errors import TransientError
from kaizen_eval.messages import ChatRequest, Message, ToolCall
from kaizen_eval.run_context import RunContext
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.call import Answer, ask
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy
from kaizen_eval.strategies.traits import Traits
from kaizen_eval.tools.repeatable import repeatable
from kaizen_eval.tools.toolbox import Toolbox, message_of
from kaizen_eval.tools.toolbox_for import toolbox_for

__all__ = [
    "MUTANTS",
    "AsksNobody",
    "ExecutesInTheBackground",
    "ExecutesWhateverStandsThere",
    "KnowsNoEnd",
    "MakesArgumentsFit",
    "OffersNone",
    "RetriesTheWholeStep",
    "RetriesTools",
    "TakesArgumentsAsTheyAre",
    "TellsOfUnknownToolsThatAllIsWell",
    "TellsOneResult",
    "TellsResultsAsTheyCome",
    "TellsThatAllIsWell",
]


class RetriesTheWholeStep(ToolLoopStrategy):
    async def _answer(
        self, signature: type[Signature], request: ChatRequest, config: AgentConfig, run: RunContext
    ) -> dict[str, Any]:
        once = replace(config, retry=replace(config.retry, attempts=1))
        toolbox, messages = await toolbox_for(config, run), request.messages
        pending: Answer | None = None
        for _ in range(30):
            try:
                said = [] if pending is None else await self._executed(pending, toolbox, run)
                asked = replace(request, messages=(*messages, *said), tools=toolbox.definitions)
                answer = await ask(signature, asked, once, run)
            except TransientError:
                continue
            if answer.values is not None:
                return answer.values
            messages, pending = asked.messages, answer
        raise RuntimeError("the model does not answer")


class ExecutesWhateverStandsThere(ToolLoopStrategy):
    async def _executed(self, answer: Answer, toolbox: Toolbox, run: RunContext) -> list[Message]:
        steps = [(await toolbox.execute([call], run, call=answer.call))[0] for call in answer.reply.tool_calls]
        calls = repeatable(answer.reply.tool_calls, call=answer.call)
        told = {step.id: message_of(step) for step in steps}
        results = [replace(told[call.id], tool_call_id=call.id) for call in calls if call.id in told]
        return [Message("assistant", "", tool_calls=tuple(c for c in calls if c.id in told)), *results]


class RetriesTools(ToolLoopStrategy):
    async def _executed(self, answer: Answer, toolbox: Toolbox, run: RunContext) -> list[Message]:
        for _ in range(3):
            said = await super()._executed(answer, toolbox, run)
            if not any("failed" in message.content for message in said):
                break
        return said


class _Telling(ToolLoopStrategy):
    """Tells the model something else than what came of its calls."""

    async def _executed(self, answer: Answer, toolbox: Toolbox, run: RunContext) -> list[Message]:
        asked, *said = await super()._executed(answer, toolbox, run)
        return [asked, *self.changed(said)]

    def changed(self, said: list[Message]) -> list[Message]:
        raise NotImplementedError


class TellsThatAllIsWell(_Telling):
    def changed(self, said: list[Message]) -> list[Message]:
        return [replace(message, content="ok") if " failed: " in message.content else message for message in said]


class TellsOfUnknownToolsThatAllIsWell(_Telling):
    def changed(self, said: list[Message]) -> list[Message]:
        return [replace(m, content="done") if "There is no tool" in m.content else m for m in said]


class TellsOneResult(_Telling):
    def changed(self, said: list[Message]) -> list[Message]:
        return said[:1]


class TellsResultsAsTheyCome(_Telling):
    """The ids stay where they are, and the results come in another order."""

    def changed(self, said: list[Message]) -> list[Message]:
        words = sorted(message.content for message in said)
        return [replace(message, content=content) for message, content in zip(said, words, strict=True)]


class _ByHand(ToolLoopStrategy):
    """Executes the functions of the tools itself."""

    async def _executed(
        self,
        answer: Answer,
        toolbox: Toolbox,
        run: RunContext,  # noqa: ARG002 - it does not look
    ) -> list[Message]:
        calls = repeatable(answer.reply.tool_calls, call=answer.call)
        results = await asyncio.gather(*(self.result(call, toolbox) for call in calls))
        said = [Message("tool", text, tool_call_id=call.id) for call, text in zip(calls, results, strict=True)]
        return [Message("assistant", "", tool_calls=calls), *said]

    async def result(self, call: ToolCall, toolbox: Toolbox) -> str:
        try:
            return await self.called(toolbox.tools[call.name].function, self.arguments(call))
        except Exception as error:  # noqa: BLE001 - as many loops have it
            return f"error: {call.name}: {error}"

    async def called(self, function: Any, arguments: Mapping[str, Any]) -> str:
        return str(await function(**arguments))

    def arguments(self, call: ToolCall) -> dict[str, Any]:
        return dict(json.loads(call.arguments))


class TakesArgumentsAsTheyAre(_ByHand):
    pass


class MakesArgumentsFit(_ByHand):
    def arguments(self, call: ToolCall) -> dict[str, Any]:
        given = json.loads(call.arguments)
        return {"text": str(given.get("text", "")), "number": int(given.get("number") or 0)}


class AsksNobody(_ByHand):
    pass


class ExecutesInTheBackground(_ByHand):
    """So that it need not wait for slow ones."""

    async def called(self, function: Any, arguments: Mapping[str, Any]) -> str:
        working = asyncio.create_task(function(**arguments))
        self.working = {*getattr(self, "working", ()), working}
        done, _ = await asyncio.wait([working], timeout=1)
        return str(working.result()) if done else "error: it still goes on"


class KnowsNoEnd(ToolLoopStrategy):
    async def _answer(
        self, signature: type[Signature], request: ChatRequest, config: AgentConfig, run: RunContext
    ) -> dict[str, Any]:
        toolbox, messages = await toolbox_for(config, run), request.messages
        while True:
            answer = await ask(signature, replace(request, messages=messages, tools=toolbox.definitions), config, run)
            if answer.values is not None:
                return answer.values
            messages = (*messages, *await self._executed(answer, toolbox, run))


class OffersNone(AsyncSingleShotStrategy):
    traits = Traits(calls_per_run=1, calls_tools=True)


def _mutant(name: str, strategy: type[Any], what: str, breaks: str, *words: str) -> Mutant:
    subject = replace(Subject.of(strategy), name=name)
    return Mutant(subject=subject, what=what, breaks=f"tools.{breaks}", words=words)


MUTANTS: tuple[Mutant, ...] = (
    _mutant(
        "executes-repeated-call-twice",
        ExecutesWhateverStandsThere,
        "Executes a call as often as a reply states it.",
        "once",
        "was executed",
        "the model called it once",
    ),
    _mutant(
        "retries-tool-side-effect",
        RetriesTheWholeStep,
        "Tries a step again after a failed request, and executes its tools again with it.",
        "no-silent-retry",
        "was executed",
        "the model called it once",
    ),
    _mutant(
        "retries-failing-tool",
        RetriesTools,
        "Executes a tool that failed up to three times before it tells the model.",
        "no-silent-retry",
        "was executed",
        "the model called it once",
    ),
    _mutant(
        "unvalidated-arguments",
        TakesArgumentsAsTheyAre,
        "Calls the function with whatever the model wrote.",
        "arguments-fit",
        "arguments that fit asked for it never",
    ),
    _mutant(
        "coerces-arguments",
        MakesArgumentsFit,
        "Makes texts and numbers of arguments that are none.",
        "arguments-fit",
        "arguments that fit asked for it",
    ),
    _mutant(
        "skips-approval",
        AsksNobody,
        "Executes tools without asking whoever has to agree.",
        "approval",
        "was executed although its approval was refused",
    ),
    _mutant("offers-no-tools", OffersNone, "Says that it calls tools and offers none.", "offered", "was never offered"),
    _mutant(
        "swallows-tool-errors",
        TellsThatAllIsWell,
        "Tells the model 'ok' of a tool that failed.",
        "errors-reach-the-model",
        "raised",
        "the model was told: 'ok'",
    ),
    _mutant(
        "unknown-tool-succeeds",
        TellsOfUnknownToolsThatAllIsWell,
        "Tells the model that a tool was executed which there is not.",
        "unknown",
        "There is no tool",
        "the model was told: 'done'",
    ),
    _mutant(
        "drops-parallel-result",
        TellsOneResult,
        "Tells the model of the first result alone when it made several calls.",
        "results-follow-calls",
        "refused a request",
        "must be followed by tool messages",
    ),
    _mutant(
        "mixes-up-results",
        TellsResultsAsTheyCome,
        "Gives results to calls that they are not of.",
        "results-follow-calls",
        "returned",
        "what the model was told of it",
    ),
    _mutant(
        "ignores-step-cap",
        KnowsNoEnd,
        "Goes on for as long as the model calls tools.",
        "step-cap",
        "steps of tool calls; 10 are allowed",
    ),
    _mutant(
        "leaves-tools-behind",
        ExecutesInTheBackground,
        "Executes tools as tasks that outlive the run.",
        "end-with-the-run",
        "The run had ended, and these went on",
    ),
)

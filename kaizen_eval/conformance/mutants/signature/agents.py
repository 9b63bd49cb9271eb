"""Broken on purpose: classes of agents that are kind to their callers."""

from __future__ import annotations

import json
from typing import Any

from kaizen_eval.conformance.laws.signature.entering import Search
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import of_agent
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.errors import ReplyDoesNotFit

__all__ = ["MUTANTS"]


class _TakesExtraInputs(BaseAgent):
    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        """What it does not know is left out."""
        known = {name: value for name, value in inputs.items() if name in self.signature.input_fields}
        return await super().run_async(session_id, **known)


class _FillsInMissingInputs(BaseAgent):
    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        required = [name for name, field in self.signature.input_fields.items() if field.required]
        return await super().run_async(session_id, **{**dict.fromkeys(required, ""), **inputs})


class _CoercesTypes(BaseAgent):
    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        """Whatever is to be a text becomes one."""
        texts = [name for name, field in self.signature.input_fields.items() if field.annotation is str]
        coerced = {name: str(value) if name in texts else value for name, value in inputs.items()}
        return await super().run_async(session_id, **coerced)


class _AddsToInputs(BaseAgent):
    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        """In place."""
        for value in inputs.values():
            if isinstance(value, list):
                value.append("and the like")
        return await super().run_async(session_id, **inputs)


class _AddsOutputs(BaseAgent):
    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> Any:
        """A word on how it went, among the answers."""
        return {**await super().run_async(session_id, **inputs), "status": "success"}


class _ReturnsWhatCame(BaseAgent):
    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> Any:
        """A reply that does not fit is better than none."""
        try:
            return await super().run_async(session_id, **inputs)
        except ReplyDoesNotFit as error:
            return json.loads(error.reply or "{}")


MUTANTS: tuple[Mutant, ...] = (
    of_agent(
        "accepts-extra-inputs",
        _TakesExtraInputs,
        "Leaves out inputs that it does not know, without a word.",
        breaks="signature.invalid-inputs-ask-nothing",
        words=("Requests were made", "inputs that do not fit", "has no input"),
    ),
    of_agent(
        "fills-in-missing-inputs",
        _FillsInMissingInputs,
        "Asks with an empty text where an input is missing.",
        breaks="signature.invalid-inputs-ask-nothing",
        words=("Requests were made", "inputs that do not fit"),
    ),
    of_agent(
        "coerces-types",
        _CoercesTypes,
        "Makes a text of whatever it is given instead of one.",
        breaks="signature.invalid-inputs-ask-nothing",
        words=("Requests were made", "inputs that do not fit"),
    ),
    of_agent(
        "mutates-inputs",
        _AddsToInputs,
        "Adds to its caller's lists.",
        breaks="signature.inputs-untouched",
        words=("The caller's ", ", and is ", " now."),
        signature=Search,
    ),
    of_agent(
        "returns-undeclared-outputs",
        _AddsOutputs,
        "Puts something of its own among the outputs.",
        breaks="signature.undeclared-outputs",
        words=("The result holds status",),
    ),
    of_agent(
        "returns-what-came",
        _ReturnsWhatCame,
        "Returns replies that do not fit as they came.",
        breaks="signature.outputs-fit",
        words=("That does not fit",),
    ),
)

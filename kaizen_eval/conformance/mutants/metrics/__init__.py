"""Broken on purpose: what a run says that it cost."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Self

from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.messages import Usage
from kaizen_eval.metrics.meter import Attempt

__all__ = [
    "MUTANTS",
    "AllSoFar",
    "CachedOnTop",
    "CachedTwice",
    "CallsForAttempts",
    "DecimalOfFloat",
    "FloatCosts",
    "FreeInSums",
    "FreeWhenUnknown",
    "LastAttempt",
    "LastAttemptsTime",
    "Retold",
    "RoundedCosts",
    "Seconds",
    "WallClock",
    "WithoutFailures",
    "WithoutWaits",
]


class Retold(BaseAgent):
    """Writes some figures of its results anew."""

    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        return self.retold(await super().run_async(session_id, **inputs))

    def run_stream(self, /, session_id: str | None = None, *, restart: bool = False, **inputs: Any) -> Any:
        return _RetoldStream(super().run_stream(session_id, restart=restart, **inputs), self.retold)

    def retold(self, result: RunResult) -> RunResult:
        raise NotImplementedError


class _RetoldStream:
    def __init__(self, stream: Any, retold: Callable[[RunResult], RunResult]) -> None:
        self.stream, self.retold = stream, retold

    async def __aenter__(self) -> Self:
        await self.stream.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stream.__aexit__(*error)

    async def __aiter__(self) -> Any:
        async for item in self.stream:
            yield self.retold(item) if isinstance(item, RunResult) else item


def _attempts(result: RunResult) -> list[Attempt]:
    return [attempt for call in result.calls for attempt in call.attempts]


def _tokens(*usages: Usage | None) -> dict[str, int]:
    usage = sum((each for each in usages if each is not None), Usage())
    return {
        "prompt": usage.prompt,
        "completion": usage.completion,
        "total": usage.total,
        "cached": usage.cached,
        "reasoning": usage.reasoning,
    }


class LastAttempt(Retold):
    def retold(self, result: RunResult) -> RunResult:
        result["_tokens"] = _tokens(_attempts(result)[-1].usage)
        return result


class WithoutFailures(Retold):
    def retold(self, result: RunResult) -> RunResult:
        result["_tokens"] = _tokens(*(each.usage for each in _attempts(result) if each.error is None))
        return result


class CachedOnTop(Retold):
    def retold(self, result: RunResult) -> RunResult:
        tokens = result["_tokens"]
        result["_tokens"] = tokens | {
            "prompt": tokens["prompt"] + tokens["cached"],
            "total": tokens["total"] + tokens["cached"],
        }
        return result


class AllSoFar(Retold):
    so_far = Usage()

    def retold(self, result: RunResult) -> RunResult:
        self.so_far += result.metrics.usage
        result["_tokens"] = _tokens(self.so_far)
        return result


class CallsForAttempts(Retold):
    def retold(self, result: RunResult) -> RunResult:
        result["_attempts"] = len(result.calls)
        return result


class CachedTwice(Retold):
    """Adds the price of cached tokens to that of the whole prompt."""

    def retold(self, result: RunResult) -> RunResult:
        price = self.config.prices.get("lab-1")
        if price is not None:
            usage, cached = result.metrics.usage, price.cached or Decimal(0)
            cost = usage.prompt * price.input + usage.cached * cached + usage.completion * price.output
            result["_cost"] = float(cost / 1_000_000)
        return result


class FloatCosts(Retold):
    def retold(self, result: RunResult) -> RunResult:
        cost = 0.0
        for attempt in _attempts(result):
            cost += math.nan if attempt.cost is None else float(attempt.cost)
        result["_cost"] = cost
        return result


class RoundedCosts(Retold):
    def retold(self, result: RunResult) -> RunResult:
        result["_cost"] = round(result["_cost"], 4)
        return result


class DecimalOfFloat(Retold):
    """Has the two costs agree."""

    def retold(self, result: RunResult) -> RunResult:
        result.metrics = replace(result.metrics, cost=Decimal(result["_cost"]))
        return result


class FreeWhenUnknown(Retold):
    def retold(self, result: RunResult) -> RunResult:
        if math.isnan(result["_cost"]):
            result["_cost"] = 0.0
        return result


class FreeInSums(Retold):
    def retold(self, result: RunResult) -> RunResult:
        result.metrics = replace(result.metrics, cost=result.metrics.cost or Decimal(0))
        return result


class WallClock(BaseAgent):
    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        started = time.perf_counter()
        result = await super().run_async(session_id, **inputs)
        result["_timing"] = (time.perf_counter() - started) * 1000
        return result


class LastAttemptsTime(Retold):
    def retold(self, result: RunResult) -> RunResult:
        result["_timing"] = _attempts(result)[-1].ms
        return result


class WithoutWaits(Retold):
    def retold(self, result: RunResult) -> RunResult:
        result["_timing"] = round(sum(attempt.ms for attempt in _attempts(result)), 3)
        return result


class Seconds(Retold):
    def retold(self, result: RunResult) -> RunResult:
        result["_timing"] /= 1000
        return result


def _mutant(name: str, agent: type[BaseAgent], what: str, *, breaks: str, words: tuple[str, ...]) -> Mutant:
    subject = Subject(name=name, factory=agent, traits=REFERENCE.traits)
    return Mutant(subject=subject, what=what, breaks=breaks, words=words)


_COST: dict[str, Any] = {"breaks": "metrics.cost", "words": ("_cost of ask", "USD are the price of")}
_TIMING: dict[str, Any] = {"breaks": "metrics.timing", "words": ("_timing of ask", "ms of virtual time")}

MUTANTS: tuple[Mutant, ...] = (
    _mutant(
        "counts-the-last-attempt-only",
        LastAttempt,
        "Its tokens are those of the last attempt.",
        breaks="metrics.tokens",
        words=("_tokens['", "the journal has"),
    ),
    _mutant(
        "forgets-billed-failures",
        WithoutFailures,
        "It leaves out attempts that failed, though they were billed.",
        breaks="metrics.tokens",
        words=("_tokens['", "the journal has"),
    ),
    _mutant(
        "counts-cached-tokens-twice",
        CachedOnTop,
        "It adds cached tokens to the prompt's, which hold them already.",
        breaks="metrics.tokens",
        words=("_tokens['prompt']", "the journal has"),
    ),
    _mutant(
        "adds-up-over-runs",
        AllSoFar,
        "Its tokens are those of all runs of the agent so far.",
        breaks="metrics.tokens",
        words=("_tokens['", "the journal has"),
    ),
    _mutant(
        "counts-calls-for-attempts",
        CallsForAttempts,
        "It takes the number of calls for that of attempts.",
        breaks="metrics.attempts",
        words=("_attempts of ask", "the journal has"),
    ),
    _mutant("bills-cached-tokens-twice", CachedTwice, "It bills cached tokens at both prices.", **_COST),
    _mutant("adds-up-costs-as-floats", FloatCosts, "It adds up the costs of attempts as floats.", **_COST),
    _mutant("rounds-costs", RoundedCosts, "It rounds costs to a hundredth of a cent.", **_COST),
    _mutant(
        "makes-decimals-of-floats",
        DecimalOfFloat,
        "Its exact cost is made of the float: sums drift.",
        breaks="metrics.sums",
        words=("The costs of", "USD is their price"),
    ),
    _mutant(
        "unknown-models-are-free",
        FreeWhenUnknown,
        "It says 0 where a price is unknown.",
        breaks="metrics.unknown-price",
        words=("_cost of ask 1 is 0.0", "expected NaN"),
    ),
    _mutant(
        "unknown-models-are-free-in-sums",
        FreeInSums,
        "Its exact cost is 0 where a price is unknown.",
        breaks="metrics.unknown-price",
        words=(".metrics.cost of ask 1 is Decimal('0')", "expected None"),
    ),
    _mutant("times-by-the-wall-clock", WallClock, "It measures time by a clock that is not the run's.", **_TIMING),
    _mutant("times-the-last-attempt", LastAttemptsTime, "Its time is that of the last attempt.", **_TIMING),
    _mutant("leaves-waits-out", WithoutWaits, "Its time is that of all attempts, without the waits.", **_TIMING),
    _mutant("times-in-seconds", Seconds, "Its time is in seconds.", **_TIMING),
)

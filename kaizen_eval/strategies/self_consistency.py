"""SelfConsistencyStrategy: ask the same several times, and answer what most samples say."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from kaizen_eval.checks import one_of, whole
from kaizen_eval.config import AgentConfig
from kaizen_eval.errors import BudgetExceeded, ConfigError, OutputError, RunError, RunTimeout
from kaizen_eval.event_log import log_metrics
from kaizen_eval.resilience.batch import gather_bounded
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.call import run_for
from kaizen_eval.strategies.traits import Traits
from kaizen_eval.strategies.vote import Vote, vote
from kaizen_eval.suggestion import suggestion

__all__ = ["SelfConsistencyStrategy"]


class SelfConsistencyStrategy(Strategy):
    """Preprocess, several calls at once, the majority's outputs, postprocess.

    Two samples say the same when their outputs, or those named in `by`, are the same JSON. The answer is the earliest
    sample of those that say what most say; the log tells how many votes it has, and how many other answers
    have as many. With a `seed` in the config each sample has one of its own: seed,
    seed + 1, and so on; without, it is the model's temperature that makes samples differ.

    Args:
        samples: how many calls.
        by: the outputs that are compared; all of them unless given. Leave free texts out, such as a reasoning.
        need: how many samples must succeed; all of them unless given. Samples that fail are left out of the vote.
        ties: "first" answers the earliest of the answers that most say; "fail" raises OutputError, which lists them.
    """

    def __init__(
        self,
        samples: int = 3,
        *,
        by: Sequence[str] = (),
        need: int | None = None,
        ties: Literal["first", "fail"] = "first",
    ) -> None:
        whole("samples", samples, least=1)
        needed = samples if need is None else need
        whole("need", needed, least=1)
        if needed > samples:
            raise ConfigError(
                f"need={need!r} of samples={samples!r} can never be met; need at most as many as are asked."
            )
        if isinstance(by, str):
            raise ConfigError(f"by takes a list of outputs, such as [{by!r}], not {by!r}.")
        one_of("ties", ties, ("first", "fail"))
        self.samples = samples
        self.by = tuple(by)
        self.need = needed
        self.ties = ties
        self.traits = Traits(calls_per_run=samples, recovers=needed < samples)

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        self._check_names(signature)
        config = AgentConfig.from_domain_config(config)
        bound = signature.bind(self.preprocess(inputs))
        async with run_for(signature, bound, config) as run:
            samples = await self._sampled(signature, bound, config)
        outcome = vote([_canonical(signature, sample, self.by) for sample in samples])
        log_metrics(_figures(outcome, self.samples), run_id=run.run_id, agent=run.agent_id)
        if outcome.is_tie and self.ties == "fail":
            raise OutputError(_tie(outcome))
        return self.postprocess(samples[outcome.winner])

    async def _sampled(
        self, signature: type[Signature], bound: Mapping[str, Any], config: AgentConfig
    ) -> list[dict[str, Any]]:
        """Those that succeeded, in the order asked; enough of them."""

        async def sample(place: int) -> dict[str, Any]:
            return await self.llm_call(signature, bound, _with_own_seed(config, place))

        said = await gather_bounded(
            sample, range(self.samples), limit=self.samples, return_errors=self.need < self.samples
        )
        failures = [outcome for outcome in said if isinstance(outcome, Exception)]
        for failure in failures:
            if not _may_be_left_out(failure):
                raise failure
        if self.samples - len(failures) < self.need:
            failures[-1].add_note(f"{len(failures)} of {self.samples} samples failed; need={self.need}.")
            raise failures[-1]
        return [outcome for outcome in said if not isinstance(outcome, Exception)]

    def _check_names(self, signature: type[Signature]) -> None:
        for name in self.by:
            if name not in signature.output_fields:
                known = list(signature.output_fields)
                raise ConfigError(
                    f"SelfConsistencyStrategy(by=…): {signature.__name__} has no output {name!r}"
                    f"{suggestion(name, known)} It has: {', '.join(known)}."
                )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.samples}, by={list(self.by)!r}, need={self.need}, ties={self.ties!r})"


def _with_own_seed(config: AgentConfig, place: int) -> AgentConfig:
    return config if config.seed is None else dataclasses.replace(config, seed=config.seed + place)


def _may_be_left_out(failure: Exception) -> bool:
    """A sample that failed by itself; what ends the whole run, and what is wrong in the code, is no sample's affair."""
    return isinstance(failure, RunError) and not isinstance(failure, RunTimeout | BudgetExceeded)


def _canonical(signature: type[Signature], outputs: Mapping[str, Any], by: Sequence[str]) -> str:
    values = signature.outputs_to_json(outputs)
    return json.dumps({name: values[name] for name in by or values}, sort_keys=True, ensure_ascii=False)


def _figures(outcome: Vote, samples: int) -> dict[str, Any]:
    """What the log says of a vote; `tied` answers have as many votes as the one that was taken."""
    return {
        "samples": samples,
        "samples_failed": samples - outcome.ballots,
        "votes": outcome.votes,
        "tied": len(outcome.leaders) - 1,
    }


def _tie(outcome: Vote) -> str:
    answers = ", ".join(outcome.leaders)
    return (
        f"The samples are divided: {len(outcome.leaders)} answers have {outcome.votes} of {outcome.ballots} votes: "
        f"{answers}. Ask for an odd number of samples, compare fewer outputs with by=…, or take the first with "
        'ties="first".'
    )

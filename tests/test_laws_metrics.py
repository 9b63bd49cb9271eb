"""The laws of metrics: who keeps them, and what is caught by them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from law_proofs import survived, unproved, verdict
from law_subjects import SUBJECTS

from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.laws.metrics import LAWS
from kaizen_eval.conformance.laws.metrics.billing import billed, costs, priced
from kaizen_eval.conformance.mutants.metrics import MUTANTS
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.conformance.violation import Violation
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.fake import BadRequest, Generated, Reply
from kaizen_eval.messages import Usage
from kaizen_eval.strategies.fallback import FallbackStrategy

BY_ID = {law.id: law for law in LAWS}
BY_NAME = {mutant.id: mutant for mutant in MUTANTS}
PRICES = {"lab-1": {"input": "3", "output": "15", "cached": "0.3"}}
USELESS = Reply("{}", usage=Usage(100, 10))
USEFUL = Generated(usage=Usage(1000, 100, cached=400))


def situation(*script, **config):
    config = {"output_retries": 2, "prices": PRICES, **config}
    return Situation(signature=Question, asks=(Ask(inputs={"question": "Why?"}),), script=script, config=config)


def complaint(law_id, subject, played):
    with pytest.raises(Violation) as caught:
        BY_ID[law_id].judge(Lab(subject), played)
    return str(caught.value)


@pytest.mark.unmeasured
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_what_ships_keeps_every_law_of_metrics(law, subject):
    assert verdict(law, subject) == "kept"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_each_mutant_is_caught_by_its_law_and_for_its_reason(mutant):
    assert survived(mutant, LAWS) == {}


def test_each_law_of_metrics_catches_something():
    assert unproved(LAWS, MUTANTS) == set()


def test_what_was_billed_for_replies_that_did_not_fit_counts():
    seen = Lab(REFERENCE).play(situation(USELESS, USEFUL))
    assert billed(seen.exchanges) == Usage(1100, 110, cached=400)
    assert costs(seen.exchanges, PRICES) == Decimal("0.00387")


def test_without_a_price_of_their_own_cached_tokens_cost_what_others_do():
    seen = Lab(REFERENCE).play(situation(USEFUL))
    assert costs(seen.exchanges, {"lab-1": {"input": "3", "output": "15"}}) == Decimal("0.0045")


def test_a_model_that_a_strategy_chooses_by_itself_gets_a_price_of_its_own():
    seen = priced(Lab(Subject.of(FallbackStrategy("lab-2"))), situation(BadRequest(), USEFUL))
    assert [each.request.model for each in seen.exchanges] == ["lab-1", "lab-2"]
    assert seen.situation.config["prices"] == {
        "lab-1": PRICES["lab-1"],
        "lab-2": {"input": "9", "output": "45", "cached": "0.9"},
    }


def test_the_complaint_of_tokens_tells_what_each_attempt_had():
    subject = BY_NAME["counts-the-last-attempt-only"].subject
    assert complaint("metrics.tokens", subject, situation(USELESS, USEFUL)) == (
        "_tokens['prompt'] of ask 1 is 1000; the journal has 1100, in 2 attempts (110, 1100 tokens)."
    )


def test_the_complaint_of_costs_tells_what_they_are_for():
    subject = BY_NAME["bills-cached-tokens-twice"].subject
    assert complaint("metrics.cost", subject, situation(USEFUL)) == (
        "_cost of ask 1 is 0.00462; 0.00342 USD are the price of 1000 prompt tokens, 400 of them cached, "
        "and 100 completion tokens."
    )


def test_a_result_without_figures_breaks_the_laws():
    class Bare(BaseAgent):
        async def run_async(self, session_id=None, **inputs):
            return (await super().run_async(session_id, **inputs)).outputs

    subject = Subject(name="bare", factory=Bare, traits=REFERENCE.traits)
    assert complaint("metrics.tokens", subject, situation()) == "The result of ask 1 has no '_tokens'."
    says = "Its results are no RunResults: they have no .metrics to add up."
    assert verdict(BY_ID["metrics.sums"], subject) == ("not applicable", says)


def test_who_asks_only_models_of_their_own_choice_may_know_their_prices():
    def factory(config, **parts):
        return BaseAgent(replace(config, model="gpt-4o"), **parts)

    says = "It asks models of its own choice, whose prices may be known."
    subject = Subject(name="own-model", factory=factory, traits=REFERENCE.traits)
    assert verdict(BY_ID["metrics.unknown-price"], subject) == ("not applicable", says)
    assert verdict(BY_ID["metrics.cost"], subject, examples=10) == "kept"

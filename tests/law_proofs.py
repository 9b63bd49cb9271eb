"""Proofs of laws: what is said of a mutant, and of what keeps a law."""

from __future__ import annotations

from kaizen_eval.conformance.effort import EXAMPLES
from kaizen_eval.conformance.judging import judge
from kaizen_eval.conformance.subject import REFERENCE

SEEDS = range(1)
"""One: that five catch each mutant, and fifty find nothing in the reference, is what `make nightly` shows."""
FAST = EXAMPLES["fast"]
FEW = 5
"""Situations for each law and strategy other than the reference: there are many of them, and the laws are the same."""


def survived(mutant, laws):
    """The seeds with which its law does not catch a mutant for its reason, with what is said instead."""
    (law,) = [law for law in laws if law.id == mutant.breaks]
    found = {seed: judge(law, mutant.subject, examples=FAST, seed_=seed, shrink=False) for seed in SEEDS}
    return {seed: (ruling.verdict, ruling.reason) for seed, ruling in found.items() if not _is_for(mutant, ruling)}


def _is_for(mutant, ruling):
    return ruling.verdict == "violated" and all(words in ruling.reason for words in mutant.words)


def verdict(law, subject, *, examples=None, seed=0):
    """What is said of a subject, with the reason if there is one."""
    examples = examples or (FAST if subject is REFERENCE else FEW)
    ruling = judge(law, subject, examples=examples, seed_=seed, shrink=False)
    return (ruling.verdict, ruling.reason) if ruling.reason else ruling.verdict


def unproved(laws, mutants):
    """The ids of laws that no mutant is for."""
    return {law.id for law in laws} - {mutant.breaks for mutant in mutants}

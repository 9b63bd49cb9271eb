"""Proofs of laws: what is said of a mutant, and of what keeps a law."""

from __future__ import annotations

from kaizen_eval.conformance.judging import judge

SEEDS = range(5)
FAST = 20
"""Situations for each law, as the fast effort has them."""


def survived(mutant, laws):
    """The seeds with which its law does not catch a mutant for its reason, with what is said instead."""
    (law,) = [law for law in laws if law.id == mutant.breaks]
    found = {seed: judge(law, mutant.subject, examples=FAST, seed_=seed, shrink=False) for seed in SEEDS}
    return {seed: (finding.verdict, finding.reason) for seed, finding in found.items() if not _is_for(mutant, finding)}


def _is_for(mutant, finding):
    return finding.verdict == "violated" and all(words in finding.reason for words in mutant.words)


def verdict(law, subject, *, examples=30, seed=0):
    """What is said of a subject, with the reason if there is one."""
    finding = judge(law, subject, examples=examples, seed_=seed, shrink=False)
    return (finding.verdict, finding.reason) if finding.reason else finding.verdict


def unproved(laws, mutants):
    """The ids of laws that no mutant is for."""
    return {law.id for law in laws} - {mutant.breaks for mutant in mutants}

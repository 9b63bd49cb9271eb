"""Two ratings of the same cases as right or wrong: what the cases that flipped say."""

from __future__ import annotations

__all__ = ["mcnemar_mid_p"]


def mcnemar_mid_p(only_a: int, only_b: int) -> float:
    """Two-sided p value of McNemar's test, exact with the mid-p correction.

    Cases that both passed, or both failed, say nothing; of the others each would be a coin's toss if neither side were
    better. Mid-p (Fagerland, Lydersen & Laake, BMC Medical Research Methodology 13:91, 2013) counts the observed
    result by half: the exact test is far too cautious, the asymptotic one too bold.

    Args:
        only_a: cases that only the first passed.
        only_b: cases that only the second passed.

    Raises:
        ValueError: one is negative, or no integer.
    """
    _check(only_a, only_b)
    n, fewer = only_a + only_b, min(only_a, only_b)
    if only_a == only_b:
        return 1.0
    tosses, below = 1, 0  # outcomes of n tosses with exactly k heads, and with fewer
    for k in range(fewer):
        below += tosses
        tosses = tosses * (n - k) // (k + 1)
    return (2 * below + tosses) / (1 << n)


def _check(only_a: int, only_b: int) -> None:
    for name, count in (("only_a", only_a), ("only_b", only_b)):
        if count != int(count) or count < 0:
            raise ValueError(f"{name}={count!r} is no count of cases: expected 0, 1, 2, …")

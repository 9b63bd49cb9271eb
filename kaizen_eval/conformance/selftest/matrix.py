"""The kill matrix as text: for each group of laws, which of them complains of which mutant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from kaizen_eval.amounts import many
from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.selftest.outcome import SelfTest
from kaizen_eval.conformance.selftest.proof import Proof

__all__ = ["KEY", "matrix"]

KEY = "● its law complains, for the stated reason   ! it does not   ○ another law does, too   · no complaint"


def matrix(found: SelfTest, *, width: int = 80) -> str:
    """One block for each group that has mutants."""
    groups: dict[str, list[Proof]] = {}
    for proof in found.proofs:
        groups.setdefault(found.book.by_id[proof.mutant.breaks].group, []).append(proof)
    blocks = [
        "\n".join(_block(group, [law for law in found.book.laws if law.group == group], proofs, width))
        for group, proofs in groups.items()
    ]
    return "\n\n".join(blocks)


def _block(group: str, laws: Sequence[Law], proofs: Sequence[Proof], width: int) -> Iterator[str]:
    yield f"{group}: {many(len(laws), 'law')}, {many(len(proofs), 'mutant')}"
    named = (f"{place} {law.id.partition('.')[2]}".replace(" ", "\0") for place, law in enumerate(laws, start=1))
    for line in wrap("  ".join(named), width - 2, break_on_hyphens=False, break_long_words=False):
        yield f"  {line}".replace("\0", " ")
    column = min(max(len(proof.mutant.id) for proof in proofs), width - 2 - 3 * len(laws))
    yield f"  {'':{column}}" + "".join(f"{place:>3}" for place in range(1, len(laws) + 1))
    for proof in proofs:
        signs = "".join(f"{_sign(proof, law):>3}" for law in laws)
        yield f"  {_cut(proof.mutant.id, column):{column}}{signs}"


def _sign(proof: Proof, law: Law) -> str:
    if law.id == proof.mutant.breaks:
        return "!" if any(proof.problems()) else "●"
    return "○" if proof.complains(law.id) else "·"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"

"""What a signature says of cases: which output a bare value means, what does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from kaizen_eval.evals.dataset.telling import shown

if TYPE_CHECKING:
    from kaizen_eval.signatures import Signature

__all__ = ["Fitting", "Misfit"]


class Misfit(NamedTuple):
    path: tuple[str | int, ...]
    """Into a turn: ("inputs", "question")."""
    said: str
    """A sentence."""


class Fitting:
    """Holds cases against a signature; without one, all fits but an expected value that stands alone."""

    def __init__(self, signature: type[Signature] | None) -> None:
        self.signature = signature
        outputs = () if signature is None else tuple(signature.output_fields)
        self._only = outputs[0] if len(outputs) == 1 else None
        self._outputs = outputs

    def is_bare(self, expected: Any) -> bool:
        """Whether an expected value means the only output, and not outputs by name."""
        if self._only is None or self.signature is None:
            return not isinstance(expected, Mapping)
        if not isinstance(expected, Mapping):
            return True
        if not expected or expected.keys() == {self._only}:
            return False
        return not self.signature.output_misfits({self._only: expected})

    def by_field(self, expected: Any) -> Mapping[str, Any] | None:
        """The expected value by output; None where nobody can say which output it is for."""
        if not self.is_bare(expected):
            named: Mapping[str, Any] = expected
            return named
        return None if self._only is None else {self._only: expected}

    def unnamed(self, expected: Any) -> str:
        """Why a value that stands alone cannot be taken."""
        said = f"expected is {shown(expected)}"
        if self.signature is None:
            return (
                f"{said}, and nothing says which output that is: write {{output: …}}, or name the signature, as in "
                f"Dataset.load(…, signature=…)."
            )
        names = ", ".join(self._outputs)
        return (
            f"{said}, and {self.signature.__name__} has {len(self._outputs)} outputs: write which, as in "
            f"{{{self._outputs[0]}: …}}. They are: {names}."
        )

    def fields(self) -> dict[str, tuple[str, ...]]:
        """Names of fields by the part of a case in which they stand."""
        if self.signature is None:
            return {}
        return {"inputs": tuple(self.signature.input_fields), "expected": self._outputs}

    def part_of(self, name: str) -> str | None:
        """In which part a field stands; None where there is no such field."""
        return next((part for part, names in self.fields().items() if name in names), None)

    @property
    def needs_none(self) -> bool:
        """Whether all inputs have defaults."""
        return self.signature is not None and not self.signature.input_misfits({})

    def takes(self, part: str, name: str) -> bool:
        """Whether a field may stand in a part."""
        if self.signature is None:
            return True
        from kaizen_eval.signatures import AnySignature  # noqa: PLC0415 - loads pydantic

        return name in self.fields()[part] or (part == "inputs" and issubclass(self.signature, AnySignature))

    def fits(self, part: str, name: str, value: Any) -> bool:
        """Whether one field may have this value."""
        if self.signature is None:
            return True
        if part == "inputs":
            return not self.signature.input_misfits({name: value}, partial=True)
        return not self.signature.output_misfits({name: value})

    def misfits(self, inputs: Mapping[str, Any], expected: Mapping[str, Any] | None) -> Iterator[Misfit]:
        """All that does not fit in one turn."""
        if self.signature is None:
            return
        for name, said in self.signature.input_misfits(inputs):
            yield Misfit(("inputs", name), said)
        if expected is not None:
            for name, said in self.signature.output_misfits(expected):
                yield Misfit(("expected", name), f"expected: {said}")

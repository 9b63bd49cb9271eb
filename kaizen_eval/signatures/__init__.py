"""Signatures: what an agent takes and gives back, declared as a class."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.signatures.fields import Field, InputField, OutputField
    from kaizen_eval.signatures.signature import AnySignature, Signature

__all__ = ["AnySignature", "Field", "InputField", "OutputField", "Signature"]

_HOMES = {
    "AnySignature": "signature",
    "Field": "fields",
    "InputField": "fields",
    "OutputField": "fields",
    "Signature": "signature",
}


if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)

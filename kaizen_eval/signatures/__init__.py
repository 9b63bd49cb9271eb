"""Signatures: what an agent takes and gives back, declared as a class."""

from __future__ import annotations

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

    def __getattr__(name):  # noqa: ANN001, ANN202 - no type-checker comes here
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - the fake needs a module of this package without pydantic

        globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

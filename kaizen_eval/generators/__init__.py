"""Hypothesis strategies for what agents are given and told: values, replies, faults, conversations."""

from __future__ import annotations

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.generators import profiles
    from kaizen_eval.generators.invalid import Invalid, invalid_inputs, invalid_outputs
    from kaizen_eval.generators.random_signatures import signatures
    from kaizen_eval.generators.schemas import from_json_schema
    from kaizen_eval.generators.values import inputs, outputs

__all__ = [
    "Invalid",
    "from_json_schema",
    "inputs",
    "invalid_inputs",
    "invalid_outputs",
    "outputs",
    "profiles",
    "signatures",
]

_HOMES = {
    "Invalid": "invalid",
    "from_json_schema": "schemas",
    "inputs": "values",
    "invalid_inputs": "invalid",
    "invalid_outputs": "invalid",
    "outputs": "values",
    "profiles": "profiles",
    "signatures": "random_signatures",
}


if not TYPE_CHECKING:  # else type-checkers would believe every name

    def __getattr__(name):  # noqa: ANN001, ANN202 - no type-checker comes here
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - hypothesis is large, and most names need but one module

        home = import_module(f"{__name__}.{_HOMES[name]}")
        globals()[name] = getattr(home, name, home)  # profiles is a module itself
        return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

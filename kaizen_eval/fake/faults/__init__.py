"""The faults by name: what a provider does wrong on purpose.

`.fail("rate_limit", retry_after=3600)` equals `.fail(RateLimit(retry_after=3600))`. What each is, takes and leads to is
told by `kaizen-eval faults` and by docs/faults.md, both made by letting it happen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.faults.base import Fault
from kaizen_eval.suggestion import suggestion

__all__ = ["FAULTS", "ambiguous", "fault_of", "written"]


class _Faults(Mapping[str, type[Fault]]):
    """Loaded when somebody looks: a server without a script starts without them."""

    def __getitem__(self, name: str) -> type[Fault]:
        return _loaded()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_loaded())

    def __len__(self) -> int:
        return len(_loaded())


FAULTS: Mapping[str, type[Fault]] = _Faults()


@cache
def _loaded() -> Mapping[str, type[Fault]]:
    from kaizen_eval.fake.faults import body, connection, delivery, reply, status, tool_calls  # noqa: PLC0415 - see above
    from kaizen_eval.fake.faults.streams import additions, changes, cuts  # noqa: PLC0415 - see above

    modules = (status, connection, delivery, body, cuts, additions, changes, reply, tool_calls)
    return {fault.name: fault for module in modules for fault in module.FAULTS}


def fault_of(fault: object, details: Mapping[str, Any]) -> Fault:
    """The fault itself, or the one of this name or class with these details.

    Raises:
        ScriptError: an unknown name, an unknown detail, or one that cannot work.
    """
    if isinstance(fault, Fault):
        if details:
            raise ScriptError(
                f"Details belong to a fault's name; {fault!r} has its own. Leave out: {', '.join(details)}."
            )
        return fault
    kind = FAULTS.get(fault) if isinstance(fault, str) else fault
    if not isinstance(kind, type) or not issubclass(kind, Fault):
        raise ScriptError(_unknown(fault))
    takes = [field.name for field in dataclasses.fields(kind)]
    for name in details:
        if name not in takes:
            known = ", ".join(takes)
            raise ScriptError(f"{kind.name} has no detail {name!r}{suggestion(name, takes)} It takes: {known}.")
    missing = [name for name in _needs(kind) if name not in details]
    if missing:
        raise ScriptError(f"{kind.name} needs {', '.join(missing)}: .fail({kind.name!r}, {missing[0]}=…).")
    return kind(**details)


def written(kind: type[Fault]) -> str:
    """The fault as a value, such as `RateLimit()`."""
    return f"{kind.__name__}({', '.join(f'{name}=…' for name in _needs(kind))})"


def ambiguous(name: str, *, where: str, fault: str) -> ScriptError:
    """The error for a text that is a fault's name, too."""
    return ScriptError(
        f"{where} was given {name!r}, which is a text and the name of a fault: for the fault write {fault}, for the "
        f"text Reply({name!r})."
    )


def _needs(kind: type[Fault]) -> list[str]:
    return [field.name for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING]


def _unknown(fault: object) -> str:
    if isinstance(fault, str):
        return f"There is no fault {fault!r}{suggestion(fault, list(FAULTS))} There are: {', '.join(FAULTS)}."
    return f".fail() takes a fault or the name of one, such as 'rate_limit', not {fault!r}."

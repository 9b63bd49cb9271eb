"""What the annotations of a class body mean, names local to the enclosing function included."""

from __future__ import annotations

import inspect
import re
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from kaizen_eval.errors import SignatureDefinitionError
from kaizen_eval.signatures.fields import Field

__all__ = ["Scope", "is_class_variable"]


class Scope:
    """The names that the annotations of one class body may use."""

    def __init__(self, body: Mapping[str, Any], frame: types.FrameType) -> None:
        module = sys.modules.get(body.get("__module__", ""))
        self._globals = frame.f_globals if module is None else vars(module)
        self._locals: dict[str, Any] = {}
        for names in (*reversed([*_enclosing_locals(frame)]), body):
            self._locals |= {name: value for name, value in names.items() if not isinstance(value, Field)}

    def resolve(self, where: str, name: str, annotation: Any) -> Any:
        """The annotation as a type; one that is text is evaluated."""
        if isinstance(annotation, Field):
            raise SignatureDefinitionError(
                f"{where} hides the type of the same name; rename it, or put "
                f"'from __future__ import annotations' at the top of the module."
            )
        holder = types.SimpleNamespace(__annotations__={name: annotation})
        try:
            hints = typing.get_type_hints(holder, self._globals, self._locals, include_extras=True)
        except NameError as error:
            raise SignatureDefinitionError(
                f"{where} has the type {annotation!r}, and {error.name!r} is not known where the class is made; "
                f"import or define it before the class, and not under TYPE_CHECKING."
            ) from error
        except (SyntaxError, TypeError, AttributeError) as error:
            raise SignatureDefinitionError(f"{where} has {annotation!r} as its type, which is none: {error}") from error
        return hints[name]


def is_class_variable(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return re.match(r"(\w+\.)?ClassVar\b", annotation) is not None
    return annotation is ClassVar or typing.get_origin(annotation) is ClassVar


def _enclosing_locals(frame: types.FrameType | None) -> Iterator[Mapping[str, Any]]:
    """From the frame that makes the class outwards: the class bodies around it, then the function around those."""
    while frame is not None and frame.f_locals is not frame.f_globals:
        yield dict(frame.f_locals)
        if frame.f_code.co_flags & inspect.CO_NEWLOCALS and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
            return
        frame = frame.f_back

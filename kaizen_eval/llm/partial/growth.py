"""How an output field may be told while it is written: a text as it grows, a list by its elements, all else whole."""

from __future__ import annotations

import types
import typing
from functools import lru_cache
from typing import Any

from kaizen_eval.llm.parsing.strict import decode
from kaizen_eval.llm.partial.coming_text import Unreadable
from kaizen_eval.signatures import Signature
from kaizen_eval.signatures.fields import Field
from kaizen_eval.signatures.json_form import json_text
from kaizen_eval.signatures.limits import constrained
from kaizen_eval.signatures.slot import Shape, compiled
from kaizen_eval.signatures.type_forms import members

__all__ = ["Growth", "growths"]

_LENGTHS = {"min_length", "max_length"}


class Growth:
    """Of one field. Never changes once made, so that runs may share it."""

    def __init__(self, owner: str, field: Field) -> None:
        self.name = field.name
        alone = _alone(field.annotation)
        is_plain = field.constraints.keys() <= _LENGTHS
        self.is_text = is_plain and alone is str
        """Whether each beginning of a value fits as soon as it is long enough."""
        self.is_list = is_plain and typing.get_origin(alone) is list
        """Whether each of its elements may be checked by itself."""
        self._least = field.constraints.get("min_length", 0)
        self._most = field.constraints.get("max_length")
        self._whole = compiled(owner, {self.name: constrained(field.annotation, field.constraints)})
        self._element = compiled(owner, {self.name: alone}) if self.is_list else self._whole

    def is_long_enough(self, value: str | list[Any]) -> bool:
        """Whether a beginning fits, and not only the whole."""
        return self._least <= len(value) and (self._most is None or len(value) <= self._most)

    def whole(self, text: str) -> Any:
        """The typed value.

        Raises:
            Unreadable: the text is no JSON.
            ValueError: the value does not fit.
        """
        return self._typed(self._whole, _decoded(text))

    def element(self, text: str) -> Any:
        """The same, for one element of a list."""
        return self._typed(self._element, [_decoded(text)])[0]

    def _typed(self, shape: Shape, data: object) -> Any:
        return shape.validate_json(json_text({self.name: data}), strict=True)[self.name]


@lru_cache(maxsize=1024)
def growths(signature: type[Signature]) -> dict[str, Growth]:
    """By output field, in their order."""
    return {name: Growth(signature.name, field) for name, field in signature.output_fields.items()}


def _alone(annotation: Any) -> Any:
    """The type, without None; Any where there are several."""
    types_but_none = [member for member in members(annotation) if member is not types.NoneType]
    return types_but_none[0] if len(types_but_none) == 1 else Any


def _decoded(text: str) -> object:
    try:
        return decode(text)
    except ValueError as error:
        raise Unreadable from error

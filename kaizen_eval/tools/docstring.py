"""What a docstring says of a function and its parameters."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from docstring_parser import Docstring

__all__ = ["Told", "told"]


class Told(NamedTuple):
    description: str
    """The first paragraph, as one line; empty without one."""
    parameters: Mapping[str, str]
    """Descriptions by name, as far as there are any."""


def told(docstring: str | None) -> Told:
    """Read in the style of Google, NumPy, Sphinx or Epydoc, whichever it is."""
    text = inspect.cleandoc(docstring or "")
    if "\n" not in text:
        return Told(text, {})
    from docstring_parser import parse  # noqa: PLC0415 - most docstrings are one line

    parsed = parse(text)
    described = {found.arg_name.lstrip("*"): _line(found.description) for found in parsed.params if found.description}
    return Told(_first_paragraph(parsed), described)


def _first_paragraph(parsed: Docstring) -> str:
    """The parser takes the first line for the whole summary."""
    if parsed.blank_after_short_description or not parsed.long_description:
        return _line(parsed.short_description or "")
    rest = parsed.long_description.partition("\n\n")[0]
    return _line(f"{parsed.short_description} {rest}")


def _line(text: str) -> str:
    return " ".join(text.split())

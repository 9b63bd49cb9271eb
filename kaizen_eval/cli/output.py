"""What commands print: tables and texts for people, JSON for programs."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

__all__ = ["as_json", "console", "legible", "show"]

_PIPE_WIDTH = 1_000
"""Columns where nobody said how many there are: what reads a pipe wants whole lines."""
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal would obey, or show in another order, and what no file can hold."""


def console(options: argparse.Namespace, *, pipe_width: int = _PIPE_WIDTH) -> Console:
    from rich.console import Console  # noqa: PLC0415 - only who looks at it needs to draw

    is_plain = options.no_color or bool(os.environ.get("NO_COLOR"))
    is_known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(
        color_system=None if is_plain else "auto",
        width=None if is_known else pipe_width,
        highlight=False,
        markup=False,
        emoji=False,
    )


def show(console: Console, parts: Iterable[RenderableType]) -> None:
    """One below the other, without the blanks that fill lines up; what is a line by itself is not broken."""
    from rich.text import Text  # noqa: PLC0415 - as above

    for part in parts:
        with console.capture() as drawn:
            console.print(part, soft_wrap=isinstance(part, str | Text))
        print("\n".join(line.rstrip() for line in drawn.get().splitlines()))


def as_json(value: Any) -> None:
    print(json.dumps(value, indent=2))


def legible(text: str) -> str:
    """The text with what a terminal would obey written out, as in a Python string."""
    return _UNSEEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text.replace("\r\n", "\n"))

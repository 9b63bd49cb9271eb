"""Reads the code blocks of a Markdown file.

An HTML comment on the line above a block says what becomes of it:

- `<!-- not run: REASON -->`: nothing;
- `<!-- file: NAME -->`: it is written to that file, for the commands that follow.

Without one, `python` blocks run, in order, as one module (tests in it are run by pytest, agents in it find a fake
model), and in `console` blocks each `$ ` line is a command whose output must hold the lines below it; a line `...`
stands for any lines. Blocks of data (`json`, `toml`, `yaml`, `ini`) and `text` are only looked at.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["LANGUAGES", "Block", "Command", "blocks", "commands", "holds", "module"]

LANGUAGES = ("console", "ini", "json", "python", "text", "toml", "yaml")

_BLOCK = re.compile(
    r"(?:^[ ]*<!--[ ]*(?P<mark>not run|file):[ ]*(?P<value>.*?)[ ]*-->[ ]*\n)?"
    r"^(?P<indent>[ ]*)```(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=indent)```[ ]*$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    language: str
    text: str
    line: int
    """Of its first line of text, counted from 1."""
    mark: str | None = None
    """ "not run", "file" or None."""
    value: str | None = None
    """The reason or the file's name."""


@dataclass(frozen=True, slots=True)
class Command:
    """A line after `$ ` and the lines that its output must hold."""

    line: str
    output: tuple[str, ...] = ()


def blocks(markdown: str) -> Iterator[Block]:
    for match in _BLOCK.finditer(markdown):
        yield Block(
            language=match["language"].strip(),
            text=textwrap.dedent(match["text"]),
            line=markdown.count("\n", 0, match.start("text")) + 1,
            mark=match["mark"],
            value=match["value"],
        )


def module(found: list[Block]) -> str:
    """The blocks that run as one module, each on the lines where it stands in the document."""
    source = ""
    for block in found:
        if block.language == "python" and block.mark is None:
            source += "\n" * (block.line - 1 - source.count("\n")) + block.text
    return source


def commands(block: Block) -> Iterator[Command]:
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, *output = part.rstrip("\n").split("\n")
        yield Command(line, tuple(output))


def holds(output: str, expected: tuple[str, ...]) -> bool:
    """Whether the expected lines stand in the output, one below the other but where `...` leaves room."""
    lines = [re.escape(line.rstrip()) if line.strip() != "..." else None for line in expected]
    pattern = r"(?:^|\n)" + "".join(r"(?:[^\n]*\n)*?" if line is None else rf"{line}\s*?(?:\n|$)" for line in lines)
    return re.search(pattern, output) is not None

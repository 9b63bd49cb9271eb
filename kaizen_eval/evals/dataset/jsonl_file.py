"""Cases in a JSONL file: one in each line, read when it is asked for, so that a file may be larger than the memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jiter

from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.written import Spot, Written

__all__ = ["line_at", "lines_of"]

_WORDS = {
    "EOF while parsing": "the line ends inside of",
    "Detected": "detected",
    "expected ident": "expected a value",
}
"""Some of the parser's, in plain ones."""
_BOM = b"\xef\xbb\xbf"


def lines_of(path: Path, problems: Problems) -> Iterator[tuple[int, Written]]:
    """Each case with the byte at which its line begins; a line that is no JSON is a problem. Blank ones are passed."""
    at = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            begin, at = at, at + len(line)
            text = line.removeprefix(_BOM) if number == 1 else line
            if text.isspace() or not text:
                continue
            written = _written(text, Spot(number), problems)
            if written is not None:
                yield begin, written


def line_at(path: Path, begin: int) -> Written:
    """The case whose line begins at this byte, which was read before."""
    with path.open("rb") as file:
        file.seek(begin)
        return Written(jiter.from_json(file.readline().removeprefix(_BOM).rstrip()), Spot())


def _written(text: bytes, spot: Spot, problems: Problems) -> Written | None:
    try:
        value: Any = jiter.from_json(text.rstrip(), catch_duplicate_keys=True, allow_inf_nan=False, cache_mode="keys")
    except ValueError as error:
        problems.add(spot, _refusal(text, error))
        return None
    return Written(value, spot)


def _refusal(text: bytes, error: ValueError) -> str:
    try:
        text.decode()
    except UnicodeDecodeError as wrong:
        return f"the file is no UTF-8: the byte 0x{text[wrong.start]:02x} in column {wrong.start + 1}."
    said = str(error).replace(" at line 1 column ", " in column ")
    for words, instead in _WORDS.items():
        said = said.replace(words, instead)
    if text.strip() in {b"[", b"{"}:
        return f'this is no JSON: {said}. Each line holds one whole case, as in {{"inputs": {{…}}, "expected": {{…}}}}.'
    return f"this is no JSON: {said}."

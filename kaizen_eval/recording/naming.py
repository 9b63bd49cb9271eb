"""Where the cassette of a test is kept: a path that file systems take, people read, and no two tests share."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

__all__ = ["UNRECORDED", "cassette_path"]

UNRECORDED = "unrecorded.yaml"
"""Beside the cassettes of a suite: which tests could not be recorded. No cassette has this name."""

_SAFE = re.compile(r"[a-z0-9_][a-z0-9_+-]*")
"""What needs no change: case, normal forms, shells and endings make nothing else of it."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_+]+")
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]|conin|conout|clock|unrecorded")
"""What Windows takes for a device, with any ending; and our own list."""
_LONGEST = 120
"""Characters of a name: with the endings of what stands beside a cassette fewer than the 143 that eCryptfs takes."""
_DIGITS = 10
_MARKED = re.compile(rf"(?:.*-)?[0-9a-f]{{{_DIGITS}}}")


def cassette_path(folder: Path, suite: str, test_name: str) -> Path:
    """`cassettes/suites/test_qa/test_answers.yaml`; a name that could meet another ends with a digest of the whole.

    Args:
        folder: of all cassettes.
        suite: with slashes between folders, as pytest writes it: "suites/test_qa.py".
        test_name: with its parameters: "test_answers[a/b]".
    """
    parts = [_name(part) for part in suite.removesuffix(".py").split("/") if part]
    return folder.joinpath(*parts, f"{_name(test_name)}.yaml")


def _name(text: str) -> str:
    """The text itself where that is safe everywhere, else what is readable of it, with a digest."""
    if (
        _SAFE.fullmatch(text)
        and len(text) <= _LONGEST
        and not _RESERVED.fullmatch(text)
        and not _MARKED.fullmatch(text)
    ):
        return text
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    readable = _UNSAFE.sub("-", plain)[: _LONGEST - _DIGITS - 1].strip("-")
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return f"{readable}-{digest}" if readable else digest

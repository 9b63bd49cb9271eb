"""Which encoding a model uses, told by its name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

__all__ = ["EncodingName", "encoding_name"]

EncodingName = Literal["o200k_base", "cl100k_base"]

_O200K = r"(?:chat)?gpt-4o|gpt-4\.[15]|gpt-5|gpt-oss|o[134]"
"""gpt-oss has o200k_harmony, which differs in special tokens alone."""
_CL100K = r"gpt-4|gpt-3\.?5|text-embedding-(?:3|ada-002)|(?:davinci|babbage)-002"
_FAMILIES: tuple[tuple[re.Pattern[str], EncodingName], ...] = (
    (re.compile(rf"(?:{_O200K})(?=[-.@]|\Z)"), "o200k_base"),
    (re.compile(rf"(?:{_CL100K})(?=[-@]|\Z)"), "cl100k_base"),
)
"""OpenAI's own table (tiktoken 0.14); a name that goes on with a date or a size is of the family."""


@lru_cache(maxsize=256)
def encoding_name(model: str) -> EncodingName | None:
    """None for a model that nobody knows; "openai/gpt-4o" and "ft:gpt-4o-mini:org::id" are what they are made of."""
    for part in model.rpartition("/")[2].lower().split(":"):
        for family, name in _FAMILIES:
            if family.match(part):
                return name
    return None

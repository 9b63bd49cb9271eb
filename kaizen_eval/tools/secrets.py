"""What looks like a secret in the words of an exception that any library may have raised."""

from __future__ import annotations

import re

__all__ = ["blotted"]

_HIDDEN = "[secret]"
_IN_ADDRESS = r"(?<=://)[^\s:/@]{0,256}:[^\s/@]{1,256}(?=@)"
_AFTER_ITS_NAME = (
    r"(?i:(?<=password=)|(?<=passwd=)|(?<=pwd=)|(?<=secret=)|(?<=token=)|(?<=api_key=)|(?<=apikey=)|(?<=access_key=))"
    r"""(?:"[^"]*"|'[^']*'|[^\s&;,"')]+)"""
)
_KNOWN = (
    r"\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|"
    r"AIza[\w-]{35,}|hf_\w{30,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}[\w.-]*)"
)
_SECRET = re.compile(f"{_IN_ADDRESS}|{_AFTER_ITS_NAME}|{_KNOWN}")


def blotted(text: str) -> str:
    """Without user and password of an address, what follows `password=` and the like, and usual kinds of tokens."""
    return _SECRET.sub(_HIDDEN, text)

"""The patterns of texts that hold numbers: keys of dicts, which JSON writes as strings."""

from __future__ import annotations

__all__ = ["INTEGER", "NUMBER"]

INTEGER = r"^(?:0|-?[1-9][0-9]*)$"
"""The text of an integer, as a key; beside it, `minimum` and its like bind the number that the text holds."""
NUMBER = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
"""The text of any JSON number."""

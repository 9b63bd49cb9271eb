"""What those that write values and classes need of the module for which they write."""

from __future__ import annotations

from typing import Any, Protocol

from kaizen_eval.conformance.written.layout import Node

__all__ = ["Names", "NotWritable"]


class NotWritable(Exception):
    """Something has no form as source: what, in a few words."""


class Names(Protocol):
    """Gives names to what an expression uses."""

    def node(self, value: Any) -> Node: ...

    def name(self, thing: Any) -> str: ...

    def imported(self, home: str, path: str, thing: Any) -> str: ...

    def standard(self, name: str) -> str: ...

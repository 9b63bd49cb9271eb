"""Writes plain values as YAML that every reader takes for the same ones."""

from __future__ import annotations

import re
from typing import Any

import yaml

__all__ = ["dumped"]

_LINES_TO_SOME = re.compile("[\x85\u2028\u2029]")
"""Line ends in version 1.1, and nothing special in 1.2."""


class _Dumper(yaml.SafeDumper):
    """Quotes what any version of YAML takes for something else than a text; each value is written where it stands."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's method
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002
        return super().increase_indent(flow, indentless=False)


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if _LINES_TO_SOME.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


def dumped(value: dict[str, Any]) -> str:
    """One document."""
    return str(
        yaml.dump(value, Dumper=_Dumper, default_flow_style=False, allow_unicode=True, sort_keys=False, width=2**31 - 1)
    )

"""What a tool of a server gives, out of the result as MCP words it."""

from __future__ import annotations

import pytest

from kaizen_eval.tools.mcp.results import value_of


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        ({"type": "text", "text": "rain"}, "rain"),
        (
            {"type": "image", "mimeType": "image/png", "data": "AA"},
            "[image, image/png: it cannot be passed on as text]",
        ),
        ({"type": "resource_link", "uri": "file:///a", "name": "a"}, "[resource file:///a: a]"),
        ({"type": "resource", "resource": {"uri": "file:///a", "text": "rain"}}, "rain"),
        (
            {"type": "resource", "resource": {"uri": "file:///a", "blob": "AA"}},
            "[resource file:///a, of an unknown kind: it cannot be passed on as text]",
        ),
        ({"type": "hologram"}, "[content of the kind 'hologram': it cannot be passed on as text]"),
    ],
)
def test_what_is_no_text_is_named(block, shown):
    assert value_of({"content": [{"type": "text", "text": "Look:"}, block]}) == f"Look:\n{shown}"

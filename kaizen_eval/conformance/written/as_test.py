"""The test that a report prints: one law, one strategy, one situation."""

from __future__ import annotations

from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.written.layout import Group, laid
from kaizen_eval.conformance.written.module import Module

__all__ = ["as_test"]


def as_test(law_id: str, reference: str, situation: Situation) -> str:
    """A module that pytest can run; `reference` is the `module:Name` of what is judged.

    Raises:
        NotWritable: something in the situation has no form as source.
    """
    module = Module()
    home, _, path = reference.partition(":")
    subject = module.imported(home, path, reference)
    keeps = module.imported("kaizen_eval.conformance", "assert_keeps", "assert_keeps")
    items = (("", f'"{law_id}"'), ("", subject), ("", module.node(situation)))
    call = laid(Group(f"{keeps}(", items, ")"), indent=4)
    name = law_id.replace(".", "_").replace("-", "_")
    return f"{module.head()}def test_{name}():\n    {call}\n"

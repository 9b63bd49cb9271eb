"""Assertions over trajectories, as type checkers see them."""

from __future__ import annotations

import re
from typing import assert_type

from kaizen_eval import BaseAgent
from kaizen_eval.fake import ABSENT, Contains, Exactly, FakeLLM
from kaizen_eval.messages import ToolCall
from kaizen_eval.testing import assert_not_called_before, assert_tool_not_called, assert_tools_called

llm = FakeLLM()
result = BaseAgent(provider=llm).run(question="a")
names = ["search", "book"]
assert_tools_called(result, names, order="any", outcome="ok")
assert_tools_called(llm, ["search", re.compile("b"), ("book", {"hotel": Contains("x"), "nights": 2})])
assert_tools_called(result["_steps"], [("book", Exactly({})), ("book", lambda given: given["a"])], order="subset")
assert_tool_not_called(llm.journal, ("book", {"hotel": ABSENT}))
assert_not_called_before(result.steps, "book", ("search", re.compile("Rome")), outcome="ok")
llm.assert_tools_called(names, session=re.compile("a"), agent="desk")
assert_tools_called(result, names, order="exakt")  # type: ignore[arg-type]  # no such order
llm.assert_tool_not_called(3)  # type: ignore[arg-type]  # no tool
assert_type(llm.journal.tool_calls, tuple[ToolCall, ...])
assert_type(llm.exchanges[0].tool_calls, tuple[ToolCall, ...])

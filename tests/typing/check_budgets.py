"""Budgets: what they take, and what they say."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from decimal import Decimal
from typing import assert_type

from kaizen_eval import AgentConfig, Budget
from kaizen_eval.budgets import Spent

budget = Budget(max_cost="0.05", max_seconds=2, per="session")
AgentConfig(budget=budget)
AgentConfig(budget=[budget, Budget(max_cost=1.5, max_calls=3)])
AgentConfig(budget=())

assert_type(budget.spent("a"), Spent)
assert_type(budget.spent().cost, Decimal | None)
assert_type(budget.spent().seconds, float)
budget.reset("a")

Budget(5)  # type: ignore[call-arg]  # by keyword
Budget(max_calls=1, per="day")  # type: ignore[arg-type]  # no such scope
AgentConfig(budget=5)  # type: ignore[arg-type]  # no budget

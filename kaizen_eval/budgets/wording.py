"""What is said of a budget that is used up, or that cannot be kept."""

from __future__ import annotations

from decimal import Decimal

from kaizen_eval.budgets.limits import Limits, figure_of
from kaizen_eval.budgets.spent import Spent
from kaizen_eval.budgets.tallies import Scope

__all__ = ["no_price", "used_up"]


def used_up(  # noqa: PLR0913 - all that a reader may ask
    limits: Limits, limit: str, spent: Spent, *, per: Scope, session_id: str | None, next_step: str
) -> str:
    """What of it, by whom, what was not done, and how to go on."""
    figure, value = figure_of(limit, spent), _written(getattr(limits, limit))
    scope = _scope(per, session_id)
    if figure is None:
        return (
            f"The budget of {scope} cannot be kept any more: {limit}={value}, and the provider did not say what an "
            f"attempt used. The next {next_step} was not begun; limit max_calls, or ask a provider that reports usage."
        )
    return (
        f"The budget of {scope} is used up: spent {_written(figure)} of {limit}={value}. "
        f"The next {next_step} was not begun; {_way_on(limit, per, session_id)}."
    )


def no_price(limits: Limits, model: str | None) -> str:
    budget = f"A budget of max_cost={_written(limits.max_cost)} cannot be kept"
    if model is None:
        return f"{budget}: no model is set, so there is no price. Nothing was asked; set model in the agent's config."
    return (
        f"{budget}: the price of model {model!r} is unknown. Nothing was asked; tell it in the agent's config, in USD "
        f"per million tokens: prices={{{model!r}: Price(input=…, output=…)}}."
    )


def _scope(per: Scope, session_id: str | None) -> str:
    if per == "process":
        return "this process"
    return "this run" if per == "run" or session_id is None else f"session {session_id!r}"


def _way_on(limit: str, per: Scope, session_id: str | None) -> str:
    if per == "process":
        return f"raise {limit}, or begin anew with budget.reset()"
    if per == "run" or session_id is None:
        return f"raise {limit} if a run may spend more"
    return f"raise {limit}, or let the session begin anew with budget.reset({session_id!r})"


def _written(figure: Decimal | float | None) -> str:
    return f"{figure:f} USD" if isinstance(figure, Decimal) else f"{figure}"

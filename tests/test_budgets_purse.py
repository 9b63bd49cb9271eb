"""What a purse lets through, and what budgets count, without any agent: figures in, refusals out."""

from __future__ import annotations

import copy
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.budgets import NO_LIMITS, Budget, Purse, Spent
from kaizen_eval.budgets.lock import locked
from kaizen_eval.errors import BudgetExceeded, ConfigError, UsageError


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def no_lookup():
    raise AssertionError("the price was looked up")


def attempt(purse, tokens=0, cost=Decimal(0), *, is_first=True):
    """Begun and billed."""
    purse.before_attempt(is_first=is_first, model="m", price_known=lambda: True)
    purse.after_attempt(tokens=tokens, cost=cost)


def refusal(act):
    """The text, the limit and the figures of what is refused; None where it is not."""
    try:
        act()
    except BudgetExceeded as error:
        return str(error), error.limit, error.spent
    return None


# --- settings ---------------------------------------------------------------------------------------------------------

MISTAKES = {
    "A Budget needs at least one limit: max_cost, max_tokens, max_calls, max_tool_calls, max_seconds.": {},
    "max_cost must be a finite number of at least 0, not -1.": {"max_cost": -1},
    "max_cost must be a number, not 'a lot'.": {"max_cost": "a lot"},
    "max_tokens must be a whole number, not 1.5.": {"max_tokens": 1.5},
    "max_calls must be a whole number, not True.": {"max_calls": True},
    "max_tool_calls must be at least 0, not -1.": {"max_tool_calls": -1},
    "max_seconds must be a number, not nan.": {"max_seconds": float("nan")},
    "per must be one of 'run', 'session', 'process', not 'day'.": {"max_calls": 1, "per": "day"},
    "max_sessions must be at least 1, not 0.": {"max_calls": 1, "max_sessions": 0},
}


@pytest.mark.parametrize("text", MISTAKES)
def test_what_cannot_be_a_budget_is_refused(text):
    with pytest.raises(ConfigError) as error:
        Budget(**MISTAKES[text])
    assert str(error.value) == text


@pytest.mark.parametrize("cost", [0.1, "0.1", Decimal("0.1")])
def test_a_budget_shows_its_limits_and_its_scope(cost):
    assert repr(Budget(max_cost=cost, max_calls=0, per="session")) == "Budget(max_cost=0.1, max_calls=0, per='session')"


def test_a_copy_of_a_budget_is_the_budget():
    budget = Budget(max_calls=1)
    assert (copy.copy(budget), copy.deepcopy([budget])) == (budget, [budget])


@pytest.mark.parametrize(
    ("per", "ask", "text"),
    [
        ("session", Budget.spent, "This budget counts each session by itself: say which, spent(session_id)."),
        (
            "run",
            lambda budget: budget.spent("a"),
            "This budget counts per run, not per session: call spent() without session_id.",
        ),
        (
            "process",
            lambda budget: budget.reset("a"),
            "This budget counts per process, not per session: call reset() without session_id.",
        ),
    ],
)
def test_only_a_budget_per_session_is_asked_for_one(per, ask, text):
    with pytest.raises(UsageError) as error:
        ask(Budget(max_calls=1, per=per))
    assert str(error.value) == text


# --- what is refused, and how -----------------------------------------------------------------------------------------

USED_UP = {
    "The budget of this run is used up: spent 2 of max_calls=2. The next call was not begun; raise max_calls if a run "
    "may spend more.": (Budget(max_calls=2), None, "max_calls", lambda purse: [attempt(purse), attempt(purse)]),
    "The budget of session 'a' is used up: spent 120 of max_tokens=100. The next call was not begun; raise max_tokens, "
    "or let the session begin anew with budget.reset('a').": (
        Budget(max_tokens=100, per="session"),
        "a",
        "max_tokens",
        lambda purse: attempt(purse, tokens=120),
    ),
    "The budget of this run is used up: spent 100 of max_tokens=100. The next call was not begun; raise max_tokens if "
    "a run may spend more.": (
        Budget(max_tokens=100, per="session"),
        None,
        "max_tokens",
        lambda purse: attempt(purse, tokens=100),
    ),
    "The budget of this process is used up: spent 0.0000003 USD of max_cost=0.0000002 USD. The next call was not "
    "begun; raise max_cost, or begin anew with budget.reset().": (
        Budget(max_cost="0.0000002", per="process"),
        "a",
        "max_cost",
        lambda purse: attempt(purse, cost=Decimal("3E-7")),
    ),
    "The budget of this run cannot be kept any more: max_cost=1 USD, and the provider did not say what an attempt "
    "used. The next call was not begun; limit max_calls, or ask a provider that reports usage.": (
        Budget(max_cost=1),
        None,
        "max_cost",
        lambda purse: attempt(purse, tokens=None, cost=None),
    ),
    "The budget of this run cannot be kept any more: max_tokens=9, and the provider did not say what an attempt used. "
    "The next call was not begun; limit max_calls, or ask a provider that reports usage.": (
        Budget(max_tokens=9),
        None,
        "max_tokens",
        lambda purse: attempt(purse, tokens=None, cost=None),
    ),
}


@pytest.mark.parametrize("text", USED_UP)
def test_a_refusal_says_what_of_it_was_spent_by_whom_and_how_to_go_on(text):
    budget, session, limit, spend = USED_UP[text]
    purse = Purse([budget], session_id=session).open()
    spend(purse)
    said, name, spent = refusal(lambda: attempt(purse))
    assert (said, name, spent) == (text, limit, purse.held[0].tally.spent())


def test_a_retry_is_no_call_and_is_held_against_everything_else():
    purse = Purse([Budget(max_calls=1, max_tokens=10)]).open()
    attempt(purse)
    attempt(purse, tokens=10, is_first=False)
    said, *facts = refusal(lambda: attempt(purse, is_first=False))
    assert said == (
        "The budget of this run is used up: spent 10 of max_tokens=10. The next attempt was not begun; raise "
        "max_tokens if a run may spend more."
    )
    assert facts == ["max_tokens", Spent(calls=1, tokens=10)]


def test_a_tool_call_is_no_call_and_is_held_against_everything_else():
    purse = Purse([Budget(max_calls=1, max_tool_calls=1)]).open()
    attempt(purse)
    purse.before_tool()
    said, *facts = refusal(purse.before_tool)
    assert said == (
        "The budget of this run is used up: spent 1 of max_tool_calls=1. The next tool call was not begun; raise "
        "max_tool_calls if a run may spend more."
    )
    assert facts == ["max_tool_calls", Spent(calls=1, tool_calls=1)]


@pytest.mark.parametrize("limit", [{"max_tokens": 5}, {"max_cost": 1}, {"max_seconds": 2}])
def test_what_is_used_up_stops_tools_too(limit):
    clock = Clock()
    purse = Purse([Budget(**limit)], clock=clock).open()
    attempt(purse, tokens=5, cost=Decimal(1))
    clock.now = 2
    assert refusal(purse.before_tool)[1] == next(iter(limit))


@pytest.mark.parametrize("limit", ["max_cost", "max_tokens", "max_calls", "max_seconds"])
def test_a_limit_of_zero_lets_nothing_through(limit):
    purse = Purse([Budget(**{limit: 0})]).open()
    assert refusal(lambda: attempt(purse))[1:] == (limit, Spent())


def test_without_budgets_nothing_is_counted_looked_up_or_refused():
    for purse in (NO_LIMITS.open(), Purse(parent=NO_LIMITS).open()):
        purse.before_attempt(is_first=True, model="m", price_known=no_lookup)
        purse.after_attempt(tokens=None, cost=None)
        purse.before_tool()
        purse.close()
        assert purse.held == ()


def test_the_price_is_looked_up_only_where_the_cost_is_limited():
    Purse([Budget(max_tokens=1)]).open().before_attempt(is_first=True, model="m", price_known=no_lookup)


NO_PRICE = {
    "A budget of max_cost=0.5 USD cannot be kept: the price of model 'in-house' is unknown. Nothing was asked; tell it "
    "in the agent's config, in USD per million tokens: prices={'in-house': Price(input=…, output=…)}.": "in-house",
    "A budget of max_cost=0.5 USD cannot be kept: no model is set, so there is no price. Nothing was asked; set model "
    "in the agent's config.": None,
}


@pytest.mark.parametrize("text", NO_PRICE)
def test_a_model_without_a_price_is_refused_where_the_cost_is_limited(text):
    budgets = [Budget(max_calls=9), Budget(max_cost=0.5)]
    purse = Purse(parent=Purse(budgets).open()).open()
    with pytest.raises(ConfigError) as error:
        purse.before_attempt(is_first=True, model=NO_PRICE[text], price_known=lambda: False)
    assert (str(error.value), budgets[0].spent()) == (text, Spent())


def test_a_refused_call_is_charged_to_no_budget():
    first, second = Budget(max_calls=9), Budget(max_calls=0)
    purse = Purse([first, second]).open()
    assert refusal(lambda: attempt(purse))[1] == "max_calls"
    assert first.spent() == Spent()


def test_the_cost_of_many_attempts_adds_up_exactly():
    purse = Purse([budget := Budget(max_cost=1)]).open()
    for _ in range(9):
        attempt(purse, cost=Decimal("0.1"))
    assert (refusal(lambda: attempt(purse, cost=Decimal("0.1"))), budget.spent().cost) == (None, Decimal("1.0"))
    assert refusal(lambda: attempt(purse))[1] == "max_cost"


# --- scopes -----------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Run:
    """One run of the model that the laws are held against."""

    budgets: tuple[Budget, ...]
    session: str | None
    parent: Run | None
    purse: Purse = field(init=False)
    in_flight: int = 0

    def __post_init__(self):
        parent = None if self.parent is None else self.parent.purse
        self.purse = Purse(self.budgets, parent=parent, session_id=self.session).open()

    def payer(self, budget):
        """The outermost run that has the budget."""
        outer = None if self.parent is None else self.parent.payer(budget)
        return self if outer is None and budget in self.budgets else outer

    def scope(self, budget):
        payer = self.payer(budget)
        scopes = {"run": payer, "session": payer and (payer.session or payer), "process": "all"}
        return payer and scopes[budget.per]


class Model:
    """What budgets ought to say: every event of every run, added up anew for each question."""

    def __init__(self, budgets):
        self.budgets = budgets
        self.events: list[tuple[Run, str, int]] = []

    def figures(self, budget, scope):
        figures = Counter()
        for run, kind, number in self.events:
            if run.scope(budget) == scope:
                figures[kind] += number
        return figures

    def refuses(self, run, *kinds):
        return any(
            getattr(budget.limits, f"max_{kind}") is not None
            and self.figures(budget, run.scope(budget))[kind] >= getattr(budget.limits, f"max_{kind}")
            for budget in self.budgets
            if run.payer(budget)
            for kind in kinds
        )


limits = st.fixed_dictionaries(
    {"max_tokens": st.integers(1, 40)},
    optional={"max_calls": st.integers(0, 6), "max_tool_calls": st.integers(0, 6)},
)
several_budgets = st.lists(
    st.tuples(limits, st.sampled_from(["run", "session", "process"])).map(lambda two: Budget(**two[0], per=two[1])),
    min_size=1,
    max_size=3,
)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.integers(0), st.sampled_from(["a", "b", None]), st.sets(st.integers(0, 2))),
        st.tuples(st.sampled_from(["call", "retry", "tool"]), st.integers(0)),
        st.tuples(st.just("answer"), st.integers(0), st.integers(0, 20)),
    ),
    max_size=40,
)


def play(model, deeds):
    """Each deed with what came of it, and with what the model says should."""
    runs = [Run((model.budgets[0],), "a", None)]
    for kind, number, *more in deeds:
        run = runs[number % len(runs)]
        if kind == "open":
            chosen = tuple(model.budgets[n] for n in sorted(more[1]) if n < len(model.budgets))
            runs.append(Run(chosen, more[0], run if number % 2 else None))
        elif kind == "answer" and run.in_flight:
            run.in_flight -= 1
            run.purse.after_attempt(tokens=more[0], cost=Decimal(0))
            model.events.append((run, "tokens", more[0]))
        elif kind != "answer":
            yield model.refuses(run, *KINDS[kind]), began(run, kind)
            if not model.refuses(run, *KINDS[kind]):
                model.events.append((run, COUNTED.get(kind, "retries"), 1))
                run.in_flight += kind != "tool"


KINDS = {"call": ("calls", "tokens"), "retry": ("tokens",), "tool": ("tool_calls", "tokens")}
COUNTED = {"call": "calls", "tool": "tool_calls"}


def began(run, kind):
    """Whether it was refused."""
    if kind == "tool":
        return refusal(run.purse.before_tool) is not None
    begin = lambda: run.purse.before_attempt(is_first=kind == "call", model="m", price_known=no_lookup)  # noqa: E731
    return refusal(begin) is not None


@given(several_budgets, acts)
def test_whatever_runs_do_at_once_each_budget_always_counts_and_refuses_as_its_scope_says(budgets, deeds):
    model = Model(budgets)
    for expected, came in play(model, deeds):
        assert came == expected
    for budget in budgets:
        if budget.per == "process":
            assert figures_of(budget.spent()) == +model.figures(budget, "all") - Counter(retries=99)
        if budget.per == "session":
            for session in "ab":
                assert figures_of(budget.spent(session)) == +model.figures(budget, session) - Counter(retries=99)


def figures_of(spent):
    return +Counter(calls=spent.calls, tokens=spent.tokens, tool_calls=spent.tool_calls)


def test_sessions_count_apart_and_across_runs_of_all_agents():
    budget = Budget(max_calls=2, per="session")
    for session in ("a", "b", "a"):
        attempt(Purse([budget], session_id=session).open())
    assert (budget.spent("a").calls, budget.spent("b").calls, budget.spent("c")) == (2, 1, Spent())


def test_a_run_without_a_session_is_counted_by_itself():
    budget = Budget(max_calls=1, per="session")
    for _ in range(3):
        attempt(Purse([budget]).open())
    assert budget.spent("a") == Spent()


def test_what_is_told_of_a_budget_per_run_is_the_run_that_began_last():
    budget = Budget(max_calls=9)
    assert budget.spent() == Spent()
    first, second = Purse([budget]).open(), Purse([budget]).open()
    attempt(first, tokens=1)
    attempt(second, tokens=2)
    second.close()
    assert budget.spent() == Spent(calls=1, tokens=2)


def test_a_budget_that_is_given_twice_is_charged_once():
    budget = Budget(max_calls=9, per="process")
    outer = Purse([budget, budget]).open()
    attempt(Purse([budget], parent=outer).open())
    assert budget.spent() == Spent(calls=1)


def test_a_childs_own_budget_counts_each_of_its_runs_and_the_parents_all_of_them():
    whole, own = Budget(max_calls=3), Budget(max_calls=2)
    outer = Purse([whole]).open()
    children = [Purse([own], parent=outer).open() for _ in range(2)]
    attempt(children[0])
    attempt(children[0])
    attempt(children[1])
    assert refusal(lambda: attempt(children[1]))[2] == Spent(calls=3)


def test_what_a_reset_forgets_can_be_spent_again():
    budget = Budget(max_calls=1, per="session")
    purses = {session: Purse([budget], session_id=session).open() for session in "ab"}
    for purse in purses.values():
        attempt(purse)
    budget.reset("a")
    attempt(purses["a"])
    assert refusal(lambda: attempt(purses["b"])) is not None
    budget.reset()
    attempt(purses["a"])
    attempt(purses["b"])


def test_a_reset_forgets_the_last_run_also_when_it_has_ended():
    budget = Budget(max_calls=9)
    purse = Purse([budget]).open()
    attempt(purse)
    purse.close()
    budget.reset()
    assert budget.spent() == Spent()


def test_a_reset_reaches_the_runs_that_go_on():
    clock = Clock()
    budget = Budget(max_calls=1, max_cost=1)
    purse = Purse([budget], clock=clock).open()
    attempt(purse, tokens=None, cost=None)
    clock.now = 5
    budget.reset()
    clock.now = 7
    assert budget.spent() == Spent(seconds=2)
    attempt(purse)


# --- seconds ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=6), st.integers(0, 2 * 10**6))
def test_the_seconds_of_all_runs_always_add_up_those_that_go_on_up_to_now(times, now):
    """Runs by microseconds of their start and length."""
    clock = Clock()
    budget = Budget(max_seconds=10**9, per="process")
    purses = [Purse([budget], clock=clock) for _ in times]
    moments = [(start, "open", n) for n, (start, _) in enumerate(times)]
    moments += [(start + length, "shut", n) for n, (start, length) in enumerate(times)]
    for moment, what, number in sorted(m for m in moments if m[0] <= now):
        clock.now = moment / 1e6
        purses[number].open() if what == "open" else purses[number].close()
    clock.now = now / 1e6
    assert budget.spent().seconds == sum(min(length, max(0, now - start)) for start, length in times) / 1e6


def test_time_is_spent_from_the_start_of_the_run_and_refuses_at_the_limit():
    clock = Clock()
    purse = Purse([Budget(max_seconds=2.5)], clock=clock)
    clock.now = 1.1
    purse.open()
    clock.now = 3.5
    attempt(purse)
    clock.now = 3.6
    said, *facts = refusal(lambda: attempt(purse))
    assert said == (
        "The budget of this run is used up: spent 2.5 of max_seconds=2.5. The next call was not begun; raise "
        "max_seconds if a run may spend more."
    )
    assert facts == ["max_seconds", Spent(calls=1, seconds=2.5)]


def test_a_childs_time_is_part_of_its_parents():
    clock = Clock()
    budget = Budget(max_seconds=9, per="process")
    outer = Purse([budget], clock=clock).open()
    inner = Purse([budget], parent=outer, clock=clock).open()
    clock.now = 2
    inner.close()
    clock.now = 3
    outer.close()
    assert budget.spent() == Spent(seconds=3)


# --- threads, processes, many sessions --------------------------------------------------------------------------------


def test_threads_never_begin_more_than_the_limit():
    budgets = [Budget(max_calls=500, per="process"), Budget(max_calls=10**6, per="process")]
    began = Counter()
    interval = sys.getswitchinterval()

    def spend(name):
        purse = Purse(budgets).open()
        for _ in range(200):
            began[name] += refusal(lambda: attempt(purse, tokens=1)) is None
        purse.close()

    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=spend, args=[name]) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    counted = [budget.spent() for budget in budgets]
    assert (sum(began.values()), [(spent.calls, spent.tokens) for spent in counted]) == (500, [(500, 500)] * 2)


def test_a_run_that_is_dropped_can_end_while_figures_are_looked_at():
    """The garbage collector ends it in whatever thread it runs."""
    budget = Budget(max_calls=9, per="process")
    purse = Purse([budget]).open()
    with locked():
        free = locked().acquire(blocking=False)
        assert free
        locked().release()
        purse.close()


def test_the_least_recently_used_sessions_are_forgotten():
    budget = Budget(max_calls=9, per="session", max_sessions=2)
    for session in ("a", "b", "a", "c"):
        purse = Purse([budget], session_id=session).open()
        attempt(purse)
        purse.close()
    assert [budget.spent(session).calls for session in "abc"] == [2, 0, 1]


def test_a_session_that_a_run_still_spends_from_is_never_forgotten():
    budget = Budget(max_calls=1, per="session", max_sessions=1)
    attempt(Purse([budget], session_id="a").open())
    for session in "bcd":
        Purse([budget], session_id=session).open().close()
    assert refusal(lambda: attempt(Purse([budget], session_id="a").open())) is not None


@pytest.mark.parametrize("per", ["run", "session"])
def test_runs_without_a_session_leave_nothing_behind(per):
    budget = Budget(max_calls=9, per=per)
    for _ in range(5):
        Purse([budget]).open().close()
    assert len(budget.tallies) == 0


def test_a_forked_child_goes_on_from_its_parents_figures_but_not_with_its_runs():
    script = textwrap.dedent("""
        import os, sys
        from kaizen_eval.budgets import Budget, Purse, lock

        time = [0.0]
        budget = Budget(max_calls=2, per="process")
        purse = Purse([budget], clock=lambda: time[0]).open()
        purse.before_attempt(is_first=True, model="m", price_known=lambda: True)
        time[0] = 5.0
        with lock.locked():
            child = os.fork()
            if child == 0:
                spent = budget.spent()
                os._exit(0 if (spent.calls, spent.seconds) == (1, 0.0) else 1)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """)
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=False, timeout=30).returncode == 0

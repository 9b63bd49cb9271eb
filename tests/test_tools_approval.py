"""A call that somebody has to agree to is not executed before, and not at all when nobody does."""

from __future__ import annotations

import asyncio
import pickle
import threading
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toolbox_asking import called, executed, in_a_run, outcomes

from kaizen_eval.errors import BudgetExceeded, RunTimeout, ToolFailed, UsageError
from kaizen_eval.messages import ToolCall
from kaizen_eval.tools import Approval, Tool, Toolbox


class Shop:
    def __init__(self):
        self.sold = []

    async def sell(self, item: str, n: int = 1) -> str:
        self.sold.append((item, n))
        return "sold"


def asked(answer, *calls, **config):
    """What becomes of the calls when the approval's answer is this, and what was sold."""
    shop = Shop()
    tool = Tool(shop.sell, requires_approval=True, approve=lambda _: answer)
    return outcomes(executed([tool], *(calls or [called("sell", item="boat")]), **config)), shop.sold


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (True, ("ok", "sold")),
        (False, ("refused", "sell was not executed: it was not approved.")),
        ("The boat is not for sale.", ("refused", "sell was not executed: The boat is not for sale.")),
        ("", ("refused", "sell was not executed: it was not approved.")),
    ],
)
def test_the_answer_decides(answer, outcome):
    assert asked(answer) == ([outcome], [("boat", 1)] if answer is True else [])


@pytest.mark.parametrize("answer", [None, 1, 0, [True]])
def test_an_answer_that_is_none_of_these_is_the_callers_error(answer):
    with pytest.raises(UsageError, match="approval of sell must be True, False or a text that says why not"):
        asked(answer)


def test_it_is_asked_with_what_is_to_be_done():
    seen = []

    async def work(run):
        tool = Tool(Shop().sell, requires_approval=seen.append)
        with pytest.raises(UsageError):
            await Toolbox([tool]).execute([called("sell", item="boat", n=None)], run, call=1)
        return run.run_id

    run_id = in_a_run(work)
    assert seen == [
        Approval(
            tool="sell",
            arguments={"item": "boat", "n": None},
            tool_call_id="c1",
            run_id=run_id,
            session_id=None,
        )
    ]


def test_what_is_approved_cannot_be_changed():
    shop = Shop()

    def approve(approval):
        approval.arguments["item"] = "anchor"
        with pytest.raises(FrozenInstanceError):
            approval.tool = "steal"
        return True

    [step] = executed([Tool(shop.sell, requires_approval=approve)], called("sell", item="boat"))
    assert (shop.sold, step.arguments) == ([("boat", 1)], {"item": "boat"})


def test_an_approval_can_be_pickled():
    approval = Approval(tool="sell", arguments={"n": 1}, tool_call_id="c1", run_id="r", session_id="s")
    assert pickle.loads(pickle.dumps(approval)) == approval  # noqa: S301 - our own


def test_nobody_is_asked_about_a_call_that_is_no_good():
    seen = []
    executed([Tool(Shop().sell, requires_approval=seen.append)], called("sell"), ToolCall("c2", "sell", "{"))
    assert seen == []


def test_each_call_is_asked_about_by_itself():
    shop = Shop()
    tool = Tool(shop.sell, requires_approval=lambda approval: approval.arguments["n"] < 3)
    steps = executed([tool], *(called("sell", n, item="x", n=n) for n in (1, 5, 2)))
    assert ([step.outcome for step in steps], sorted(shop.sold)) == (["ok", "refused", "ok"], [("x", 1), ("x", 2)])


def test_an_approval_may_take_its_time_without_using_up_the_tools():
    async def slowly(_: Approval) -> bool:
        await asyncio.sleep(30)
        return True

    [step] = executed([Tool(Shop().sell, timeout=1, requires_approval=slowly)], called("sell", item="boat"))
    assert (step.outcome, step.ms) == ("ok", 30_000.0)


def test_an_approval_may_wait_in_a_thread():
    def ask(_: Approval) -> bool:
        return threading.current_thread() is not threading.main_thread()

    [step] = executed([Tool(Shop().sell, requires_approval=ask)], called("sell", item="boat"))
    assert step.outcome == "ok"


def test_an_approval_that_never_comes_ends_with_the_run():
    async def never(_: Approval) -> bool:
        await asyncio.sleep(3600)
        return True

    shop = Shop()
    with pytest.raises(RunTimeout):
        executed([Tool(shop.sell, requires_approval=never)], called("sell", item="boat"), timeout=5)
    assert shop.sold == []


@pytest.mark.parametrize("on_error", ["tell", "raise"])
def test_where_nobody_can_be_asked_the_run_fails(on_error):
    shop = Shop()

    def broken(_: Approval) -> bool:
        raise ConnectionError("no line")

    with pytest.raises(ToolFailed, match=r"^Nobody could be asked to approve sell: ConnectionError\.$") as caught:
        executed([Tool(shop.sell, requires_approval=broken, on_error=on_error)], called("sell", item="boat"))
    assert (repr(caught.value.__cause__), shop.sold) == ("ConnectionError('no line')", [])


@pytest.mark.parametrize("error", [BudgetExceeded("spent"), UsageError("wrong")], ids=repr)
def test_what_is_never_told_is_raised_as_it_is(error):
    shop = Shop()

    async def broken(_: Approval) -> bool:
        raise error

    with pytest.raises(type(error)) as caught:
        executed([Tool(shop.sell, requires_approval=broken)], called("sell", item="boat"))
    assert (caught.value, shop.sold) == (error, [])


@given(st.lists(st.sampled_from([True, False, "no"]), max_size=8))
def test_nothing_is_ever_executed_that_nobody_agreed_to(answers):
    shop = Shop()
    tool = Tool(shop.sell, requires_approval=lambda approval: answers[approval.arguments["n"]])
    steps = executed([tool], *(called("sell", n, item="x", n=n) for n in range(len(answers))))
    agreed = [n for n, answer in enumerate(answers) if answer is True]
    assert (sorted(n for _, n in shop.sold), [n for n, step in enumerate(steps) if step.outcome == "ok"]) == (
        agreed,
        agreed,
    )

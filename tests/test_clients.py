"""Clients: what a run opened is closed, whatever happens meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from kaizen_eval.clients import Clients
from kaizen_eval.resilience.clock import virtual_time


class Slow:
    """Takes its seconds to close."""

    def __init__(self, seconds=1.0, error=None):
        self.seconds = seconds
        self.error = error
        self.closed = False

    async def aclose(self):
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        self.closed = True


def held(*opened):
    clients = Clients()
    for each in opened:
        clients.get(each, lambda each=each: each, user=clients)
    return clients


def on_virtual_time(scene):
    with virtual_time() as clock:
        return clock.run(scene()), clock.elapsed


def cancelled_after(closing, *moments):
    """The virtual seconds after which it ended, as a cancellation."""

    async def scene():
        task = asyncio.ensure_future(closing)
        for moment in moments:
            asyncio.get_running_loop().call_at(1000 + moment, task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task

    return on_virtual_time(scene)[1]


@pytest.mark.parametrize("close", [Clients.aclose, lambda clients: clients.release(clients)])
def test_one_who_is_cancelled_amid_closing_has_closed_everything(close):
    opened = [Slow(1), Slow(2)]
    assert cancelled_after(close(held(*opened)), 0.5) == 2
    assert [each.closed for each in opened] == [True, True]


def test_one_who_is_cancelled_twice_waits_no_longer():
    assert cancelled_after(held(Slow(3)).aclose(), 0.5, 0.7) == 0.7


def test_what_never_closes_is_left_to_itself():
    assert cancelled_after(held(Slow(3600)).aclose(), 0.5) == 5.5


def test_what_fails_to_close_keeps_nothing_else_open():
    first, second, last = LookupError("first"), Slow(), LookupError("last")
    clients = held(Slow(error=first), second, Slow(error=last))

    async def scene():
        with pytest.raises(LookupError, match="first"):
            await clients.aclose()
        await clients.aclose()

    on_virtual_time(scene)
    assert second.closed


def test_what_another_still_uses_stays_open():
    shared, own = Slow(), Slow()
    clients = held(shared, own)
    clients.get(shared, lambda: shared, user=Slow)

    async def scene():
        await clients.release(clients)

    on_virtual_time(scene)
    assert (shared.closed, own.closed) == (False, True)

"""Ledger: the accounts of one budget, one for each run, one for each session, or a single one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Literal

from kaizen_eval.budgets.account import Account, Clock

__all__ = ["Ledger", "Scope"]

Scope = Literal["run", "session", "process"]


class Ledger:
    """Not guarded, as its accounts are not."""

    def __init__(self, per: Scope, max_sessions: int) -> None:
        self._per = per
        self._max_sessions = max_sessions
        self._accounts: OrderedDict[object, Account] = OrderedDict()
        self._latest = Account()

    def enter(self, run: object, session_id: str | None, clock: Clock) -> Account:
        """The account that this run spends from, from now on."""
        key = self._key(run, session_id)
        account = self._latest = self._accounts.setdefault(key, Account())
        self._accounts.move_to_end(key)
        account.enter(run, clock)
        self._forget()
        return account

    def leave(self, run: object, session_id: str | None) -> None:
        key = self._key(run, session_id)
        self._accounts[key].leave(run)
        if key is run:
            del self._accounts[key]

    def find(self, session_id: str | None) -> Account:
        """That of the session; without one, the one that was last entered. Empty where nothing was spent."""
        return self._latest if session_id is None else self._accounts.get(session_id, Account())

    def all(self) -> Iterator[Account]:
        """The latest is among them also when its run has ended."""
        yield self._latest
        yield from self._accounts.values()

    def __len__(self) -> int:
        return len(self._accounts)

    def _key(self, run: object, session_id: str | None) -> object:
        """A run without a session is its own session."""
        if self._per == "process":
            return "process"
        return run if self._per == "run" or session_id is None else session_id

    def _forget(self) -> None:
        """Drop the least recently used accounts above the limit; never one that a run still spends from."""
        while len(self._accounts) > self._max_sessions:
            unused = next((key for key, account in self._accounts.items() if not account.is_in_use), None)
            if unused is None:
                return
            del self._accounts[unused]

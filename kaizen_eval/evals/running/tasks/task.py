"""What is asked: a thing that makes outputs of inputs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from kaizen_eval.signatures import Signature

__all__ = ["Task"]


class Task(Protocol):
    """An agent or a function, as the engine sees it."""

    @property
    def name(self) -> str:
        """`module:Name` where it has one."""
        ...

    @property
    def signature(self) -> type[Signature] | None: ...

    @property
    def strategy(self) -> str | None:
        """Class name with its settings; None where it is no agent."""
        ...

    @property
    def model(self) -> str | None: ...

    @property
    def agents(self) -> Mapping[str, str]:
        """What agents whose ids were made for this process are called instead, by id."""
        ...

    def refuse_turns(self) -> str | None:
        """Why cases of several turns cannot be asked; None where they can."""
        ...

    def refuse_inputs(self, names: frozenset[str]) -> str | None:
        """Why inputs of these names cannot be given; None where they can."""
        ...

    def opened(self) -> AbstractAsyncContextManager[object]:
        """While trials run."""
        ...

    async def ask(self, inputs: Mapping[str, Any], session_id: str | None, bare: str) -> Mapping[str, Any]:
        """The outputs of one turn. `bare` is what a value is called that has no name, unless the task knows."""
        ...

    def place_in_thread(self, trial: asyncio.Task[Any]) -> str | None:
        """Where the thread is just now that works for a trial; None where there is none."""
        ...

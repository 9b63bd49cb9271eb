"""Telling: what the reader of a run's stream has been told of one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import ReplyDoesNotFit
from kaizen_eval.run_context import RunContext
from kaizen_eval.signatures import Signature
from kaizen_eval.streamed import PartialOutputs, Restarted, TextDelta

if TYPE_CHECKING:
    from kaizen_eval.llm.partial import PartialReading

__all__ = ["Telling"]


class Telling:
    """Tells of one call, over all of its attempts. Outside of a stream it tells nobody."""

    def __init__(self, signature: type[Signature], run: RunContext, call: int, *, may_call_tools: bool = False) -> None:
        self._signature = signature
        self._run = run
        self.call = call
        """Which call of the run it is, from 1."""
        self._is_certain = not (signature.free_text and may_call_tools)
        """Whether text is part of the answer: plain text may as well stand before calls of tools."""
        self._reading = self._unread()

    @property
    def has_begun(self) -> bool:
        """Whether the reader has been told something that still stands."""
        return self.call in self._run.told

    @property
    def is_read(self) -> bool:
        return self._run.sink is not None

    @property
    def is_final(self) -> bool:
        """Whether what has been told must stand, so that this call cannot be asked again."""
        return self.has_begun and self._run.sink is not None and not self._run.sink.restart

    async def say(self, text: str) -> None:
        """Tell the next piece of the reply, and the outputs where it adds to them; returns once both were taken."""
        self._run.told.add(self.call)
        await self._run.show(TextDelta, call=self.call, text=text)
        outputs = None if self._reading is None else self._reading.feed(text)
        if outputs is not None:
            await self._run.show(PartialOutputs, call=self.call, outputs=outputs)

    async def say_whole(self, text: str | None) -> None:
        """Tell a reply that did not come as a stream, if it did not; now that it is known to be of use."""
        if self.is_read and text and not self.has_begun:
            await self.say(text)

    async def take_back(self, attempt: int, error: Exception) -> None:
        """Tell that this attempt failed and all that was told of the call is void, if there was anything."""
        if self.has_begun:
            self._run.told.discard(self.call)
            self._reading = self._unread()
            await self._run.show(Restarted, call=self.call, attempt=attempt, error=type(error).__name__)

    def check(self, values: Mapping[str, Any], *, reply: str | None) -> None:
        """See that the outputs go on from what has been told.

        Raises:
            ReplyDoesNotFit: a reply that says one thing and then another, such as a draft before the answer.
        """
        name = None if self._reading is None else self._reading.contradicted(values)
        if name is not None:
            raise ReplyDoesNotFit(
                f"The reply takes back the {name!r} that it had given to the reader of its stream: it holds more than "
                f"one object with {self._signature.name}'s outputs.",
                reply=reply,
            )

    def _unread(self) -> PartialReading | None:
        """Made before the model is asked: its first words shall not wait for it."""
        if not (self.is_read and self._is_certain):
            return None
        from kaizen_eval.llm.partial import PartialReading  # noqa: PLC0415 - few runs are read

        return PartialReading(self._signature)

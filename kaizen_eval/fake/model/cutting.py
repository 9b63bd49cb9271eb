"""Cuts what a model says where its tokens run out, or where a stop sequence begins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kaizen_eval.messages import FinishReason, ToolCall
from kaizen_eval.metrics.tokens import Encoding, call_tokens

__all__ = ["Allowance", "before_stop", "tokens_of_name", "within"]


@dataclass(slots=True)
class Allowance:
    """The tokens that a choice may still take, counted down."""

    encoding: Encoding
    left: int | None
    """None when there is no limit."""
    stops: tuple[str, ...] = ()
    taken: int = 0
    ended: FinishReason | None = None
    """Why nothing more is said; None while all that was wanted has been said."""

    def reason(self, tokens: int) -> int:
        """How many of these tokens it may think."""
        if self.left is None:
            return tokens
        if tokens > self.left:
            tokens, self.ended = self.left, "length"
        self.left -= tokens
        return tokens

    def say(self, text: str | None) -> str | None:
        """What is said of a text; a stop sequence ends it, unless the tokens run out before that is complete."""
        if not text or self.ended:
            return None if text is None else ""
        said = self._take(text)
        stopped = before_stop(said, self.stops)
        if stopped is not None:
            self.ended = "stop"
            self._give_back(said, stopped)
            said = stopped
        return said

    def call(self, calls: Iterable[ToolCall]) -> tuple[ToolCall, ...]:
        """The calls that are made; the last one breaks off within its arguments where the tokens run out there."""
        made = []
        for call in calls:
            if self.ended or not self._begins(call):
                break
            made.append(replace(call, arguments=self._take(call.arguments)))
        return tuple(made)

    def _begins(self, call: ToolCall) -> bool:
        """Whether there is room for its name; half a name is none."""
        count = tokens_of_name(call, self.encoding)
        if self.left is not None and count > self.left:
            self.ended = "length"
            return False
        self._count(count)
        return True

    def _take(self, text: str) -> str:
        count = self.encoding.count(text)
        if self.left is not None and count > self.left:
            text, self.ended = within(text, self.left, self.encoding), "length"
            count = self.encoding.count(text)
        self._count(count)
        return text

    def _give_back(self, said: str, stopped: str) -> None:
        self._count(self.encoding.count(stopped) - self.encoding.count(said))

    def _count(self, tokens: int) -> None:
        self.taken += tokens
        if self.left is not None:
            self.left -= tokens


def within(text: str, tokens: int, encoding: Encoding) -> str:
    """As much of the text as so many tokens hold, in whole characters."""
    split = encoding.split(text)
    for most in range(min(tokens, len(split)), 0, -1):
        cut = text[: _whole_characters(b"".join(split[:most]))]
        # without the rest of its last token a text may fall into more tokens than before
        if encoding.count(cut) <= tokens:
            return cut
    return ""


def tokens_of_name(call: ToolCall, encoding: Encoding) -> int:
    """What comes before a call's arguments; a call costs the same when it is said and when it is read again."""
    return call_tokens(call, encoding) - encoding.count(call.arguments)


def before_stop(text: str, stops: Iterable[str]) -> str | None:
    """What stands before the first stop sequence; None where there is none. An empty one never stops."""
    places = [place for stop in stops if stop and (place := text.find(stop)) >= 0]
    return text[: min(places)] if places else None


def _whole_characters(data: bytes) -> int:
    """How many characters of UTF-8 are complete."""
    try:
        return len(data.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError as broken:
        return len(data[: broken.start].decode("utf-8", "surrogatepass"))

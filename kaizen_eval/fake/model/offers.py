"""Offers: the tools that a request lets the model call, and what the model writes to call one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake import generate
from kaizen_eval.fake.generation.prose import reply_to
from kaizen_eval.fake.generation.source import Source
from kaizen_eval.messages import ToolCall

__all__ = ["Offer", "offers"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One tool."""

    name: str
    definition: Mapping[str, Any]
    is_custom: bool = False
    """Whether it takes plain text instead of JSON."""

    def call(self, source: Source) -> ToolCall:
        """A call that fits its definition; the id is for whoever sends it.

        Raises:
            ScriptError: nothing can be found that fits.
        """
        try:
            return ToolCall("", self.name, self._written(source.beside(self.name)))
        except ScriptError as error:
            raise ScriptError(f"The fake cannot call the tool {self.name!r}: {error}") from None

    def _written(self, source: Source) -> str:
        if not self.is_custom:
            return generate.arguments(self.definition.get("parameters"), source)
        pattern = _pattern(self.definition)
        if pattern is None:
            return reply_to("", source)
        return generate.matching(pattern, source)


def offers(tools: Iterable[Mapping[str, Any]], only: Iterable[str] = ()) -> tuple[Offer, ...]:
    """The tools that a client runs, each name once; those in `only` where it names any."""
    made = {offer.name: offer for tool in tools if (offer := _offer(tool)) is not None}
    wanted = set(only) or made.keys()
    return tuple(offer for name, offer in made.items() if name in wanted)


def _offer(tool: Mapping[str, Any]) -> Offer | None:
    """None where it is run by the service, or has no name."""
    kind = tool.get("type", "function")
    definition = tool.get(kind) if kind in ("function", "custom") else None
    if not isinstance(definition, Mapping) or not isinstance(definition.get("name"), str):
        return None
    return Offer(definition["name"], definition, is_custom=kind == "custom")


def _pattern(definition: Mapping[str, Any]) -> str | None:
    """The regular expression that a custom tool's text must fit, where its grammar is one."""
    form = definition.get("format") or {}
    grammar = form.get("grammar", form)
    return grammar.get("definition") if grammar.get("syntax") == "regex" else None

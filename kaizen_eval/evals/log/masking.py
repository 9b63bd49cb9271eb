"""Takes keys out of what a log tells of an evaluation: errors, prompts, replies, tools' arguments, labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from kaizen_eval.evals.log.values import plain
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.secrets.kinds import ACCOUNT, ENVIRONMENT
from kaizen_eval.secrets.shapes import shape_spans
from kaizen_eval.secrets.spans import Span, merged, without
from kaizen_eval.secrets.values import is_telling

__all__ = ["Masking"]

_SECRET_NAME = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$", re.IGNORECASE)
_NUMBERS = frozenset({int, float, bool})
"""Most of what stands in an attempt, and nothing to be searched."""
_CACHED = 512
_LONGEST_CACHED = 8_192
"""Characters. Instructions are the same in every prompt, and are searched once."""


class Masking:
    """What looks like a key, and what secret-named variables hold, becomes [REDACTED].

    Inputs, expected values and outputs are the user's data, and are judged again when a log is scored again: they, and
    ids, stay as they are.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        values = {value for name, value in environment.items() if _SECRET_NAME.search(name) and is_telling(value)}
        self._known = re.compile("|".join(map(re.escape, sorted(values, key=len, reverse=True)))) if values else None
        self._cached = lru_cache(_CACHED)(self._searched)

    def manifest(self, manifest: Manifest) -> Manifest:
        return replace(
            manifest,
            strategy=self._told(manifest.strategy),
            settings=self._told(plain(manifest.settings)),
            labels=self._told(plain(manifest.labels)),
        )

    def record(self, document: dict[str, Any]) -> dict[str, Any]:
        """The same document, as `RECORD.write` makes them, changed in place."""
        if "failure" in document:
            document["failure"] = self._told(document["failure"])
        for score in document.get("scores", ()):
            self._change(score, "reason", "error")
        for turn in document.get("answer", {}).get("turns", ()):
            self._change(turn, "attempts", "tools")
        return document

    def text(self, text: str) -> str:
        return self._cached(text) if len(text) <= _LONGEST_CACHED else self._searched(text)

    def _change(self, document: dict[str, Any], *names: str) -> None:
        for name in names:
            if name in document:
                document[name] = self._told(document[name])

    def _told(self, value: Any) -> Any:
        kind = value.__class__
        if kind is str:
            return self.text(value)
        if kind is list:
            return [self._told(item) for item in value]
        if kind is dict:
            return {key: inner if inner.__class__ in _NUMBERS else self._told(inner) for key, inner in value.items()}
        return value

    def _searched(self, text: str) -> str:
        spans = [span for span in shape_spans(text) if span.kind != ACCOUNT]
        if self._known is not None:
            spans += [Span(*found.span(), ENVIRONMENT) for found in self._known.finditer(text)]
        return without(text, merged(spans)) if spans else text

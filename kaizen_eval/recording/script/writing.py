"""Writes the rules of a script as YAML that a person can read and change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml

from kaizen_eval.errors import RecordingError
from kaizen_eval.handwritten.decoded import LARGEST
from kaizen_eval.recording.exchange import Exchange
from kaizen_eval.recording.file import Recording
from kaizen_eval.recording.script.compiling import compiled
from kaizen_eval.recording.settings import Pace

__all__ = ["documents", "script_of"]

_HEAD = "version: 1\nrules:\n"
_EMPTY = "version: 1\nrules: []\n"
_MOST_RULES = 500
"""Of one document, so that none has too many values for a script file."""


def script_of(recording: Recording, *, pace: Pace = "recorded", name: str = "") -> str:
    """The script in YAML, for `kaizen-eval serve --script`; what could not be compiled stands in its head.

    Args:
        recording: what was asked and answered.
        pace: "instant" for replies without latency.
        name: of the cassette, for the first line.

    Raises:
        RecordingError: it would be larger than a script may be.
    """
    rules, skipped = compiled(recording, pace=pace)
    written = list(map(_written, rules))
    text = "".join([*_comments(name, skipped), *([_HEAD, *written] if written else [_EMPTY])])
    if (size := len(text.encode())) > LARGEST:
        raise RecordingError(
            f"The script of {name or 'this recording'} would have {size:,} bytes, and one may have {LARGEST:,}. Take "
            "out what is not needed, or use fake_from(path), which has no such limit.",
            path=name,
        )
    return text


def documents(rules: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The rules in as many scripts as they need, in order; in JSON, which is read in a tenth of the time."""
    texts: list[str] = []
    size = 0
    for rule in rules:
        text = json.dumps(rule, ensure_ascii=False).encode("utf-8", "replace").decode()
        length = len(text.encode())
        if texts and (size + length > LARGEST // 2 or len(texts) == _MOST_RULES):
            yield _joined(texts)
            texts, size = [], 0
        texts.append(text)
        size += length
    if texts:
        yield _joined(texts)


def _joined(rules: Iterable[str]) -> str:
    return f'{{"version": 1, "rules": [{",".join(rules)}]}}'


def _comments(name: str, skipped: Sequence[Exchange]) -> Iterator[str]:
    if name:
        yield f"# Made of the cassette {name!r}.\n"
    for one in skipped:
        asked = f"{one.request.method} {one.request.path}"
        yield f"# Left out: exchange {one.slot}, {asked}, is nothing that the fake takes.\n"


class _Dumper(yaml.SafeDumper):
    """Texts in quotes, or in blocks of lines, so that none is taken for something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - each value stands where it is meant
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's
        super().increase_indent(flow, False)


class _Name(str):
    """The name of a field, which needs no quotes."""

    __slots__ = ()


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text.strip("\n") else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text.encode("utf-8", "replace").decode(), style=style)


def _name_node(dumper: yaml.SafeDumper, name: _Name) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(name))


_Dumper.add_representer(str, _text_node)
_Dumper.add_representer(_Name, _name_node)


def _written(rule: dict[str, Any]) -> str:
    return yaml.dump([_named(rule)], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**31, indent=2)


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {(_Name(name) if name.isidentifier() else name): _named(item) for name, item in value.items()}
    return [_named(item) for item in value] if isinstance(value, list) else value

"""Loads a script from a file, with every mistake in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.script.script import Action, Rule, Script
from kaizen_eval.fake.script_file.grammar import DEFINITIONS, DOCUMENT
from kaizen_eval.fake.script_file.rules import check_states, otherwise_of, rule_of
from kaizen_eval.fake.timing.latency import Latency
from kaizen_eval.handwritten.decoded import LARGEST, check_texts, decoded
from kaizen_eval.handwritten.json_text import read_json
from kaizen_eval.handwritten.nodes import Node
from kaizen_eval.handwritten.problems import Problems
from kaizen_eval.handwritten.shapes import check, is_well_formed

__all__ = ["Language", "ScriptFile", "language_of", "load", "read"]

Language = Literal["json", "yaml"]
_ENDINGS: Mapping[str, Language] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """What a file says."""

    name: str
    rules: tuple[Rule, ...]
    otherwise: Action | None = None
    seed: int | None = None
    """None where the file leaves it open."""
    latency: Latency | None = None
    """None where the file leaves it open."""

    def script(self) -> Script:
        """A script of its own, of which nothing is used."""
        script = Script()
        self.add_to(script)
        return script

    def add_to(self, script: Script) -> None:
        """Append the rules; `otherwise` counts from now on, if the file has one."""
        for rule in self.rules:
            script.add(rule)
        if self.otherwise is not None:
            script.say_otherwise(self.otherwise)


def load(path: str | Path) -> ScriptFile:
    """The script in a file: YAML or JSON, by its ending.

    Raises:
        ScriptError: naming file, line and column of everything that is wrong.
        OSError: there is no such file, or it cannot be read.
    """
    path = Path(path)
    language = language_of(path)
    with path.open("rb") as file:
        return read(file.read(LARGEST + 1), language=language, name=path.name)


def language_of(path: Path) -> Language:
    """By the ending of its name.

    Raises:
        ScriptError: it has another one.
    """
    if path.suffix.lower() not in _ENDINGS:
        raise ScriptError(f"{path.name}: a script's name ends in {', '.join(_ENDINGS)}, not in {path.suffix!r}.")
    return _ENDINGS[path.suffix.lower()]


def read(text: str | bytes, *, language: Language = "yaml", name: str = "script") -> ScriptFile:
    """The script in a text.

    Args:
        text: bytes are UTF-8.
        language: JSON is not quite YAML: tabs.
        name: the file's, for messages and for the labels of rules.

    Raises:
        ScriptError: naming line and column of everything that is wrong.
    """
    if language not in get_args(Language):
        raise ScriptError(f"A script is written in {' or '.join(get_args(Language))}, not in {language!r}.")
    problems = Problems(name, lambda message, _: ScriptError(message))
    root = _parsed(decoded(text, problems), language, problems)
    check_texts(root, problems)
    check(DOCUMENT, root, problems)
    rules = _items(root)
    made = [rule_of(rule, problems) for rule in rules if is_well_formed(DEFINITIONS["rule"], rule)]
    otherwise = root.get("otherwise")
    said = None
    if otherwise is not None and is_well_formed(DEFINITIONS["saying"], otherwise):
        said = otherwise_of(otherwise, problems)
    if not len(problems):
        check_states(rules, problems)
    problems.raise_any()
    seed, latency = root.get("seed"), root.get("latency")
    return ScriptFile(
        name,
        tuple(rule for rule in made if rule is not None),
        said,
        None if seed is None else int(seed.json()),
        None if latency is None else Latency.of(latency.json()),
    )


def _parsed(text: str, language: Language, problems: Problems) -> Node:
    if language == "json":
        return read_json(text, problems)
    from kaizen_eval.handwritten.yaml_text import read_yaml  # noqa: PLC0415 - the library is slow to load

    return read_yaml(text, problems, begins="a script begins with 'version: 1'")


def _items(root: Node) -> tuple[Node, ...]:
    rules = root.get("rules")
    return () if rules is None or rules.items is None else rules.items

"""Reads the YAML of a dataset into JSON values, each case with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import yaml

from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.written import Spot, Written
from kaizen_eval.evals.dataset.yaml_places import place
from kaizen_eval.evals.dataset.yaml_scalars import Doubtful, meaning

__all__ = ["Document", "read_yaml"]

_CORE = "tag:yaml.org,2002:"
_MERGE = "<<"
_MOST = 5_000_000
"""Values in a file, those that aliases repeat included."""
_DEEPEST = 100
_HINTS = {
    "mapping values are not allowed": " A text with ': ' in it stands in quotes.",
    "cannot start any token": " A text that begins with such a sign stands in quotes.",
}


class Document(NamedTuple):
    header: dict[str, Written]
    """What stands beside the cases, by name, each with where its name stands."""
    cases: list[Written] | None
    """None where there is no list of them."""
    spot: Spot


def read_yaml(text: str, problems: Problems) -> Document:
    """The dataset in the text; what is written twice, or has a tag of its own, is a problem.

    Raises:
        DatasetError: it is no YAML, or grows out of bounds.
    """
    try:
        return _Reader(text, problems).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(filter(None, (error.context, error.problem)))
        problems.stop(_spot(mark), f"this is no YAML: {what}.{_hint(text, mark, what)}")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.stop(Spot(line), f"this is no YAML: the character {chr(error.character)!r} may not stand in it.")


class _Reader:
    """One text, event by event. libyaml's parser is used where it is there: it is several times as fast."""

    def __init__(self, text: str, problems: Problems) -> None:
        loader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
        self._next: Callable[[], Any] = loader(text).get_event
        self._text = text
        self._problems = problems
        self._count = 0
        self._depth = 0
        self._end: Any = None
        """The mark behind what was read last."""
        self._anchored: dict[str, tuple[Any, int] | None] = {}
        """Values that may be repeated, with how many are in each; None while one is read."""

    def document(self) -> Document:
        self._next()  # the stream begins
        if isinstance(self._next(), yaml.StreamEndEvent):
            self._problems.stop(Spot(1), "the file is empty; a dataset has 'cases:', a list.")
        root = self._next()
        spot = _spot(root.start_mark)
        if isinstance(root, yaml.SequenceStartEvent):
            found = Document({}, [*self._items()], spot)
        elif isinstance(root, yaml.MappingStartEvent):
            found = self._parts(spot)
        else:
            self._problems.stop(spot, "a dataset is an object with 'cases:', which is a list; this is neither.")
        self._next()  # the document ends
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            self._problems.add(_spot(after.start_mark), "a second document begins here; a dataset is one.")
        return found

    def _parts(self, spot: Spot) -> Document:
        header: dict[str, Written] = {}
        cases: list[Written] | None = None
        for name, here in self._names():
            event = self._next()
            if name == "cases" and isinstance(event, yaml.SequenceStartEvent):
                cases = [*self._items()]
            else:
                header[name] = self._written(event)._replace(spot=here)
        return Document(header, cases, spot)

    def _items(self) -> Iterator[Written]:
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            yield self._written(event)

    def _written(self, event: Any) -> Written:
        begin = event.start_mark
        value = self._value(event)
        return Written(value, _spot(begin), partial(place, self._text, begin.index, self._end.index, _spot(begin)))

    def _value(self, event: Any) -> Any:
        self._counted(1, event)
        anchor = event.anchor
        if anchor is None:
            return self._read(event)
        if isinstance(event, yaml.AliasEvent):
            return self._repeated(event)
        before = self._count
        self._anchored[anchor] = None
        value = self._read(event)
        self._anchored[anchor] = value, self._count - before
        return value

    def _read(self, event: Any) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            self._end = event.end_mark
            return self._scalar(event)
        self._refuse_tag(event, "map" if isinstance(event, yaml.MappingStartEvent) else "seq")
        self._depth += 1
        if self._depth > _DEEPEST:
            self._problems.stop(_spot(event.start_mark), f"values are nested more than {_DEEPEST} deep.")
        value = self._object() if isinstance(event, yaml.MappingStartEvent) else self._list()
        self._depth -= 1
        return value

    def _list(self) -> list[Any]:
        found = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            found.append(self._value(event))
        self._end = event.end_mark
        return found

    def _object(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for name, here in self._names():
            value = self._value(self._next())
            if name == _MERGE:
                merged = {**self._merged(value, here), **merged}
            else:
                found[name] = value
        return merged | found

    def _names(self) -> Iterator[tuple[str, Spot]]:
        """Each name of an object, before its value is read."""
        seen: dict[str, int] = {}
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            here = _spot(key.start_mark)
            if not isinstance(key, yaml.ScalarEvent):
                self._problems.stop(here, "the name of a field is a text, not a list, an object or an alias.")
            name = _MERGE if key.value == "<<" and key.implicit[0] else key.value
            if name in seen:
                self._problems.add(here, f"{key.value!r} is written twice; first in line {seen[name]}.")
            seen.setdefault(name, here.line)
            yield name, here
        self._end = key.end_mark

    def _merged(self, value: Any, here: Spot) -> dict[str, Any]:
        """What `<<` takes over: the fields of an object, or of several, the first one counting."""
        found: dict[str, Any] = {}
        for source in reversed(value if isinstance(value, list) else [value]):
            if isinstance(source, dict):
                found |= source
            else:
                self._problems.add(here, "<< takes over the fields of an object, and this is none.")
        return found

    def _repeated(self, event: Any) -> Any:
        self._end = event.end_mark
        known = self._anchored.get(event.anchor, ())
        if not known:
            what = "stands inside of the value that it repeats" if known is None else "repeats what is nowhere"
            self._problems.stop(_spot(event.start_mark), f"the alias *{event.anchor} {what}.")
        value, count = known
        self._counted(count, event)
        return value

    def _counted(self, count: int, event: Any) -> None:
        self._count += count
        if self._count > _MOST:
            what = f"there are more than {_MOST:,} values, those that aliases repeat included. Write them as JSONL."
            self._problems.stop(_spot(event.start_mark), what)

    def _scalar(self, event: Any) -> Any:
        plain, quoted = event.implicit
        if quoted or event.tag == f"{_CORE}str":
            return event.value
        if not plain:
            self._refuse_tag(event, "")
        try:
            return meaning(event.value)
        except Doubtful as error:
            self._problems.add(_spot(event.start_mark), str(error))
            return event.value

    def _refuse_tag(self, event: Any, usual: str) -> None:
        if event.tag is not None and event.tag not in {"!", _CORE + usual}:
            tag = event.tag.replace(_CORE, "!!")
            self._problems.add(_spot(event.start_mark), f"the tag {tag} is not allowed; write the plain value.")


def _spot(mark: Any) -> Spot:
    return Spot(1, 1) if mark is None else Spot(mark.line + 1, mark.column + 1)


def _hint(text: str, mark: Any, what: str) -> str:
    """The most frequent mistakes, by their names."""
    line = "" if mark is None else "".join(text.split("\n")[mark.line : mark.line + 1])
    if line.lstrip(" ").startswith("\t"):
        return " YAML is indented by spaces, and this line by a tab."
    return next((hint for said, hint in _HINTS.items() if said in what), "")

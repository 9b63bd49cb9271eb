"""Searches what is written in JSON, or in many documents of a stream, for secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from kaizen_eval.recording.redaction.decoded import Decoded, from_json, plain
from kaizen_eval.recording.redaction.json_text import Leaf, NotJson, Path, leaves, looks_like_json
from kaizen_eval.recording.redaction.names import CONTAINERS, Level, level_of, squeezed
from kaizen_eval.recording.redaction.rules import Rules
from kaizen_eval.secrets.kinds import NAMED, TELLING
from kaizen_eval.secrets.placeholder import REDACTED
from kaizen_eval.secrets.spans import Span
from kaizen_eval.secrets.values import is_telling

__all__ = ["Found", "documents_found", "is_secret", "text_found"]

_DEEPEST = 6
"""JSON in strings of JSON: so often."""
_DELTA_NAMES = (
    "arguments code completion content data delta input output output_text partial_json reasoning "
    "reasoning_content reasoning_text refusal response summary_text text thinking transcript"
)
_DELTAS = frozenset(_DELTA_NAMES.split())
"""Names under which streams send a text in parts."""
_INDEXES = frozenset(["content_index", "index", "item_id", "output_index", "summary_index"])
"""What tells the texts of one stream apart."""
_PAIR_NAMES = frozenset(["field", "header", "key", "name"])
_LOGPROBS = frozenset(["logprobs", "logprobs_result", "logprobsResult", "top_logprobs"])
_TYPE_NAMES = "any array bool boolean false int integer none null number object optional required str string true"
_TYPES = frozenset(_TYPE_NAMES.split())


class Found(NamedTuple):
    """A secret in a source."""

    span: Span
    path: Path = ()
    document: int = 0
    """Which event of a stream, from 0."""


class _Text(NamedTuple):
    """One value of a document."""

    value: Decoded
    """In the source."""
    leaf: Leaf
    level: Level


def text_found(value: Decoded, rules: Rules, path: Path = (), document: int = 0, depth: int = 0) -> Iterator[Found]:
    """Secrets in a text, which may itself be JSON."""
    text = value.text
    if depth < _DEEPEST and looks_like_json(text) and '"' in text:
        try:
            inner = list(leaves(text))
        except NotJson:
            inner = []
        if inner and inner[0].end < len(text):
            whole = plain(text, 0, len(text))
            for found in _in_leaves([(whole, inner)], rules, depth + 1):
                yield from (Found(span, path + found.path, document) for span in value.outside([found.span]))
            return
    yield from (Found(span, path, document) for span in value.outside(rules.spans(text)))


def documents_found(documents: Sequence[Decoded], rules: Rules) -> Iterator[Found]:
    """Secrets in documents that come one after another: JSON each, or a text.

    What is sent in parts is looked at as the whole text that it makes; the placeholder goes into the first of them.
    """
    read = [(document, _leaves_of(document)) for document in documents]
    yield from _in_leaves(read, rules, 0)


def is_secret(level: Level, value: str) -> bool:
    """Whether a value goes because of the name that it has."""
    if level is Level.STRONG:
        return bool(value) and value != REDACTED and value.lower() not in _TYPES
    return level is Level.WEAK and is_telling(value) and not any(map(str.isspace, value))


def _leaves_of(document: Decoded) -> list[Leaf]:
    text = document.text
    if looks_like_json(text):
        try:
            return list(leaves(text))
        except NotJson:
            pass
    return [Leaf("text", (), 0, len(text))]


def _in_leaves(read: Iterable[tuple[Decoded, list[Leaf]]], rules: Rules, depth: int) -> Iterator[Found]:
    channels: dict[Path, list[_Text]] = {}
    number, alone = 0, []
    for document, found in read:
        count = found[-1].document + 1 if found else 1
        numbered = [leaf._replace(document=number + leaf.document) for leaf in found] if number else found
        texts = [_Text(_value(document, leaf), leaf, Level.NONE) for leaf in numbered]
        alone += list(_sorted_out(texts, rules, channels))
        number += count
    for text in alone:
        yield from _in_text(text, rules, depth)
    hits: set[tuple[int, Path]] = set()
    for parts in channels.values():
        for hit in _in_parts(parts, rules, depth):
            hits |= {(hit.document, hit.path[:-1])} if hit.path[-1:] == ("token",) else set()
            yield hit
    if hits:
        yield from _beside([*alone, *chain.from_iterable(channels.values())], hits)


def _beside(texts: Iterable[_Text], hits: Collection[tuple[int, Path]]) -> Iterator[Found]:
    """What stands beside a token that held a part of a secret: its bytes, and the tokens that were as likely."""
    for text in texts:
        document, path = text.leaf.document, text.leaf.path
        if not any((document, path[:length]) in hits for length in range(1, len(path) - 1)):
            continue
        is_byte = text.leaf.what == "bare" and "bytes" in path
        put = "0" if is_byte else ""
        if (is_byte or (text.leaf.what == "string" and path[-1] == "token")) and text.value.text != put:
            yield Found(Span(text.value.source(0), text.value.source_end, TELLING, put), path, document)


def _value(document: Decoded, leaf: Leaf) -> Decoded:
    if leaf.what == "text":
        return document
    inside = from_json(document.text, leaf.start, leaf.end)
    if len(document.at) == 1:
        shift = document.sources[0]
        sources = [source + shift for source in inside.sources] if shift else inside.sources
        return Decoded(inside.text, inside.at, sources, inside.source_end + shift)
    return Decoded(
        inside.text, inside.at, [document.source(source) for source in inside.sources], document.source(leaf.end)
    )


def _sorted_out(texts: Sequence[_Text], rules: Rules, channels: dict[Path, list[_Text]]) -> Iterator[_Text]:
    """Those that stand for themselves, with the levels of their names; parts of a text go into their channel."""
    pairs = {text.leaf.path[:-1]: level_of(text.value.text, rules.names) for text in texts if _names_another(text.leaf)}
    marks = _marks(texts)
    for text in texts:
        level = _level(text.leaf, rules, pairs)
        if text.leaf.what in {"string", "text"} and not level and _is_part(text.leaf.path):
            channels.setdefault(_channel(text.leaf.path, marks), []).append(text)
        else:
            yield text._replace(level=level) if level else text


def _names_another(leaf: Leaf) -> bool:
    return leaf.what == "string" and bool(leaf.path) and leaf.path[-1] in _PAIR_NAMES


def _level(leaf: Leaf, rules: Rules, pairs: dict[Path, Level]) -> Level:
    names = [element for element in leaf.path if isinstance(element, str)]
    if leaf.what == "name" or not names:
        return Level.NONE
    level = level_of(names[-1], rules.names)
    if names[-1] == "value":
        level = max(level, pairs.get(leaf.path[:-1], Level.NONE))
    if level and names[-1] == "token" and not _LOGPROBS.isdisjoint(names):
        return Level.NONE
    if not level and "properties" not in names and any(squeezed(name) in CONTAINERS for name in names):
        return Level.WEAK
    return level


def _is_part(path: Path) -> bool:
    names = [element for element in path if isinstance(element, str)]
    return not names or names[-1] in _DELTAS or (names[-1] == "token" and not _LOGPROBS.isdisjoint(names))


def _marks(texts: Sequence[_Text]) -> dict[Path, Path]:
    """Which of several texts is meant: what indexes say, for the object in which they stand."""
    marks: dict[Path, Path] = {}
    for text in texts:
        leaf = text.leaf
        if leaf.what != "name" and leaf.path and leaf.path[-1] in _INDEXES:
            marks[leaf.path[:-1]] = (*marks.get(leaf.path[:-1], ()), f"{leaf.path[-1]}={text.value.text}")
    return marks


def _channel(path: Path, marks: dict[Path, Path]) -> Path:
    """The same for all parts of one text."""
    channel: Path = marks.get((), ())
    for length in range(1, len(path) + 1):
        marked = marks.get(path[:length])
        channel = (*channel, *marked) if marked else (*channel, path[length - 1])
    if "token" in path:
        return tuple(element for element in channel if isinstance(element, str))
    return channel


def _in_text(text: _Text, rules: Rules, depth: int) -> Iterator[Found]:
    value, leaf = text.value, text.leaf
    if leaf.what == "bare":
        if text.level is Level.STRONG and sum(map(str.isdigit, value.text)) >= 4:
            yield Found(Span(value.source(0), value.source_end, NAMED, "0"), leaf.path, leaf.document)
    elif is_secret(text.level, value.text):
        yield Found(Span(value.source(0), value.source_end, NAMED), leaf.path, leaf.document)
    elif leaf.what != "name" or len(value.text) >= 8:
        yield from text_found(value, rules, leaf.path, leaf.document, depth)


def _in_parts(parts: Sequence[_Text], rules: Rules, depth: int) -> Iterator[Found]:
    if len(parts) == 1:
        yield from text_found(parts[0].value, rules, parts[0].leaf.path, parts[0].leaf.document, depth)
        return
    whole = "".join([part.value.text for part in parts])
    starts = [0]
    for part in parts:
        starts.append(starts[-1] + len(part.value.text))
    for found in text_found(plain(whole, 0, len(whole)), rules, (), 0, depth):
        yield from _shared_out(found, parts, starts)


def _shared_out(found: Found, parts: Sequence[_Text], starts: Sequence[int]) -> Iterator[Found]:
    """One secret as what of it stands in each part."""
    put = found.span.put
    for part, start in zip(parts, starts, strict=False):
        first, last = max(found.span.start, start), min(found.span.end, start + len(part.value.text))
        if first < last:
            span = Span(part.value.source(first - start), part.value.source(last - start), found.span.kind, put)
            yield Found(span, part.leaf.path + found.path, part.leaf.document)
            put = ""

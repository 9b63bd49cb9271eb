"""Where in a file secrets stand: by line and kind, never which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from kaizen_eval.recording.exchange import Exchange
from kaizen_eval.recording.maintenance.documents import documents

__all__ = ["Finding", "Scanner", "Sighting", "in_exchanges", "in_text", "placed"]


class Finding(Protocol):
    """As much of a redactor's finding as is told."""

    @property
    def where(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Scanner(Protocol):
    """As much of a redactor as finds secrets."""

    def scan(self, exchange: Exchange) -> Sequence[Finding]: ...
    def scan_text(self, text: str) -> Sequence[Finding]: ...


class Sighting(NamedTuple):
    """A secret in a file."""

    line: int
    """From 1; of the whole exchange where the secret is spread over it."""
    kind: str
    where: str
    """`#3 request.body.messages[0].content`; empty in a file that is no cassette."""


def in_text(text: str, scanner: Scanner) -> tuple[Sighting, ...]:
    """Those of a text of any kind: line by line, and what only several lines together are."""
    lines = text.splitlines()
    found = [Sighting(number, kind, "") for number, line in enumerate(lines, start=1) for kind in _kinds(line, scanner)]
    known = {one.kind for one in found}
    spread = [kind for kind in _kinds(text, scanner) if kind not in known]
    return tuple(sorted([*found, *(Sighting(_first_line(lines, kind, scanner), kind, "") for kind in spread)]))


def in_exchanges(exchanges: Sequence[Exchange], text: str, scanner: Scanner) -> tuple[Sighting, ...]:
    """Those of a cassette, whose file is that text; also in its comments, and in what stands beside a stream."""
    lines = {(one.lane, one.slot): (one.line, one.text) for one in documents(text)}
    found: list[Sighting] = []
    for exchange in exchanges:
        findings = scanner.scan(exchange)
        if findings:
            line, source = lines.get((exchange.lane, exchange.slot), (1, ""))
            found += placed(findings, f"#{exchange.slot} ", line, source, scanner)
    return tuple(sorted({*found, *_in_comments(text, scanner)}))


def placed(findings: Sequence[Finding], prefix: str, line: int, source: str, scanner: Scanner) -> Iterator[Sighting]:
    """Each at the line where one of its kind stands, from that of its name on; else at that of its name."""
    lines = source.splitlines()
    kinds = [(index, kind) for index, text in enumerate(lines) for kind in _kinds(text, scanner)]
    for finding in findings:
        start = _line_of_name(lines, finding.where)
        at = next((index for index, kind in kinds if kind == finding.kind and index >= start), start)
        yield Sighting(line + at, finding.kind, f"{prefix}{finding.where}")


def _line_of_name(lines: Sequence[str], where: str) -> int:
    """Where the last name of such a path stands, in its part of the exchange: counted from 0."""
    part, name = where.partition(".")[0], re.split(r"[.\[]", where)[-1].lower()
    start = next((index for index, text in enumerate(lines) if re.match(rf"[- ]*{part}:", text)), 0)
    for word in (f"?{name}=", f"&{name}=", name) if ".query." in where else (name,):
        for index in range(start, len(lines)):
            if word in lines[index].lower():
                return index
    return start


def _in_comments(text: str, scanner: Scanner) -> Iterator[Sighting]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            yield from (Sighting(number, kind, "a comment") for kind in _kinds(line, scanner))


def _kinds(text: str, scanner: Scanner) -> list[str]:
    return [*dict.fromkeys(finding.kind for finding in scanner.scan_text(text))]


def _first_line(lines: Sequence[str], kind: str, scanner: Scanner) -> int:
    """Where the stretch of lines begins that holds one of the kind: the last line from which on one is found."""
    low, high = 0, len(lines)
    while high - low > 1:
        middle = (low + high) // 2
        if kind in _kinds("\n".join(lines[middle:]), scanner):
            low = middle
        else:
            high = middle
    return low + 1

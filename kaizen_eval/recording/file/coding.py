"""Cassettes to bytes and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from kaizen_eval.errors import RecordingError
from kaizen_eval.recording.exchange import Exchange, in_order
from kaizen_eval.recording.file.content import Header, Recording
from kaizen_eval.recording.file.fields import Fields, corrupt
from kaizen_eval.recording.file.foreign import checked_text
from kaizen_eval.recording.file.limits import MOST_BYTES
from kaizen_eval.recording.file.lines import read_lines, written_lines
from kaizen_eval.recording.file.understood import exchange_from, header_from
from kaizen_eval.recording.file.yaml_reader import read_documents
from kaizen_eval.recording.file.yaml_writer import written_yaml

__all__ = ["Form", "decode", "encode"]

Form = Literal["yaml", "jsonl"]


def encode(recording: Recording, *, form: Form) -> bytes:
    """The file's bytes, its exchanges sorted by lane and slot.

    Raises:
        RecordingError: they are more than a cassette may hold.
    """
    ordered = Recording(recording.header, in_order(recording.exchanges))
    return _joined(written_yaml(ordered) if form == "yaml" else written_lines(ordered), most=MOST_BYTES)


def _joined(parts: Iterable[bytes], *, most: int) -> bytes:
    """The parts in one, none of which is asked for once there are too many."""
    data = bytearray()
    for part in parts:
        data += part
        if len(data) > most:
            raise RecordingError(
                f"The cassette has more than {most:,} bytes. Record fewer exchanges in one: split the test."
            )
    return bytes(data)


def decode(data: bytes, *, path: str, accept_edits: bool = False) -> Recording:
    """What a file holds, whatever its form; bodies are held against their digests when they are first asked for.

    With `accept_edits` what a person has changed counts as recorded: digests and sizes are made anew, and exchanges may
    have been taken out.

    Raises:
        CassetteCorrupt: it is torn, foreign or changed; with the line.
    """
    text = checked_text(data, path)
    documents = read_lines(text, path) if text.startswith("{") else read_documents(text, path)
    head = next(documents, None)
    if head is None:
        raise corrupt(path, 1, "the file holds no header.")
    header = header_from(head)
    exchanges = tuple(_exchanges(documents, accept_edits=accept_edits))
    if not accept_edits:
        _count(head, header, exchanges)
    return Recording(header, in_order(exchanges))


def _exchanges(documents: Iterator[Fields], *, accept_edits: bool) -> Iterator[Exchange]:
    lines: dict[tuple[str, int], int] = {}
    for fields in documents:
        exchange = exchange_from(fields, accept_edits=accept_edits)
        place = (exchange.lane, exchange.slot)
        if place in lines:
            lane = f" of lane {exchange.lane!r}" if exchange.lane else ""
            fields.refuse("slot", f"slot {exchange.slot}{lane} is there twice; first in line {lines[place]}.")
        lines[place] = fields.line_of("slot")
        yield exchange


def _count(head: Fields, header: Header, exchanges: Sequence[Exchange]) -> None:
    if header.totals.exchanges != len(exchanges):
        head.fields("totals").refuse(
            "exchanges",
            f"the header counts {header.totals.exchanges} exchanges and the file holds {len(exchanges)}: some are "
            "missing or were added. Record it anew, or restore it from version control.",
        )

"""convert: a recording of ours from the bytes of a cassette that vcrpy wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NamedTuple

from kaizen_eval.errors import CassetteCorrupt, SecretFound
from kaizen_eval.recording.exchange import Exchange, Piece
from kaizen_eval.recording.file import MOST_BYTES, Recording, header_for
from kaizen_eval.recording.lookup.key import key_of
from kaizen_eval.recording.redaction import Redactor
from kaizen_eval.recording.stock.interactions import Interaction, interactions_of
from kaizen_eval.recording.stock.values import read_value

__all__ = ["Converted", "DatedBy", "convert"]

DatedBy = Literal["the cassette", "the date of its responses", "the date of the file"]
"""What said when it was recorded."""


class Converted(NamedTuple):
    recording: Recording
    dated_by: DatedBy


def convert(data: bytes, *, path: str, redactor: Redactor, modified: datetime, ignore: Sequence[str] = ()) -> Converted:
    """What a cassette of vcrpy holds, without its secrets.

    vcrpy keeps neither chunks, times nor failures: each body is one piece, and every offset is 0.

    Args:
        data: YAML or JSON, of version 1; also with the layout that old versions had for httpx.
        path: for messages.
        redactor: takes the secrets out.
        modified: when it was recorded, where the cassette does not say it; with a time zone.
        ignore: paths into JSON bodies that do not tell requests apart.

    Raises:
        CassetteCorrupt: it is no such cassette, torn, or larger than a cassette may be.
        SecretFound: a secret could not be taken out.
    """
    content = read_value(_text(data, path), path)
    interactions = interactions_of(content, path)
    exchanges = tuple(_exchange(one, slot, redactor, ignore) for slot, one in enumerate(interactions, start=1))
    _check_clean(exchanges, redactor, path)
    moment, dated_by = _dated(content, interactions, modified)
    header = header_for(exchanges, recorded_at=moment, parts=_parts(content))
    return Converted(Recording(header, exchanges), dated_by)


def _text(data: bytes, path: str) -> str:
    if len(data) > MOST_BYTES:
        raise CassetteCorrupt(
            f"{path}: the file has {len(data):,} bytes; a cassette may have {MOST_BYTES:,}.", path=path
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CassetteCorrupt(f"{path}:{line}: this is no UTF-8: {error.reason}.", path=path, line=line) from error


def _exchange(one: Interaction, slot: int, redactor: Redactor, ignore: Sequence[str]) -> Exchange:
    request = redactor.request(one.request)
    pieces = [Piece(one.body, 0)] if one.body else []
    response = redactor.response(one.status, one.headers, pieces, 0)
    return Exchange(slot=slot, key=key_of(request, ignore=ignore), request=request, response=response)


def _check_clean(exchanges: Sequence[Exchange], redactor: Redactor, path: str) -> None:
    found = [f"{kind} in {where} of #{one.slot}" for one in exchanges for where, kind in redactor.scan(one)]
    if found:
        told = "; ".join(dict.fromkeys(found))
        raise SecretFound(f"{path}: a secret is left that was not taken out: {told}. Take it out by hand.", path=path)


def _dated(
    content: dict[str, Any], interactions: Iterable[Interaction], modified: datetime
) -> tuple[datetime, DatedBy]:
    """The oldest moment, by what tells it best."""
    told = [one.recorded_at for one in interactions] + [str(content.get("recorded_at") or "")]
    dates = [value for one in interactions for name, value in one.headers if name == "date"]
    if moments := [moment for text in told if (moment := _moment(text))]:
        return min(moments), "the cassette"
    if moments := [moment for text in dates if (moment := _moment(text))]:
        return min(moments), "the date of its responses"
    return modified, "the date of the file"


def _moment(text: str) -> datetime | None:
    """In ISO 8601 or as in an HTTP header; without a time zone it is UTC."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
        except (ValueError, TypeError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _parts(content: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """What recorded it: of itself it says no version."""
    by = content.get("recorded_with")
    return (("vcrpy", by if isinstance(by, str) and by else "unknown"),)

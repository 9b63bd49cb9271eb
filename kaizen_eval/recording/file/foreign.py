"""What the bytes of a cassette must be before anything of it is read: text, whole, and ours."""

from __future__ import annotations

from kaizen_eval.recording.file.content import SCHEMA
from kaizen_eval.recording.file.fields import corrupt
from kaizen_eval.recording.file.limits import MOST_BYTES

__all__ = ["checked_text"]

_YAML_END = "\n...\n"
_MARKERS = ("<<<<<<< ", "=======\n", ">>>>>>> ", "||||||| ")
_STOCK = ("interactions:", '"interactions"')
"""How the list begins that a cassette of vcrpy is, in its two forms."""


def checked_text(data: bytes, path: str) -> str:
    """The file's text; a byte order mark and the line ends of a checkout on Windows are taken off.

    Raises:
        CassetteCorrupt: it is no whole cassette of ours.
    """
    if len(data) > MOST_BYTES:
        raise corrupt(path, None, f"the file has {len(data):,} bytes; a cassette may have {MOST_BYTES:,}.")
    if not data.strip():
        raise corrupt(path, 1, "the file is empty. Record it anew, or restore it from version control.")
    text = _text(data, path)
    _refuse_conflicts(text, path)
    _refuse_stock(text, path)
    _refuse_torn(text, path)
    return text


def _text(data: bytes, path: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise corrupt(path, line, f"this is no UTF-8: {error.reason}. A cassette is text in UTF-8.") from error
    text = text.replace("\r\n", "\n")
    for sign, name in (("\0", "a NUL character"), ("\r", "a carriage return without a line feed")):
        if (at := text.find(sign)) >= 0:
            raise corrupt(path, text.count("\n", 0, at) + 1, f"here is {name}; a cassette never holds one.")
    return text


def _refuse_conflicts(text: str, path: str) -> None:
    """What a merge leaves behind; in a cassette nothing else begins a line like that."""
    for marker in _MARKERS:
        at = 0 if text.startswith(marker) else text.find(f"\n{marker}") + 1
        if at or text.startswith(marker):
            what = f"here is a conflict marker of version control, {marker.strip()!r}: resolve it"
            raise corrupt(
                path, text.count("\n", 0, at) + 1, f"{what}, or take one side whole: git checkout --theirs {path}"
            )


def _refuse_stock(text: str, path: str) -> None:
    yaml, json = _STOCK
    if text.startswith(yaml) or f"\n{yaml}" in text or (text[:1] == "{" and json in text[: text.find("[") + 1]):
        raise corrupt(path, 1, f"this is a cassette of vcrpy. Convert it: kaizen-eval cassettes convert {path}")


def _refuse_torn(text: str, path: str) -> None:
    if "schema" not in text[:1000]:
        raise corrupt(path, 1, f"this is no cassette of kaizen-eval: it does not begin with 'schema: {SCHEMA}'.")
    if text.startswith("{") or text.endswith(_YAML_END):
        return
    what = "the end is missing: the file is torn. Its last line should be '...', which ends every cassette."
    raise corrupt(path, text.count("\n") + (not text.endswith("\n")), what)

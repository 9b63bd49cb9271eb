"""Reads a file as UTF-8 text, or says where it is none."""

from __future__ import annotations

from pathlib import Path

from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.written import Spot

__all__ = ["text_of"]


def text_of(path: Path, problems: Problems) -> str:
    """The whole text, without a mark of its encoding.

    Raises:
        DatasetError: it is no UTF-8.
    """
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            problems.stop(Spot(1), "the file is UTF-16; save it as UTF-8.")
        before = raw[: error.start]
        column = error.start - before.rfind(b"\n")
        spot = Spot(before.count(b"\n") + 1, column)
        problems.stop(spot, f"the file is no UTF-8: the byte 0x{raw[error.start]:02x}. Save it as UTF-8.")

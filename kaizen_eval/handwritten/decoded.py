"""The text that a file's bytes are, as far as it can be read and written again."""

from __future__ import annotations

from kaizen_eval.handwritten.nodes import Node, Spot
from kaizen_eval.handwritten.problems import Problems

__all__ = ["LARGEST", "check_texts", "decoded"]

LARGEST = 1024 * 1024
"""Bytes of a file."""


def decoded(text: str | bytes, problems: Problems) -> str:
    """The whole text, without a mark of its encoding.

    Raises:
        KaizenError: it is too large, or no UTF-8.
    """
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(raw) > LARGEST:
        problems.stop(Spot(1, 1), f"the file is larger than {LARGEST // 1024**2} MiB.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        begin = before.rfind(b"\n") + 1
        spot = Spot(before.count(b"\n") + 1, len(before[begin:].decode("utf-8", "replace")) + 1)
        problems.stop(spot, f"the file is no UTF-8: the byte 0x{raw[error.start]:02x}.")


def check_texts(root: Node, problems: Problems) -> None:
    """No text may hold half of a character: it could not be sent."""
    for node in root.texts():
        if any("\ud800" <= sign <= "\udfff" for sign in str(node.scalar)):
            problems.add(node, f"the text {node.scalar!r} holds half of a character, and cannot be sent.")

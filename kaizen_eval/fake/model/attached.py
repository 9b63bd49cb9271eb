"""What images, sound and files add to a prompt."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterable

from kaizen_eval.fake.inquiry import Attachment
from kaizen_eval.fake.model.image_size import Size, image_size
from kaizen_eval.fake.model.image_tokens import image_tokens

__all__ = ["attached_tokens"]

_UNKNOWN = Size(1024, 1024)
"""An image that is only named by its URL or its id: nothing is ever fetched."""
_HEAD = 1 << 18
"""How much of an image is read for its size; a multiple of four, as base64 wants."""
_PER_SECOND = 10
"""OpenAI counts a token for each tenth of a second that it hears."""
_BYTES_PER_SECOND = 16_000
"""Of MP3 in its usual quality; of WAV its head says it."""
_BYTES_PER_TOKEN = 4
"""Of a file: an estimate."""


def attached_tokens(attachments: Iterable[Attachment], model: str | None) -> int:
    """By OpenAI's guides for images whose size can be read, and for sound; an estimate for all else."""
    return sum(_tokens(attachment, model) for attachment in attachments)


def _tokens(attachment: Attachment, model: str | None) -> int:
    match attachment.kind:
        case "image":
            data = _decoded(attachment.source, most=_HEAD) or b""
            return image_tokens(model, image_size(data) or _UNKNOWN, attachment.detail)
        case "audio":
            return _PER_SECOND * _seconds(attachment.source)
        case "file":
            return 0 if _is_name(attachment.source) else _length(attachment.source) // _BYTES_PER_TOKEN


def _is_name(source: str) -> bool:
    """Whether it only names a file that the service has, or where it is."""
    return source.startswith(("file-", "file_", "http://", "https://"))


def _seconds(source: str) -> int:
    """Rounded up."""
    head = _decoded(source, most=64) or b""
    rate = int.from_bytes(head[28:32], "little") if head[:4] == b"RIFF" else 0
    return -(-_length(source) // (rate or _BYTES_PER_SECOND))


def _length(source: str) -> int:
    """How many bytes base64 stands for."""
    return len(source[_start(source) :].rstrip("=")) * 3 // 4


def _decoded(source: str, *, most: int) -> bytes | None:
    """The beginning of data in base64, of which `most` characters are read; None where it is none."""
    start = _start(source)
    try:
        return b64decode(source[start : start + most], validate=True)
    except (binascii.Error, ValueError):
        return None


def _start(source: str) -> int:
    """Where the data begins: after the head of a data URL, if there is one."""
    return source.index(",") + 1 if source.startswith("data:") and "," in source else 0

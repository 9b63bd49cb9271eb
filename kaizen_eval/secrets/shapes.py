"""The shapes of secrets that can be told by their looks alone."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kaizen_eval.secrets.kinds import ACCOUNT, BEARER, URL_PASSWORD
from kaizen_eval.secrets.spans import Span
from kaizen_eval.secrets.values import is_random

__all__ = ["PREFIXED", "Shape", "framed_spans", "prefixed_spans", "shape_spans"]


class Shape(NamedTuple):
    """What one kind of secret looks like."""

    kind: str
    prefix: str
    """What it begins with: a regular expression of fixed letters, so that it can be looked for cheaply."""
    rest: str
    """What follows: a regular expression that never goes back, so that it is done in one pass."""
    accepts: Callable[[str], bool] = bool
    """Whether what was found really is one."""


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _is_mixed(text: str) -> bool:
    """Capitals, small letters and digits: no word has all three."""
    return _has_digit(text) and text.lower() != text and text.upper() != text


def _is_id(text: str) -> bool:
    return _has_digit(text) or _is_mixed(text)


def _is_key(text: str) -> bool:
    return "***" in text or (_has_digit(text) and len(text) >= 19)


_OTHERS = (
    "pplx-|r8_|nvapi-|fw_|csk-|tvly-|lsv2_pt_|lsv2_sk_|pk-lf-|jina_|pcsk_|dapi|dckr_pat_|dop_v1_|doo_v1_|dor_v1_|ntn_|"
    "secret_|lin_api_|shpat_|shpca_|shppa_|shpss_|sntrys_|sntryu_|NRAK-|glsa_|glc_|sbp_|sb_secret_|AGE-SECRET-KEY-1|"
    "tgp_v1_|dp\\.pt\\."
)
PREFIXED: tuple[Shape, ...] = (
    Shape("Anthropic key", "sk-ant-", r"[\w-]{12,}+", _has_digit),
    Shape("OpenRouter key", "sk-or-", r"[\w-]{12,}+", _has_digit),
    Shape("OpenAI key", "sk-", r"[\w*-]{8,}+", _is_key),
    Shape("Google key", "AIza", r"[\w-]{35,}+"),
    Shape("Google key", "ya29\\.", r"[\w.-]{20,}+"),
    Shape("Google key", "GOCSPX-", r"[\w-]{20,}+"),
    Shape("AWS key", "AKIA|ASIA|ABIA|ACCA|AROA|AIDA", r"[A-Z0-9]{16}(?![A-Z0-9])"),
    Shape("AWS key", "ABSK", r"[\w+/=-]{40,}+"),
    Shape("GitHub token", "ghp_|gho_|ghu_|ghs_|ghr_", r"[A-Za-z0-9]{20,}+"),
    Shape("GitHub token", "github_pat_", r"\w{20,}+"),
    Shape("GitLab token", "glpat-|gldt-|glrt-|glcbt-|glptt-|glft-|glsoat-|glagent-|gloas-", r"[\w.-]{20,}+"),
    Shape("Slack token", "xoxa-|xoxb-|xoxe[.-]|xoxo-|xoxp-|xoxr-|xoxs-|xapp-", r"[\w.-]{10,}+", _has_digit),
    Shape("Slack token", "hooks\\.slack\\.com/", r"(?:services|workflows|triggers)/[\w/]{20,}+"),
    Shape("Stripe key", "sk_live_|sk_test_|rk_live_|rk_test_|whsec_", r"[A-Za-z0-9+/=]{16,}+"),
    Shape("Hugging Face token", "hf_", r"[A-Za-z0-9]{30,}+"),
    Shape("Groq key", "gsk_", r"[A-Za-z0-9]{32,}+"),
    Shape("xAI key", "xai-", r"[A-Za-z0-9_-]{32,}+", _has_digit),
    Shape("npm token", "npm_", r"[A-Za-z0-9]{36,}+"),
    Shape("PyPI token", "pypi-", r"[\w-]{50,}+"),
    Shape("SendGrid key", "SG\\.", r"[\w-]{16,}+\.[\w-]{16,}+"),
    Shape("Twilio key", "SK|AC", r"[0-9a-f]{32}(?![A-Za-z0-9])"),
    Shape("JSON web token", "eyJ", r"[\w-]{8,}+\.eyJ[\w-]{8,}+(?:\.[\w-]*+){0,4}"),
    Shape(ACCOUNT, "org-|user-", r"[A-Za-z0-9]{20,}+", _is_id),
    Shape(ACCOUNT, "proj_", r"[A-Za-z0-9]{16,}+", _is_id),
    Shape("Azure key", "AccountKey=|SharedAccessKey=", r"[A-Za-z0-9+/=]{40,}+"),
    Shape("Azure key", "sig=", r"[A-Za-z0-9+/=%]{40,}+"),
    Shape("service token", _OTHERS, r"[\w-]{20,}+", _is_mixed),
    Shape("service token", "dapi|dop_v1_|doo_v1_|dor_v1_|r8_|pcsk_|NRAK-|AGE-SECRET-KEY-1", r"[\w-]{26,}+", _has_digit),
)
"""Those that begin with something of their own, at no letter or digit. The first that fits is taken."""


def _any_of(prefixes: str) -> str:
    """The alternatives of a regular expression by their first letters: most places fit none, and are left at once."""
    rests: dict[str, list[str]] = {}
    for prefix in prefixes.split("|"):
        rests.setdefault(prefix[0], []).append(prefix[1:])
    return "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items())


_ANY_PREFIX = _any_of("|".join(shape.prefix for shape in PREFIXED))
_FIRST = re.compile(f"({_ANY_PREFIX})")
_INNER = re.compile(f"[^A-Za-z0-9]({_ANY_PREFIX})")
"""With the sign before it: faster than looking back from every letter."""
_WHOLE = tuple((shape, re.compile(f"(?:{shape.prefix}){shape.rest}", re.ASCII)) for shape in PREFIXED)
_BEARER = re.compile(r"(?<![A-Za-z])[Bb]earer[ \t]{1,4}([\w.~+/=-]{8,}+)", re.ASCII)
_BASIC = re.compile(r"(?<![A-Za-z])[Bb]asic[ \t]{1,4}([A-Za-z0-9+/]{8,}+={0,2})", re.ASCII)
_URL = re.compile(r":(?://|\\/\\/)([^\s:/@\"'<>\\]{0,256}+):([^\s/@\"'<>\\]{1,256}+)@")
_TELEGRAM = re.compile(r"(?<!\d)\d{8,10}:AA[\w-]{33}(?![\w-])", re.ASCII)
_AZURE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}(?![A-Za-z0-9])", re.ASCII)
_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_LINES = re.compile(
    r"(?:(?:\s|\\{1,8}[nr])*+[A-Za-z0-9+/=]{16,}+)*+(?:(?:\s|\\{1,8}[nr])*+[A-Za-z0-9+/=]{0,15}+\Z)?"
)


def shape_spans(text: str) -> Iterator[Span]:
    """Everything in the text that is a secret by its looks."""
    yield from prefixed_spans(text)
    yield from framed_spans(text)
    if ":AA" in text:
        yield from (Span(*found.span(), "Telegram token") for found in _TELEGRAM.finditer(text))
    if "JQQJ99" in text:
        yield from (Span(*found.span(), "Azure key") for found in _AZURE.finditer(text))


def framed_spans(text: str) -> Iterator[Span]:
    """What is told by what stands before it, or around it."""
    if "earer" in text:
        yield from _groups(_BEARER, text, BEARER, is_random)
    if "asic " in text:
        yield from _groups(_BASIC, text, BEARER, _is_user_and_password)
    if "@" in text:
        yield from (Span(*found.span(2), URL_PASSWORD) for found in _URL.finditer(text))
    if "-----BEGIN" in text:
        yield from _private_keys(text)


def prefixed_spans(text: str) -> Iterator[Span]:
    """What begins with something of its own."""
    position = 0
    refused: dict[int, int] = {}
    while begins := _next_prefix(text, position):
        span = _prefixed_at(text, begins.start(1), refused)
        if span:
            yield span
        position = span.end if span else begins.end(1)


def _next_prefix(text: str, position: int) -> re.Match[str] | None:
    if position:
        return _INNER.search(text, position - 1)
    return _FIRST.match(text) or _INNER.search(text)


def _prefixed_at(text: str, start: int, refused: dict[int, int]) -> Span | None:
    """The secret that begins there.

    Where the last of each shape ended that was none, is kept in `refused`: a part of it is none either, and is not
    read again.
    """
    for number, (shape, whole) in enumerate(_WHOLE):
        if refused.get(number, 0) > start or not (found := whole.match(text, start)):
            continue
        if shape.accepts(found[0]):
            return Span(start, found.end(), shape.kind)
        refused[number] = found.end()
    return None


def _groups(pattern: re.Pattern[str], text: str, kind: str, accepts: Callable[[str], bool]) -> Iterator[Span]:
    return (Span(*found.span(1), kind) for found in pattern.finditer(text) if accepts(found[1]))


def _is_user_and_password(text: str) -> bool:
    try:
        plain = binascii.a2b_base64(text)
    except ValueError:
        return False
    return b":" in plain and plain.isascii()


def _private_keys(text: str) -> Iterator[Span]:
    """Blocks to their ends; one that is cut ends with its last line."""
    ends = [end.end() for end in _PEM_END.finditer(text)]
    ends.reverse()
    position = 0
    while begins := _PEM.search(text, position):
        while ends and ends[-1] < begins.end():
            ends.pop()
        lines = _PEM_LINES.match(text, begins.end())
        position = ends[-1] if ends else lines.end() if lines else begins.end()
        yield Span(begins.start(), position, "private key")

"""Strings of the formats that JSON Schema and pydantic name."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from kaizen_eval.fake.generation import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaizen_eval.fake.generation.source import Source

__all__ = ["FORMATS"]


def _date(source: Source) -> str:
    return f"{source.between(2001, 2024)}-{source.between(1, 12):02}-{source.between(1, 28):02}"


def _time(source: Source) -> str:
    return f"{source.below(24):02}:{source.below(60):02}:{source.below(60):02}Z"


def _uuid(version: int = 4) -> Callable[[Source], str]:
    def make(source: Source) -> str:
        digits = "".join(f"{source.below(1 << 40):010x}" for _ in range(3))
        variant = source.pick("89ab")
        return f"{digits[:8]}-{digits[8:12]}-{version}{digits[12:15]}-{variant}{digits[15:18]}-{digits[18:]}"

    return make


def _ipv4(source: Source) -> str:
    return f"192.0.2.{source.between(1, 254)}"


def _ipv6(source: Source) -> str:
    return f"2001:db8::{source.between(1, 0xFFFF):x}"


def _host(source: Source) -> str:
    return f"{words.word(source)}.example.com"


def _email(source: Source) -> str:
    return f"{words.word(source)}@example.com"


def _uri(source: Source) -> str:
    return f"https://example.com/{words.word(source)}"


FORMATS: dict[str, Callable[[Source], str]] = {
    "date": _date,
    "date-time": lambda source: f"{_date(source)}T{_time(source)}",
    "date-time-local": lambda source: f"{_date(source)}T{_time(source).removesuffix('Z')}",
    "time": _time,
    "time-local": lambda source: _time(source).removesuffix("Z"),
    "duration": lambda source: f"PT{source.between(1, 90)}M",
    "uuid": _uuid(),
    "uuid1": _uuid(1),
    "uuid3": _uuid(3),
    "uuid4": _uuid(4),
    "uuid5": _uuid(5),
    "email": _email,
    "idn-email": _email,
    "hostname": _host,
    "idn-hostname": _host,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "ipvanyaddress": _ipv4,
    "ipv4interface": lambda source: f"{_ipv4(source)}/24",
    "ipv6interface": lambda source: f"{_ipv6(source)}/64",
    "ipvanyinterface": lambda source: f"{_ipv4(source)}/24",
    "ipv4network": lambda source: f"10.{source.below(256)}.0.0/16",
    "ipv6network": lambda source: f"2001:db8:{source.between(1, 0xFFFF):x}::/48",
    "ipvanynetwork": lambda source: f"10.{source.below(256)}.0.0/16",
    "path": lambda source: f"notes/{words.word(source)}.txt",
    "base64": lambda source: b64encode(words.word(source).encode()).decode(),
    "base64url": lambda source: b64encode(words.word(source).encode()).decode(),
    "application/json": lambda source: f'"{words.word(source)}"',
    "uri": _uri,
    "uri-reference": _uri,
    "iri": _uri,
    "iri-reference": _uri,
    "uri-template": lambda source: f"{_uri(source)}/{{id}}",
    "json-pointer": lambda source: f"/{words.word(source)}",
    "relative-json-pointer": lambda source: f"{source.below(3)}/{words.word(source)}",
    "regex": lambda source: f"^{words.word(source)}$",
}

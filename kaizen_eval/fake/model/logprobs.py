"""Log probabilities for the tokens of a text: made up, plausible, and the same in every process."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

__all__ = ["MOST_ALTERNATIVES", "TokenLogprob", "token_logprobs"]

MOST_ALTERNATIVES = 20
"""How many the real service gives at most."""
_DIGITS = 6
"""The last bits of a logarithm are not the same on every machine."""
_UNSAID = 0.01
"""The share of what the chosen token leaves that no alternative listed ever gets, so that no sum passes 1."""


class TokenLogprob(NamedTuple):
    """One token, and how likely it was where it stands."""

    token: str
    """As OpenAI shows it: a part of a character as its escaped bytes."""
    bytes: tuple[int, ...]
    logprob: float
    """The natural logarithm of its probability."""
    top: tuple[TokenLogprob, ...] = ()
    """The most likely tokens there, the chosen one first; as many as were asked for. Theirs are empty."""


def token_logprobs(tokens: Sequence[bytes], *, key: str, top: int) -> tuple[TokenLogprob, ...]:
    """For each token, with `top` alternatives; another key, other probabilities."""
    most = min(top, MOST_ALTERNATIVES)
    return tuple(_of(token, f"{key} {place}", most) for place, token in enumerate(tokens))


def _of(token: bytes, key: str, top: int) -> TokenLogprob:
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=12).digest()
    sure, spread, start = (int.from_bytes(digest[place : place + 4], "big") for place in (0, 4, 8))
    chosen = 1 - 0.5 * (sure / 2**32) ** 3 - 1e-4  # models are mostly sure
    said = _one(token, chosen)
    if not top:
        return said
    shares = _shares(1 - chosen, 0.5 + 0.3 * (spread / 2**32))
    others = zip(_alternatives(token, start), shares, strict=False)
    return said._replace(top=(said, *(_one(other, share) for other, share in islice(others, top - 1))))


def _one(token: bytes, probability: float) -> TokenLogprob:
    return TokenLogprob(_shown(token), tuple(token), round(math.log(probability), _DIGITS))


def _shares(left: float, part: float) -> Iterator[float]:
    """What each alternative gets of the probability that is left: less than half of what the one before got."""
    left *= 1 - _UNSAID
    while True:
        yield left * part
        left *= 1 - part


def _alternatives(token: bytes, start: int) -> Iterator[bytes]:
    """Other tokens that could stand there, each once."""
    kin = next(kin for fits, kin in _KIN if fits(token))
    words = [word for word in kin if word != token]
    return (words[(start + place) % len(words)] for place in range(len(words)))


def _shown(token: bytes) -> str:
    try:
        return token.decode()
    except UnicodeDecodeError:
        return "".join(f"\\x{byte:02x}" for byte in token)


_WORDS = b"""
    the a and of to in is that it for on with as this at by from an are be or not but which one all can will its more
""".split()
_MARKS = b". , : ; ! ? - ( ) \" ' { } [ ] / * # = + < > & % $ | _ `".split()
_NUMBERS = [b"%d" % number for number in range(100)]
_KIN = (
    (lambda token: token.isdigit(), _NUMBERS),
    (lambda token: token[:1] == b" ", [b" " + word for word in _WORDS]),
    (lambda token: token.isalpha(), _WORDS),
    (lambda token: True, _MARKS),  # noqa: ARG005 - whatever else it is
)
"""Which tokens could stand where one of a kind does; more of each than are ever asked for."""

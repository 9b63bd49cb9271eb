"""Readable text: what a string of that name might say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaizen_eval.fake.generation.source import Source

__all__ = ["free_text", "sentence", "word"]

_ADJECTIVES = tuple(
    "amber brief bright calm clear early fair fresh gentle green honest keen late light loud mild narrow new open "
    "plain quick quiet rare sharp short silver simple slow small soft solid spare steady still sweet tall tidy warm "
    "wide".split()
)
_NOUNS = tuple(
    "apple bridge brook cedar cloud coast door ember field forest garden glass harbor hill island lamp lantern leaf "
    "letter map maple meadow mirror moon morning mountain note orchard paper path pebble pine planet river road salt "
    "shore signal snow spring stone street summer table thread tide tower town valley village window winter".split()
)
_VERBS = tuple(
    "answers borders brings carries covers crosses explains fills finds follows guards holds joins keeps leads lifts "
    "marks meets needs opens passes reaches shows supports turns watches".split()
)
_FIRST_NAMES = tuple(
    "Ada Ben Cleo Dan Eva Finn Grace Hugo Iris Jon Kira Leo Mara Nils Olga Paul Rosa Sam Tess Viktor".split()
)
_LAST_NAMES = tuple(
    "Berg Cole Dahl Ekman Frost Grant Hale Ito Jensen Klein Lund Moss Novak Okafor Park Quinn Reyes".split()
)
_CITIES = tuple("Bergen Cork Dakar Ghent Graz Kyoto Lima Lyon Oslo Perth Porto Quito Riga Tartu Turin Utrecht".split())
_COUNTRIES = tuple("Austria Chile Estonia Ghana Iceland Japan Kenya Norway Peru Portugal Uruguay Vietnam".split())


def word(source: Source) -> str:
    return source.pick(_NOUNS)


def sentence(source: Source) -> str:
    adjective, noun, verb, other = (source.pick(words) for words in (_ADJECTIVES, _NOUNS, _VERBS, _NOUNS))
    return f"The {adjective} {noun} {verb} the {other}."


def _phrase(source: Source) -> str:
    return f"{source.pick(_ADJECTIVES)} {source.pick(_NOUNS)}"


def _title(source: Source) -> str:
    return f"The {source.pick(_ADJECTIVES).title()} {source.pick(_NOUNS).title()}"


def _person(source: Source) -> str:
    return f"{source.pick(_FIRST_NAMES)} {source.pick(_LAST_NAMES)}"


def _identifier(source: Source) -> str:
    return f"{source.pick(_NOUNS)}-{source.between(1, 99)}"


def _email(source: Source) -> str:
    return f"{source.pick(_FIRST_NAMES).lower()}.{source.pick(_LAST_NAMES).lower()}@example.com"


def _link(source: Source) -> str:
    return f"https://example.com/{source.pick(_ADJECTIVES)}-{source.pick(_NOUNS)}"


def _phone(source: Source) -> str:
    return f"+1 555 01{source.below(100):02}"


def _code(source: Source) -> str:
    return f'print("{source.pick(_ADJECTIVES)} {source.pick(_NOUNS)}")'


def _one_of(words: tuple[str, ...]) -> Callable[[Source], str]:
    return lambda source: source.pick(words)


_BY_NAME: dict[str, Callable[[Source], str]] = {
    "email": _email,
    "mail": _email,
    "url": _link,
    "uri": _link,
    "link": _link,
    "phone": _phone,
    "city": _one_of(_CITIES),
    "location": _one_of(_CITIES),
    "capital": _one_of(_CITIES),
    "country": _one_of(_COUNTRIES),
    "language": _one_of(("Dutch", "English", "Finnish", "French", "German", "Japanese", "Spanish")),
    "currency": _one_of(("CHF", "EUR", "GBP", "JPY", "NOK", "USD")),
    "sentiment": _one_of(("negative", "neutral", "positive")),
    "color": _one_of(("amber", "blue", "green", "red", "silver", "white")),
    "colour": _one_of(("amber", "blue", "green", "red", "silver", "white")),
    "name": _person,
    "author": _person,
    "person": _person,
    "title": _title,
    "heading": _title,
    "id": _identifier,
    "key": _identifier,
    "code": _code,
    "answer": sentence,
    "response": sentence,
    "reply": sentence,
    "summary": sentence,
    "reason": sentence,
    "reasoning": sentence,
    "explanation": sentence,
    "rationale": sentence,
    "description": sentence,
    "analysis": sentence,
    "feedback": sentence,
    "comment": sentence,
    "message": sentence,
    "text": sentence,
    "content": sentence,
    "thought": sentence,
    "result": sentence,
    "output": sentence,
}


def free_text(name: str) -> Callable[[Source], str]:
    """The maker for a string of that name: its last known word decides, `home_city` is a city."""
    for part in reversed(_parts(name)):
        known = _BY_NAME.get(part) or _BY_NAME.get(part.removesuffix("s"))
        if known is not None:
            return known
    return _phrase


def _parts(name: str) -> list[str]:
    """`homeCity`, `home_city` and `home-city` are `home`, `city`."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return spaced.replace("_", " ").replace("-", " ").split()

"""Readable text: what a string of that name might say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaizen_eval.fake.generation import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaizen_eval.fake.generation.source import Source

__all__ = ["entry_name", "free_text", "sentence", "word"]


def word(source: Source) -> str:
    return source.pick(vocabulary.NOUNS)


def sentence(source: Source) -> str:
    adjective, noun, verb, other = (
        source.pick(words) for words in (vocabulary.ADJECTIVES, vocabulary.NOUNS, vocabulary.VERBS, vocabulary.NOUNS)
    )
    return f"The {adjective} {noun} {verb} the {other}."


def entry_name(source: Source) -> str:
    return f"{source.pick(vocabulary.ADJECTIVES)}_{source.pick(vocabulary.NOUNS)}"


def _phrase(source: Source) -> str:
    return f"{source.pick(vocabulary.ADJECTIVES)} {source.pick(vocabulary.NOUNS)}"


def _title(source: Source) -> str:
    return f"The {source.pick(vocabulary.ADJECTIVES).title()} {source.pick(vocabulary.NOUNS).title()}"


def _person(source: Source) -> str:
    return f"{source.pick(vocabulary.FIRST_NAMES)} {source.pick(vocabulary.LAST_NAMES)}"


def _identifier(source: Source) -> str:
    return f"{source.pick(vocabulary.NOUNS)}-{source.between(1, 99)}"


def _email(source: Source) -> str:
    return f"{source.pick(vocabulary.FIRST_NAMES).lower()}.{source.pick(vocabulary.LAST_NAMES).lower()}@example.com"


def _link(source: Source) -> str:
    return f"https://example.com/{source.pick(vocabulary.ADJECTIVES)}-{source.pick(vocabulary.NOUNS)}"


def _phone(source: Source) -> str:
    return f"+1 555 01{source.below(100):02}"


def _code(source: Source) -> str:
    return f'print("{source.pick(vocabulary.ADJECTIVES)} {source.pick(vocabulary.NOUNS)}")'


def _one_of(words: tuple[str, ...]) -> Callable[[Source], str]:
    return lambda source: source.pick(words)


_BY_NAME: dict[str, Callable[[Source], str]] = {
    "email": _email,
    "mail": _email,
    "url": _link,
    "uri": _link,
    "link": _link,
    "phone": _phone,
    "city": _one_of(vocabulary.CITIES),
    "location": _one_of(vocabulary.CITIES),
    "capital": _one_of(vocabulary.CITIES),
    "country": _one_of(vocabulary.COUNTRIES),
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


def free_text(name: str, description: str = "") -> Callable[[Source], str]:
    """By the last known word of its name (`home_city` is a city), else by the first one of its description."""
    for part in (*reversed(_parts(name)), *description.lower().split()):
        known = _BY_NAME.get(part) or _BY_NAME.get(part.removesuffix("s"))
        if known is not None:
            return known
    return _phrase


def _parts(name: str) -> list[str]:
    """`homeCity`, `home_city` and `home-city` are `home`, `city`."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return spaced.replace("_", " ").replace("-", " ").split()

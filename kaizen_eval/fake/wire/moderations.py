"""OpenAI's moderations as a server sees them: request bodies in, a verdict on each input out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, TypeGuard

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.wire import fields
from kaizen_eval.fake.wire.scripted import said_of_each
from kaizen_eval.suggestion import suggestion

__all__ = ["CATEGORIES", "Content", "Verdict", "decode_inputs", "decode_verdicts", "encode_response"]

_OF_IMAGES = frozenset(
    {"self-harm", "self-harm/instructions", "self-harm/intent", "sexual", "violence", "violence/graphic"}
)
CATEGORIES: tuple[str, ...] = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
_FINEST = 1 << 30
"""Scores are multiples of 1/_FINEST, so that they are exact; what is not flagged stays below 2^16/_FINEST."""
_FLAGGED_SCORE = 1 - 1 / 1024


class Content(NamedTuple):
    """One input: what is moderated together."""

    text: str
    kinds: tuple[str, ...] = ("text",)
    """What it holds: "text", "image" or both."""


class Verdict(NamedTuple):
    """What is said of an input; what is left out is not flagged, and scores next to nothing."""

    flagged: bool = False
    categories: Mapping[str, bool] = {}
    scores: Mapping[str, float] = {}


_part = fields.tagged(
    {
        "text": fields.record({"type": fields.anything, "text": fields.text()}),
        "image_url": fields.record(
            {"type": fields.anything, "image_url": fields.record({"url": fields.text()}, {"detail": fields.text()})}
        ),
    }
)


def decode_inputs(body: Mapping[str, Any]) -> tuple[Content, ...]:
    """What is to be moderated: a text, each of several, or one message of texts and pictures.

    Raises:
        Rejection: the real service would refuse it, too.
    """
    _check("", body)
    given = body["input"]
    if isinstance(given, str):
        return (Content(given),)
    if isinstance(given[0], str):
        return tuple(map(Content, given))
    text = "\n".join(part["text"] if part["type"] == "text" else part["image_url"]["url"] for part in given)
    kinds = {"text" if part["type"] == "text" else "image" for part in given}
    return (Content(text, tuple(sorted(kinds, reverse=True))),)


def decode_verdicts(text: str, count: int) -> tuple[Verdict, ...]:
    """What a script says, as JSON: one verdict for all inputs, or a list of one for each.

    Raises:
        ScriptError: it is none, or not as many as the inputs.
    """
    verdicts = said_of_each(text, count, is_one=lambda said: isinstance(said, dict))
    if verdicts is None:
        raise ScriptError(
            "A reply to a moderation is a verdict for all inputs, or a list of one for each of the "
            f"{count}, such as Reply(data={{'flagged': True, 'categories': {{'violence': True}}}}), not {text!r}."
        )
    return tuple(map(_verdict, verdicts))


def encode_response(
    contents: Sequence[Content], verdicts: Sequence[Verdict], *, mark: str, model: str
) -> dict[str, Any]:
    """The body of a response."""
    results = [_result(content, verdict) for content, verdict in zip(contents, verdicts, strict=True)]
    return {"id": f"modr-{mark}", "model": model, "results": results}


def _check_input(path: str, value: object) -> None:
    if isinstance(value, str):
        return
    of_texts = isinstance(value, list) and bool(value) and isinstance(value[0], str)
    fields.items(fields.text() if of_texts else _part, least=1)(path, value)


_check = fields.record({"input": _check_input}, {"model": fields.nullable(fields.text())})


def _verdict(said: object) -> Verdict:
    if not _is_verdict(said):
        raise ScriptError(
            "A verdict has flagged (true or false), categories (true or false by name) and category_scores (numbers by "
            f"name), nothing else, not {said!r}."
        )
    categories, scores = said.get("categories", {}), said.get("category_scores", {})
    for name in (*categories, *scores):
        if name not in CATEGORIES:
            known = ", ".join(CATEGORIES)
            raise ScriptError(
                f"Moderations have no category {name!r}{suggestion(name, CATEGORIES)} They have: {known}."
            )
    return Verdict(said.get("flagged", any(categories.values())), categories, scores)


def _is_verdict(said: object) -> TypeGuard[dict[str, Any]]:
    if not isinstance(said, dict) or said.keys() - {"flagged", "categories", "category_scores"}:
        return False
    return (
        isinstance(said.get("flagged", False), bool)
        and _is_table(said.get("categories", {}), bool)
        and _is_table(said.get("category_scores", {}), int, float)
    )


def _is_table(value: object, *kinds: type) -> bool:
    return isinstance(value, dict) and all(type(held) in kinds for held in value.values())


def _result(content: Content, verdict: Verdict) -> dict[str, Any]:
    categories = {name: bool(verdict.categories.get(name)) for name in CATEGORIES}
    faint = _faint_scores(content.text)
    scores = {name: _FLAGGED_SCORE if categories[name] else faint[name] for name in CATEGORIES}
    return {
        "flagged": verdict.flagged,
        "categories": categories,
        "category_scores": {**scores, **{name: float(score) for name, score in verdict.scores.items()}},
        "category_applied_input_types": {name: _applied(name, content) for name in CATEGORIES},
    }


def _faint_scores(text: str) -> dict[str, float]:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=2 * len(CATEGORIES)).digest()
    return {
        name: int.from_bytes(digest[2 * place : 2 * place + 2], "big") / _FINEST
        for place, name in enumerate(CATEGORIES)
    }


def _applied(category: str, content: Content) -> list[str]:
    return [kind for kind in content.kinds if kind == "text" or category in _OF_IMAGES]

"""What a model may reply for a signature: values that fit, in all the ways in which models write them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake import Reply
from kaizen_eval.generators.corruptions import CORRUPTIONS, ENDINGS, Corrupted, corrupt
from kaizen_eval.generators.values import outputs
from kaizen_eval.llm.parsing.strict import decode
from kaizen_eval.signatures import Signature

__all__ = ["replies"]


def replies(signature: type[Signature]) -> SearchStrategy[Corrupted]:
    """Replies of every kind that the signature's outputs can go wrong in; the simplest is a clean one.

    Where prose is a legal reply, because no output is declared, only its end can go wrong.
    """
    return _free_texts(signature) if signature.free_text else _replies(signature)


def _free_texts(signature: type[Signature]) -> SearchStrategy[Corrupted]:
    texts = outputs(signature).map(lambda value: str(value["response"])).filter(str.strip)
    clean = texts.map(lambda text: Corrupted("clean", Reply(text), "either", {"response": text}))
    ended = st.builds(lambda kind, text: corrupt(kind, {"response": text}), st.sampled_from(list(ENDINGS)), texts)
    return clean | ended


@st.composite
def _replies(draw: DrawFn, signature: type[Signature]) -> Corrupted:
    value = signature.outputs_to_json(draw(outputs(signature)))
    return draw(st.sampled_from(list(_possible(signature, value))))


def _possible(signature: type[Signature], value: dict[str, Any]) -> Iterator[Corrupted]:
    schema = signature.output_schema()
    for kind in CORRUPTIONS:
        try:
            made = corrupt(kind, value, schema=schema)
        except ScriptError:  # nothing in this value can go wrong in this way
            continue
        if kind == "clean" or kind in ENDINGS or not _says_another(signature, made):
            yield made


def _says_another(signature: type[Signature], made: Corrupted) -> bool:
    """Whether it fits as it is, and says something else: "3" where a text or a number will do, {} where all may be left
    out.
    """
    try:
        said = signature.outputs_to_json(signature.check_json(_decoded(made.reply.text or "")))
    except (TypeError, ValueError, RecursionError):
        return False
    return made.owed == "an error" or {**said, **(made.meant or {})} != said


def _decoded(text: str) -> dict[str, Any]:
    """Strictly: a name that stands twice says nothing."""
    value = decode(text)
    if not isinstance(value, dict):
        raise TypeError(text)
    return value

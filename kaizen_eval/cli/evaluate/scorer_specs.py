"""Scorers as they are named on the command line: as in a dataset, `token_f1: {threshold: 0.7}` included."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kaizen_eval.errors import UsageError

__all__ = ["specs_of"]


def specs_of(texts: Iterable[str]) -> list[Any]:
    """What `scorers_from` takes.

    Raises:
        UsageError: settings that are no YAML.
    """
    return [_spec(text) for text in texts]


def _spec(text: str) -> Any:
    """A name holds no space; `module:name` is one."""
    if not any(sign in text for sign in " {"):
        return text
    import yaml  # noqa: PLC0415 - most scorers are named without settings

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise UsageError(
            f"--scorer {text!r} is no YAML: {said}. Write it as in a dataset: 'token_f1: {{threshold: 0.7}}'."
        ) from None

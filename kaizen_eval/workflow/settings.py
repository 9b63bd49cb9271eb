"""The settings of a node, checked: its id, its config, and how it is executed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from kaizen_eval.checks import number, optional, whole
from kaizen_eval.config import RetryPolicy
from kaizen_eval.errors import WorkflowError
from kaizen_eval.workflow.draft import Draft
from kaizen_eval.workflow.problems import Problems
from kaizen_eval.workflow.templates import RESERVED, Reference, parts

__all__ = ["Settings", "check_ids", "settled"]

_ID = re.compile(r"[\w-]+")
_NONE: Mapping[str, Any] = MappingProxyType({})
_LIST = "each is one template of a list, such as '{{inputs.items}}'"


class Settings(NamedTuple):
    """Those of a node; what was refused has its default."""

    config: Mapping[str, Any]
    each: str | None
    concurrency: int
    timeout: float | None
    retry: RetryPolicy | None


_DEFAULTS = Settings(_NONE, None, 10, None, None)


def check_ids(drafts: Sequence[Draft], problems: Problems) -> None:
    first: dict[Any, int] = {}
    for position, draft in enumerate(drafts):
        where = ("nodes", position, "id")
        if not isinstance(draft.id, str) or not _ID.fullmatch(draft.id):
            turned = "; the type goes first, then the id" if callable(draft.id) else ""
            problems.add(f"an id has letters, digits, _ and - alone, unlike {draft.id!r}{turned}.", *where)
        elif draft.id in RESERVED:
            problems.add(f"no node can have this id: {{{{{draft.id}}}}} means something else.", *where)
        elif draft.id in first:
            problems.add(f"another node, added as number {first[draft.id] + 1}, has this id.", *where)
        else:
            first[draft.id] = position


def settled(draft: Draft, position: int, problems: Problems) -> Settings:
    config, each, concurrency, timeout, retry = _DEFAULTS
    with problems.of("nodes", position, "config"):
        config = _config(draft.config)
    if draft[3:] == _DEFAULTS[1:]:  # as most are
        return Settings(config, *_DEFAULTS[1:])
    with problems.of("nodes", position, "each"):
        each = _each(draft.each)
    with problems.of("nodes", position, "concurrency"):
        whole("concurrency", draft.concurrency, least=1)
        concurrency = draft.concurrency
    with problems.of("nodes", position, "timeout"):
        optional(number, "timeout", draft.timeout, above=0)
        timeout = draft.timeout
    with problems.of("nodes", position, "retry"):
        retry = _retry(draft.retry)
    return Settings(config, each, concurrency, timeout, retry)


def _config(config: Any) -> Mapping[str, Any]:
    if not isinstance(config, Mapping):
        raise WorkflowError(f"config is a mapping of names to values, not {config!r}.")
    for name in config:
        if not isinstance(name, str):
            raise WorkflowError(f"config has names of inputs as keys, which {name!r} is not.")
    return config


def _each(each: object) -> str | None:
    if each is None:
        return None
    if not isinstance(each, str):
        raise WorkflowError(f"{_LIST}, not {each!r}; a list of your own reaches a workflow by its inputs.")
    found = parts(each)
    if len(found) != 1 or not isinstance(found[0], Reference):
        raise WorkflowError(f"{_LIST}, not {each!r}.")
    if found[0].node in {"item", "index"}:
        raise WorkflowError(f"{_LIST}; {each} is what comes out of it.")
    return each


def _retry(given: Any) -> RetryPolicy | None:
    """From a number of attempts in all, a policy, or a mapping of its fields."""
    if given is None:
        return None
    return RetryPolicy(attempts=given) if isinstance(given, int) else RetryPolicy.of(given)

"""The path of an endpoint, without what a base URL or a proxy puts before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["recorded_path"]

_VERSION = re.compile(r"v\d+(?:\.\d+)?(?:alpha|beta|preview)?\d*")
_ENDPOINTS = {
    "api": {"blobs", "chat", "create", "embed", "embeddings", "generate", "ps", "pull", "show", "tags", "version"},
    "assistants": None,
    "audio": {"speech", "transcriptions", "translations", "voices"},
    "batches": None,
    "chat": {"completions"},
    "complete": None,
    "completions": None,
    "containers": None,
    "conversations": None,
    "deployments": None,
    "embeddings": None,
    "evals": None,
    "files": None,
    "fim": {"completions"},
    "fine_tuning": {"checkpoints", "jobs"},
    "images": {"edits", "generations", "variations"},
    "messages": None,
    "model": None,
    "models": None,
    "moderations": None,
    "realtime": None,
    "rerank": None,
    "responses": None,
    "threads": None,
    "uploads": None,
    "vector_stores": None,
    "videos": None,
}
"""How the paths of known endpoints begin, and with what they go on; None where anything may follow."""


@lru_cache(maxsize=256)
def recorded_path(path: str) -> str:
    """The endpoint: `/chat/completions` of `/v1/chat/completions`, `/api/v1/chat/completions`, `/proxy/x/v1/chat/…`.

    What a path tells beyond that is kept: the deployment at Azure, the model at Google, the id of a response. Of a
    path that names no endpoint which we know, what stands before and with the version is taken away.
    """
    parts = [part for part in path.split("/") if part]
    return "/" + "/".join(parts[_start(parts) :])


def _start(parts: Sequence[str]) -> int:
    """Which part the endpoint begins with."""
    places = range(len(parts))
    if _is_endpoint(parts, 0) or any(_is_doubled(parts, place) for place in places):
        return 0
    versions = [place for place in places if _VERSION.fullmatch(parts[place])]
    after = next((place + 1 for place in versions if _is_endpoint(parts, place + 1)), None)
    if after is None:
        after = next((place for place in places if _is_endpoint(parts, place)), None)
    if after is None:
        after = versions[0] + 1 if versions else 0
    return after


def _is_endpoint(parts: Sequence[str], place: int) -> bool:
    if place >= len(parts) or parts[place] not in _ENDPOINTS:
        return False
    then = _ENDPOINTS[parts[place]]
    return then is None or (place + 1 < len(parts) and parts[place + 1] in then)


def _is_doubled(parts: Sequence[str], place: int) -> bool:
    """A version that a client adds to a base URL which has it already: no service knows that path."""
    return parts[place : place + 1] == parts[place + 1 : place + 2] and _VERSION.fullmatch(parts[place]) is not None

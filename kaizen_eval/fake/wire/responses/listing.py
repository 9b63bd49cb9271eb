"""The input of a response, as it is listed: every item with an id, in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.fields import one_of, whole
from kaizen_eval.fake.wire.responses.items import Item, Json, kind_of

__all__ = ["Page", "encode_page", "identified", "page_of"]

_PREFIXES = {
    "message": "msg",
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "reasoning": "rs",
}


class Page(NamedTuple):
    """Which part of a list is asked for."""

    order: str = "desc"
    after: str | None = None
    """The id of the last item of the page before."""
    limit: int = 20


def page_of(query: Mapping[str, str]) -> Page:
    """The page that a query asks for.

    Raises:
        Rejection: there is no such page.
    """
    order, limit = query.get("order", "desc"), query.get("limit", "20")
    one_of("asc", "desc")("order", order)
    number = int(limit) if limit.isdecimal() else limit
    whole(1, 100)("limit", number)
    return Page(order, query.get("after"), int(number))


def encode_page(items: Sequence[Item], page: Page) -> Json:
    """The items of a page; whole lists begin with the oldest item.

    Raises:
        Rejection: the item that it comes after is not there.
    """
    ordered = list(items) if page.order == "asc" else list(reversed(items))
    if page.after is not None:
        ordered = ordered[_place(ordered, page.after) + 1 :]
    shown = ordered[: page.limit]
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": len(ordered) > page.limit,
    }


def identified(items: Sequence[Item], mark: str) -> tuple[Item, ...]:
    """The input of a response as the service keeps it; what comes from there already is the very same object."""
    return tuple(_identified(item, f"{mark}_in{place}") for place, item in enumerate(items))


def _place(items: Sequence[Item], item_id: str) -> int:
    for place, item in enumerate(items):
        if item["id"] == item_id:
            return place
    raise Rejection(f"Item with id '{item_id}' not found.", status=404, param="after")


def _identified(item: Item, place: str) -> Item:
    kind = kind_of(item)
    kept: Json = {"id": f"{_PREFIXES[kind]}_{place}", "type": kind}
    if kind != "reasoning":
        kept["status"] = "completed"
    kept |= {name: value for name, value in item.items() if value is not None}
    if kind == "message":
        kept["content"] = [_part(part) for part in _parts(item)]
    return item if kept == item else kept  # a long conversation shares its items with each of its beginnings


def _parts(message: Item) -> Sequence[Item]:
    content: str | Sequence[Item] = message["content"]
    if not isinstance(content, str):
        return content
    kind = "output_text" if message["role"] == "assistant" else "input_text"
    return ({"type": kind, "text": content},)


def _part(part: Item) -> Item:
    return {**_USUAL.get(part["type"], {}), **{name: value for name, value in part.items() if value is not None}}


_USUAL: Mapping[str, Json] = {
    "output_text": {"annotations": [], "logprobs": []},
    "input_image": {"detail": "auto", "file_id": None, "image_url": None},
}
"""What parts have where they say nothing."""

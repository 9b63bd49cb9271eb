"""What looks like a secret in the words of an exception that any library may have raised."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kaizen_eval.secrets.kinds import ACCOUNT
from kaizen_eval.secrets.shapes import shape_spans
from kaizen_eval.secrets.spans import Span, merged, without

__all__ = ["blotted"]

_HIDDEN = "[secret]"
_AFTER_ITS_NAME = re.compile(
    r"(?i:(?<=password=)|(?<=passwd=)|(?<=pwd=)|(?<=secret=)|(?<=token=)|(?<=api_key=)|(?<=apikey=)|(?<=access_key=))"
    r"""(?:"[^"]*"|'[^']*'|[^\s&;,"')]+)"""
)


def blotted(text: str) -> str:
    """Without what follows `password=` and the like, and whatever has the shape of a secret; ids of accounts are none
    here, as a model may need them.
    """
    shaped = (span for span in shape_spans(text) if span.kind != ACCOUNT)
    return without(text, merged(span._replace(put=_HIDDEN) for span in (*shaped, *_named(text))))


def _named(text: str) -> Iterator[Span]:
    return (Span(*found.span(), "named") for found in _AFTER_ITS_NAME.finditer(text))

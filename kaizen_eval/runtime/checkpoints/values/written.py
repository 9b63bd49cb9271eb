"""Results as bytes, and back."""

from __future__ import annotations

import json
from typing import Any

from kaizen_eval.runtime.checkpoints.values.plain import plain, restored
from kaizen_eval.runtime.checkpoints.values.unkept import Unkept

__all__ = ["Unread", "read", "written"]

_ENCODING = ("utf-8", "surrogatepass")
"""Half a surrogate pair, which a cut stream may leave in a text, is kept as it is."""


class Unread(Exception):
    """The bytes are damaged, or a class that the value needs is not what it was."""


def written(value: Any) -> bytes:
    """Equal values of the same types give the same bytes, as far as dicts are in the same order.

    Raises:
        Unkept: the value holds what could not be read back.
    """
    try:
        text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except RecursionError:
        raise Unkept(value, "nested too deeply, or holds itself: return what is flat") from None
    except Unkept:
        raise
    except Exception as error:  # objects of users raise what they like when they are looked at
        raise Unkept(value, f"a {type(value).__qualname__} that cannot be read: {error!r}") from error
    return text.encode(*_ENCODING)


def read(data: bytes) -> Any:
    """What `written` was given.

    Raises:
        Unread: it cannot be had any more.
    """
    try:
        return restored(json.loads(data.decode(*_ENCODING)))
    except Exception as error:  # classes of users raise what they like when they are made
        raise Unread(f"{error}" if str(error) else repr(error)) from error

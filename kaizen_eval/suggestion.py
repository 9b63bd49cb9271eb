"""What an unknown name was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["nearest", "suggestion"]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like it, in whatever case; None when none does."""
    import difflib  # noqa: PLC0415 - most programs mistype no name

    folded = {other.casefold(): other for other in known}
    return next((folded[near] for near in difflib.get_close_matches(name.casefold(), folded, n=1)), None)


def suggestion(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that refuses the name: `; did you mean 'question'?`, or its full stop."""
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else "."

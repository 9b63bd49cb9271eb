"""How a command is told where the fake is: by its environment, or by its arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["BASE_URL_VARIABLES", "KEY", "PLACE", "arguments", "environment"]

KEY = "sk-kaizen-judge"
"""Any would do."""
BASE_URL_VARIABLES = ("OPENAI_BASE_URL", "OPENAI_API_BASE", "KAIZEN_BASE_URL")
_KEY_VARIABLES = ("OPENAI_API_KEY", "KAIZEN_API_KEY")
_NO_PROXY = ("NO_PROXY", "no_proxy")
PLACE = "{base_url}"
"""Stands for the base URL in an argument."""


def environment(base_url: str, given: Mapping[str, str]) -> dict[str, str]:
    """What is given, and what leads clients of the OpenAI API to this URL, past any proxy."""
    hosts = {name: ",".join(filter(None, ("127.0.0.1", given.get(name)))) for name in _NO_PROXY}
    return {
        **given,
        **dict.fromkeys(BASE_URL_VARIABLES, base_url),
        **dict.fromkeys(_KEY_VARIABLES, KEY),
        **hosts,
    }


def arguments(command: Sequence[str], base_url: str) -> list[str]:
    """The command with the URL where it asks for it."""
    return [argument.replace(PLACE, base_url) for argument in command]

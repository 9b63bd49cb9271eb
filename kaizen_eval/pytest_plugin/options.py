"""The plugin's settings: each an option and an ini key of the same name; the command line wins."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

__all__ = ["DOORS", "Settings", "declare", "read"]

DOORS = ("direct", "sdk", "server")

_KEY = pytest.StashKey["Settings"]()


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line and the ini file say, checked."""

    door: str = DOORS[0]
    """How agents reach the fake LLM of `kaizen_llm`."""
    strategy: str | None = None
    """`module:Class`: what agents made by `kaizen_agent` use unless they choose themselves."""
    seed: int = 0
    """Of generated replies and of the waits between attempts."""

    @property
    def is_on_real_time(self) -> bool:
        """Whether real sockets are used, and so the real clock."""
        return self.door == "server"


_DECLARED = (
    ("llm", "DOOR", f"how agents reach the fake LLM in tests with kaizen_llm: {', '.join(DOORS)} (default: direct)"),
    ("strategy", "MODULE:CLASS", "the strategy of agents made by kaizen_agent that choose none themselves"),
    ("seed", "N", "seed of the fake LLM's generated replies and of the waits between attempts (default: 0)"),
)


def declare(parser: pytest.Parser) -> None:
    group = parser.getgroup("kaizen", "kaizen-eval: agents on a deterministic fake LLM")
    for name, metavar, text in _DECLARED:
        group.addoption(f"--kaizen-{name}", dest=f"kaizen_{name}", default=None, metavar=metavar, help=text)
        parser.addini(f"kaizen_{name}", f"default of --kaizen-{name}", default=None)


def read(config: pytest.Config) -> Settings:
    """The settings of this pytest run.

    Raises:
        pytest.UsageError: naming the option or ini key, what it says and what it may say.
    """
    if _KEY not in config.stash:
        config.stash[_KEY] = Settings(
            door=_door(*_given(config, "llm")),
            strategy=_strategy(*_given(config, "strategy")),
            seed=_seed(*_given(config, "seed")),
        )
    return config.stash[_KEY]


def _given(config: pytest.Config, name: str) -> tuple[str, str | None]:
    """Where a setting was made, and its text; None when it was not."""
    option = config.getoption(f"kaizen_{name}")
    if option is not None:
        return f"--kaizen-{name}", option
    return f"ini key kaizen_{name}", config.getini(f"kaizen_{name}")


def _door(where: str, text: str | None) -> str:
    if text is None:
        return Settings().door
    if text not in DOORS:
        raise pytest.UsageError(f"{where}: there is no door {text!r}; the doors are: {', '.join(DOORS)}.")
    return text


def _strategy(where: str, text: str | None) -> str | None:
    if text is None:
        return None
    module, colon, name = text.partition(":")
    if not colon or not _dotted(module) or not _dotted(name):
        raise pytest.UsageError(f"{where}: {text!r} names no strategy; write module:Class, such as my.agents:Careful.")
    return text


def _dotted(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _seed(where: str, text: str | None) -> int:
    try:
        return Settings().seed if text is None else int(text)
    except ValueError:
        raise pytest.UsageError(f"{where}: a seed is a whole number such as 7, not {text!r}.") from None

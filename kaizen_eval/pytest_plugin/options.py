"""The plugin's settings: each an option and an ini key of the same name; the command line wins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = ["DOORS", "ON_VIRTUAL_TIME", "REPLAY", "Settings", "declare", "read"]

REPLAY = "replay"
DOORS = ("direct", "sdk", "server", REPLAY, "record", "record-missing", "verify", "live")
"""The first three lead to a fake; behind the others stands a cassette, which is used in the mode of that name."""
ON_VIRTUAL_TIME = frozenset({"direct", "sdk", REPLAY})

_KEY = pytest.StashKey["Settings"]()


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line and the ini file say, checked."""

    door: str = DOORS[0]
    """How agents reach the fake LLM of `kaizen_llm`, or the cassette in its place."""
    cassettes: Path = Path("cassettes")
    """The folder of the tests' cassettes."""
    base_url: str | None = None
    """The service that is recorded, instead of the one that the environment names."""
    model: str | None = None
    """For requests to that service that name none."""
    strategy: str | None = None
    """`module:Class`: what agents made by `kaizen_agent` use unless they choose themselves."""
    seed: int = 0
    """Of generated replies and of the waits between attempts."""

    @property
    def is_on_real_time(self) -> bool:
        """Whether real sockets are used, and so the real clock."""
        return self.door not in ON_VIRTUAL_TIME

    @property
    def is_recording(self) -> bool:
        return self.door in {"record", "record-missing"}

    @property
    def has_cassette(self) -> bool:
        """Whether a cassette, or the service that one is recorded from, stands behind the door."""
        return self.door not in {"direct", "sdk", "server"}


_LLM = """\
how agents in tests with kaizen_llm reach the fake LLM: direct, sdk, server; or how cassettes of a real one are used: \
replay, record, record-missing, verify, live (default: direct)"""
_BASE_URL = """\
the OpenAI-compatible service that is recorded (default: OPENAI_BASE_URL, or OpenAI where OPENAI_API_KEY is set, else \
kaizen-eval's own server)"""
_DECLARED = (
    ("llm", "DOOR", _LLM),
    ("cassette-dir", "FOLDER", "where the tests' cassettes are, from pytest's rootdir (default: cassettes)"),
    ("base-url", "URL", _BASE_URL),
    ("model", "NAME", "the model that is recorded where an agent names none"),
    ("strategy", "MODULE:CLASS", "the strategy of agents made by kaizen_agent that choose none themselves"),
    ("seed", "N", "seed of the fake LLM's generated replies and of the waits between attempts (default: 0)"),
)


def declare(parser: pytest.Parser) -> None:
    group = parser.getgroup("kaizen", "kaizen-eval: agents on a deterministic fake LLM, or on cassettes of a real one")
    for name, metavar, text in _DECLARED:
        group.addoption(f"--kaizen-{name}", dest=_key(name), default=None, metavar=metavar, help=text)
        parser.addini(_key(name), f"default of --kaizen-{name}", default=None)


def read(config: pytest.Config) -> Settings:
    """The settings of this pytest run.

    Raises:
        pytest.UsageError: naming the option or ini key, what it says and what it may say.
    """
    if _KEY not in config.stash:
        config.stash[_KEY] = Settings(
            door=_door(*_given(config, "llm")),
            cassettes=_cassettes(config, *_given(config, "cassette-dir")),
            base_url=_given(config, "base-url")[1],
            model=_given(config, "model")[1],
            strategy=_strategy(*_given(config, "strategy")),
            seed=_seed(*_given(config, "seed")),
        )
    return config.stash[_KEY]


def _cassettes(config: pytest.Config, where: str, text: str | None) -> Path:
    """Pytest finds its root before it knows our options, and takes what stands after a space for tests."""
    called = config.invocation_params
    given = called.dir / (text or "")
    if text and where in called.args and given.exists() and not given.is_relative_to(called.dir):
        raise pytest.UsageError(
            f"{where}: write {where}={text}, with `=`. After a space pytest takes the folder for one of tests, and "
            f"looks for their root there: it is {config.rootpath} now."
        )
    return config.rootpath / (text or Settings().cassettes)


def _given(config: pytest.Config, name: str) -> tuple[str, str | None]:
    """Where a setting was made, and its text; None when it was not."""
    option = config.getoption(_key(name))
    if option is not None:
        return f"--kaizen-{name}", option
    return f"ini key {_key(name)}", config.getini(_key(name))


def _key(name: str) -> str:
    return f"kaizen_{name.replace('-', '_')}"


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

"""AgentConfig takes settings from anything, checks them once, and hides the key."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace

import pydantic
import pytest
from doubles import Recorder, Scripted
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.config import AgentConfig, Price, RetryPolicy
from kaizen_eval.errors import ConfigError

SETTINGS = {"llm_provider": "openai", "model": "gpt-4", "max_turns": 10}


@dataclass
class OwnDataclass:
    llm_provider: str = "openai"
    model: str = "gpt-4"
    max_turns: int = 10
    language: str = "Dutch"


class OwnModel(pydantic.BaseModel):
    llm_provider: str = "openai"
    model: str = "gpt-4"
    max_turns: int = 10
    language: str = "Dutch"


class OwnClass:
    llm_provider = "openai"
    model = "gpt-4"

    def __init__(self) -> None:
        self.max_turns = 10
        self.language = "Dutch"

    def greet(self) -> str:
        return "hallo"


SOURCES = [OwnDataclass(), OwnModel(), OwnClass(), SimpleNamespace(**SETTINGS, language="Dutch")]


@pytest.mark.parametrize("source", [*SOURCES, SETTINGS, AgentConfig(**SETTINGS)], ids=lambda s: type(s).__name__)
def test_settings_are_taken_from_any_kind_of_object(source):
    assert AgentConfig.from_domain_config(source) == AgentConfig(**SETTINGS, extra=_extra(source))


def _extra(source):
    return {"language": "Dutch"} if hasattr(source, "language") else {}


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: type(s).__name__)
def test_further_fields_of_a_users_own_object_stay_readable(source):
    assert AgentConfig.from_domain_config(source).language == "Dutch"


def test_a_config_class_serves_as_well_as_its_instance():
    assert AgentConfig.from_domain_config(OwnDataclass) == AgentConfig.from_domain_config(OwnDataclass())


def test_without_a_source_every_setting_has_its_default():
    assert AgentConfig.from_domain_config(None) == AgentConfig()


def test_an_unknown_name_in_a_mapping_is_refused_with_a_suggestion():
    with pytest.raises(ConfigError, match="AgentConfig has no setting 'modle'; did you mean 'model'\\? It takes: llm_"):
        AgentConfig.from_domain_config({"modle": "gpt-4"})


def test_a_setting_that_does_not_exist_cannot_be_read():
    with pytest.raises(AttributeError, match="no setting 'temprature'; did you mean 'temperature'\\?"):
        AgentConfig().temprature  # noqa: B018 - reading is what is tested


def test_retries_stands_for_attempts_after_the_first():
    assert AgentConfig.from_domain_config({"retries": 0}).retry == RetryPolicy(attempts=1)


def test_retry_may_be_a_mapping():
    assert AgentConfig(retry={"attempts": 5, "base": 1.0}).retry == RetryPolicy(attempts=5, base=1.0)


def test_one_stop_text_becomes_a_tuple():
    assert AgentConfig(stop="END").stop == ("END",)


def test_prices_may_be_written_as_plain_numbers():
    assert AgentConfig(prices={"m": {"input": 0.1, "output": "2.5"}}).prices == {
        "m": Price(Decimal("0.1"), Decimal("2.5"))
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"timeout": 0}, "timeout must be more than 0, not 0."),
        ({"timeout": "60"}, "timeout must be a number, not '60'."),
        ({"timeout": float("nan")}, "timeout must be a number, not nan."),
        ({"request_timeout": -1}, "request_timeout must be more than 0, not -1."),
        ({"temperature": "hot"}, "temperature must be a number, not 'hot'."),
        ({"max_tokens": 0}, "max_tokens must be at least 1, not 0."),
        ({"max_turns": True}, "max_turns must be a whole number, not True."),
        ({"output_retries": -1}, "output_retries must be at least 0, not -1."),
        ({"model": 4}, "model must be text, not 4."),
        ({"api_key": 12345}, "api_key must be text, not int."),
        ({"stop": [1]}, "stop takes one text or a list of texts, not [1]."),
        ({"retry": 3}, "retry takes a RetryPolicy or a mapping of its fields, not 3."),
        ({"retries": 1.5}, "retries must be a whole number, not 1.5."),
        (
            {"structured_output": "xml"},
            "structured_output must be one of 'auto', 'schema', 'json', 'prompt', not 'xml'.",
        ),
        ({"observer": 3}, "observer needs a method on_event(event); 3 has none."),
        ({"provider": "gpt"}, "provider needs a method complete(request); 'gpt' has none."),
        ({"provider": Scripted}, "provider takes an instance, such as Scripted(), not the class itself."),
        ({"observer": Recorder}, "observer takes an instance, such as Recorder(), not the class itself."),
        ({"prices": 3}, "prices maps model names to Price(input, output), not 3."),
        (
            {"prices": {"m": {"input": 1}}},
            "the price of 'm' must be Price(input, output) in USD per million tokens, not {'input': 1}.",
        ),
        (
            {"prices": {"m": Price(1, 2), "n": {"input": -1, "output": 2}}},
            "price input must be a finite number of at least 0, not -1.",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_setting_that_cannot_work_is_refused(settings, message):
    with pytest.raises(ConfigError) as caught:
        AgentConfig.from_domain_config(settings)
    assert str(caught.value) == message


@pytest.mark.parametrize("source", ["gpt-4", 3, ["model"]])
def test_what_is_no_config_is_refused_without_being_shown_as_it_may_be_a_key(source):
    kind = type(source).__name__
    with pytest.raises(ConfigError, match=f"A config is an AgentConfig, a mapping, or an object .*, not {kind}\\.$"):
        AgentConfig.from_domain_config(source)


@given(st.text(min_size=8))
def test_the_key_is_never_printed(key):
    config = AgentConfig.from_domain_config({"api_key": f"sk-{key}"})
    assert f"sk-{key}" not in repr(config)
    assert f"sk-{key}" not in str(config)


def test_a_copy_keeps_its_owner_and_extra_fields():
    config = dataclasses.replace(AgentConfig.from_domain_config(OwnDataclass()), owner="agent")
    assert (dataclasses.replace(config, temperature=0.5).owner, dataclasses.replace(config, seed=1).language) == (
        "agent",
        "Dutch",
    )


@pytest.mark.parametrize(
    "source", [{"timeout": None, "retry": None, "stop": None}, SimpleNamespace(timeout=None, prices=None)]
)
def test_none_leaves_a_setting_at_its_default(source):
    assert AgentConfig.from_domain_config(source) == AgentConfig()


def test_a_slip_within_retry_is_told_with_its_place():
    with pytest.raises(ConfigError, match="retry has no setting 'atempts'; did you mean 'attempts'\\?"):
        AgentConfig(retry={"atempts": 2})


class Slotted:
    __slots__ = ("model", "own")

    def __init__(self):
        self.model, self.own = "m", 1


def test_a_class_with_slots_is_read_as_well():
    config = AgentConfig.from_domain_config(Slotted())
    assert (config.model, config.own) == ("m", 1)

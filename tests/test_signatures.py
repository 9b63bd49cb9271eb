"""What a signature class says, inherits and fills in."""

from __future__ import annotations

import datetime as dt
import enum
import pickle
from datetime import date
from typing import ClassVar

import pydantic
from every_kind import Color, Item

from kaizen_eval.signatures import AnySignature, Field, InputField, OutputField, Signature


class QASignature(Signature):
    """Answer the question.

    Be brief.
    """

    question: str = InputField(description="User question")
    context: str = InputField(default="")
    answer: str = OutputField(description="Answer")


def test_the_class_and_an_instance_serve_alike():
    instance = QASignature()
    assert (instance.name, instance.instructions) == (QASignature.name, QASignature.instructions)
    assert instance.bind({"question": "?"}) == QASignature.bind({"question": "?"})
    assert instance.output_schema() == QASignature.output_schema()


def test_the_name_is_the_class_and_the_instructions_are_its_docstring():
    assert (QASignature.name, QASignature.instructions) == ("QASignature", "Answer the question.\n\nBe brief.")


def test_instructions_are_inherited_until_a_class_has_its_own():
    class Silent(QASignature):
        pass

    class Loud(Silent):
        """SHOUT."""

    assert (Silent.instructions, Loud.instructions) == (QASignature.instructions, "SHOUT.")


def test_a_signature_without_a_docstring_has_no_instructions():
    class Bare(Signature):
        pass

    assert Bare.instructions == ""


def test_fields_are_listed_by_name_in_their_order():
    assert dict(QASignature.input_fields) == {
        "question": Field(kind="input", name="question", annotation=str, description="User question"),
        "context": Field(kind="input", name="context", annotation=str, default=""),
    }


def test_a_class_attribute_is_its_field():
    assert QASignature.question is QASignature.input_fields["question"]


def test_a_class_shows_its_fields():
    assert repr(QASignature) == "<Signature QASignature: question, context (default '') -> answer>"
    assert repr(QASignature()) == "QASignature()"


def test_classes_instances_and_fields_can_be_pickled():
    parts = (QASignature, QASignature.question)
    assert pickle.loads(pickle.dumps(parts)) == parts  # noqa: S301 - our own bytes
    assert type(pickle.loads(pickle.dumps(QASignature()))) is QASignature  # noqa: S301 - our own bytes


def test_defaults_are_filled_in_the_order_of_the_fields():
    assert list(QASignature.bind({"context": "c", "question": "q"}).items()) == [("question", "q"), ("context", "c")]
    assert QASignature.bind({"question": "q"}) == {"question": "q", "context": ""}


def test_a_default_of_none_lets_the_field_be_none():
    class Search(Signature):
        query: str = InputField()
        filters: dict = InputField(default=None)
        limit: int = InputField(default=None, ge=1)

    assert Search.bind({"query": "q"}) == {"query": "q", "filters": None, "limit": None}
    assert Search.bind({"query": "q", "filters": None, "limit": 2}) == {"query": "q", "filters": None, "limit": 2}


def test_a_mutable_default_is_made_anew_for_each_run():
    class Tagged(Signature):
        tags: list[str] = InputField(default=["a"])
        more: list[str] = InputField(default_factory=list)

    Tagged.bind({})["tags"].append("b")
    Tagged.bind({})["more"].append("b")
    assert Tagged.bind({}) == {"tags": ["a"], "more": []}


def test_a_default_given_as_json_becomes_typed():
    class Painted(Signature):
        color: Color = InputField(default="red")
        item: Item = InputField(default_factory=lambda: {"name": "n"})

    assert Painted.bind({}) == {"color": Color.RED, "item": Item(name="n")}


def test_an_output_with_a_default_may_be_missing():
    class Judged(Signature):
        verdict: str = OutputField()
        notes: list[str] = OutputField(default=[])

    assert Judged.check_json({"verdict": "ok"}) == {"verdict": "ok", "notes": []}


def test_without_outputs_the_reply_is_one_text():
    class Ask(Signature):
        question: str = InputField()

    assert Ask.free_text
    assert Ask.check({"response": "r"}) == {"response": "r"}
    assert not QASignature.free_text


def test_the_open_signature_takes_any_inputs_and_copies_them():
    given_list = [1]
    bound = AnySignature.bind({"a": given_list, "b": None})
    assert bound == {"a": [1], "b": None}
    assert bound["a"] is not given_list
    assert (AnySignature.input_schema(), list(AnySignature.output_fields)) == ({"type": "object"}, ["response"])


def test_names_that_pydantic_or_signatures_use_may_be_fields():
    class Odd(Signature):
        name: str = InputField()
        instructions: str = InputField()
        schema: str = InputField()
        copy: str = InputField()
        json: str = OutputField()
        model_config: str = OutputField()
        fields: str = OutputField()

    bound = {"name": "n", "instructions": "i", "schema": "s", "copy": "c"}
    assert Odd.bind(bound) == bound
    assert (Odd.name, Odd().name, Odd.instructions, Odd().instructions) == ("Odd", "Odd", "", "")
    assert list(Odd.check({"json": "j", "model_config": "m", "fields": "f"})) == ["json", "model_config", "fields"]


def test_class_variables_methods_and_private_names_are_no_fields():
    class Rich(Signature):
        limit: ClassVar[int] = 3
        _cache: int = 0
        answer: str = OutputField()

        def helper(self) -> int:
            return self.limit

    assert (Rich().helper(), dict(Rich.input_fields), list(Rich.output_fields)) == (3, {}, ["answer"])


# Inheritance


def test_a_subclass_adds_fields_and_an_override_keeps_its_place():
    class Longer(QASignature):
        question: list[str] = InputField()
        sources: list[str] = OutputField()

    assert list(Longer.input_fields) == ["question", "context"]
    assert list(Longer.output_fields) == ["answer", "sources"]
    assert Longer.bind({"question": ["q"]}) == {"question": ["q"], "context": ""}


def test_fields_of_several_bases_come_in_the_order_in_which_the_bases_are_written():
    class Scored(Signature):
        context: int = InputField()
        score: float = OutputField()

    class Both(QASignature, Scored):
        more: str = InputField(default="m")

    assert list(Both.input_fields) == ["question", "context", "more"]
    assert list(Both.output_fields) == ["answer", "score"]
    assert Both.input_fields["context"].annotation is str


def test_of_two_bases_the_more_special_one_wins():
    class Left(QASignature):
        pass

    class Right(QASignature):
        context: int = InputField(default=1)

    class Diamond(Left, Right):
        pass

    assert Diamond.input_fields["context"].annotation is int


# Types written as text


def test_a_type_may_be_local_to_the_function_that_makes_the_class():
    class Local(pydantic.BaseModel):
        n: int

    class Uses(Signature):
        one: Local = InputField()
        many: list[Local] = InputField(default=[])

    assert Uses.bind({"one": {"n": 1}, "many": [Local(n=2)]}) == {"one": Local(n=1), "many": [Local(n=2)]}


def test_a_type_may_be_defined_in_the_class_body():
    class Uses(Signature):
        class Size(enum.Enum):
            BIG = "big"

        size: Size = OutputField()

    assert Uses.check_json({"size": "big"}) == {"size": Uses.Size.BIG}


def test_a_class_inside_a_class_sees_the_function_around_both():
    class Local(enum.Enum):
        A = "a"

    class Holder:
        class Inner(Signature):
            letter: Local = OutputField()

    assert Holder.Inner.check_json({"letter": "a"}) == {"letter": Local.A}


def test_a_field_may_have_the_name_of_its_type():
    class Dated(Signature):
        date: date = InputField()
        other: date = InputField(default=None)

    assert Dated.bind({"date": "2026-11-22"}) == {"date": dt.date(2026, 11, 22), "other": None}

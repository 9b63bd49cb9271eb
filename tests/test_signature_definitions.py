"""A signature class that cannot work fails when it is made, and says why."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NewType

import pydantic
import pytest
import typing_extensions

from kaizen_eval.errors import ReplyDoesNotFit, SignatureDefinitionError
from kaizen_eval.signatures import InputField, OutputField, Signature

if TYPE_CHECKING:
    from decimal import Decimal as OnlyForCheckers


class Color(enum.Enum):
    RED = "red"


Code = NewType("Code", str)
Small = typing_extensions.TypeAliasType("Small", int)


class Pair(typing_extensions.TypedDict):
    left: int


class Parent(Signature):
    question: str = InputField()
    answer: str = OutputField()


def defined(annotation, field, *bases, name="x"):
    """The message of the error that a class Bad with this one field raises."""
    with pytest.raises(SignatureDefinitionError) as caught:
        type(Signature)("Bad", (*bases, Signature), {"__annotations__": {name: annotation}, name: field})
    return str(caught.value)


# Names and markers


def test_a_field_without_a_marker_is_refused():
    with pytest.raises(SignatureDefinitionError, match=r"Bad\.x has no InputField or OutputField; declare it with"):

        class Bad(Signature):
            x: str


def test_a_field_set_to_a_plain_value_is_refused():
    assert defined(str, "hello") == (
        "Bad.x is set to 'hello'; declare it with InputField(...) or OutputField(...), or as a ClassVar if it is no "
        "field."
    )


def test_a_marker_that_was_not_called_is_refused():
    assert defined(str, OutputField) == "Bad.x is OutputField itself; call it: `OutputField(...)`."


def test_a_marker_without_a_type_is_refused():
    with pytest.raises(SignatureDefinitionError, match=r"Bad\.x has no type; write `x: str = InputField\(\.\.\.\)`"):

        class Bad(Signature):
            x = InputField()


def test_a_field_declared_twice_is_refused():
    with pytest.raises(SignatureDefinitionError, match=r"Bad\.x is declared twice"):

        class Bad(Signature):
            x: str = InputField()
            x: str = OutputField()  # noqa: PIE794 - the mistake itself


def test_a_field_that_is_a_class_variable_is_refused():
    assert defined(ClassVar[str], InputField()) == "Bad.x is a ClassVar and a field; take one of the two away."


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("_x", "Bad._x starts with '_', as only a result's own entries do (_timing, _tokens); choose another name."),
        ("bind", "Bad.bind would hide Signature.bind; choose another name."),
        ("input_fields", "Bad.input_fields would hide Signature.input_fields; choose another name."),
        (
            "session_id",
            "Bad.session_id cannot be an input: run(session_id=...) names the conversation; choose another name.",
        ),
    ],
)
def test_a_name_that_is_taken_is_refused(name, message):
    assert defined(str, InputField(), name=name) == message


def test_a_field_may_not_hide_a_method_of_a_mixin():
    class Mixin:
        def x(self) -> None: ...

    assert defined(str, InputField(), Mixin) == "Bad.x would hide Mixin.x; choose another name."


def test_an_input_called_response_needs_a_declared_output():
    assert defined(str, InputField(), name="response") == (
        "Bad declares no output, so its answer is called 'response', which is an input already; declare an "
        "OutputField, or give the input another name."
    )


# Inheritance


def test_an_inherited_output_cannot_become_an_input():
    assert defined(str, InputField(), Parent, name="answer") == (
        "Bad.answer is an input and an output: Parent declares it as an output. Give one of them another name."
    )


def test_two_bases_must_agree_on_what_is_an_input():
    class Other(Signature):
        question: str = OutputField()

    with pytest.raises(SignatureDefinitionError, match=r"Both\.question is an input and an output"):

        class Both(Parent, Other):
            pass


def test_an_inherited_field_cannot_be_replaced_by_a_value():
    with pytest.raises(SignatureDefinitionError, match=r"Bad\.question replaces a field with None; declare it again"):

        class Bad(Parent):
            question = None


# Types


def test_a_type_known_to_type_checkers_only_is_refused():
    with pytest.raises(SignatureDefinitionError) as caught:

        class Bad(Signature):
            x: list[OnlyForCheckers] = InputField()

    assert str(caught.value) == (
        "Bad.x has the type 'list[OnlyForCheckers]', and 'OnlyForCheckers' is not known where the class is made; "
        "import or define it before the class, and not under TYPE_CHECKING."
    )


def test_a_type_local_to_a_caller_is_not_known():
    class Hidden:
        pass

    def make():
        class Bad(Signature):
            x: Hidden = InputField()

    with pytest.raises(SignatureDefinitionError, match="'Hidden' is not known where the class is made"):
        make()


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ("dt.Nope", "has 'dt.Nope' as its type, which is none: module 'datetime' has no attribute 'Nope'"),
        ("list[", "has 'list[' as its type, which is none"),
        (Callable[[], int], "has a type or constraint that cannot be checked: Cannot generate a JsonSchema"),
        (type(dt), "has a type or constraint that cannot be checked: Unable to generate pydantic-core schema"),
        (Literal[()], 'has a type or constraint that cannot be checked: literal "expected" cannot be empty'),
        (Annotated[str, pydantic.Field(alias="y")], "has an alias or a default in its annotation"),
        (Annotated[str, pydantic.Field(default="y")], "has an alias or a default in its annotation"),
    ],
)
def test_a_type_that_cannot_be_checked_is_refused(annotation, reason):
    assert defined(annotation, InputField()).startswith(f"Bad.x {reason}")


def test_a_type_hidden_by_its_own_field_is_refused():
    field = InputField()
    assert defined(field, field) == (
        "Bad.x hides the type of the same name; rename it, or put 'from __future__ import annotations' at the top of "
        "the module."
    )


# Defaults and examples


@pytest.mark.parametrize(
    ("annotation", "field", "message"),
    [
        (str, {"default": 3}, "the default must be text (str), not 3 (int)"),
        (Color, {"default": "green"}, "the default must be one of 'red' (Color), not 'green' (str)"),
        (
            str,
            {"default": "", "min_length": 1},
            "the default does not fit: string should have at least 1 character, not '' (str)",
        ),
        (int, {"default_factory": list}, "what default_factory made must be a whole number (int), not [] (list)"),
        (
            list[int],
            {"examples": [[1], ["a"]]},
            "the example does not fit: x[0]: input should be a valid integer, not 'a' (str)",
        ),
    ],
)
def test_defaults_and_examples_must_fit(annotation, field, message):
    assert defined(annotation, InputField(**field)) == f"Bad.x: {message}."


def test_a_default_beside_a_default_factory_is_refused():
    field = InputField(default=[], default_factory=list)
    assert defined(list, field) == "Bad.x has a default and a default_factory; give one of them."


def test_a_description_is_text():
    assert defined(str, InputField(description=3)) == "Bad.x has the description 3; a description is text."


# Constraints


@pytest.mark.parametrize(
    ("annotation", "constraint", "reason"),
    [
        (str, {"ge": 1}, "has ge, which is for numbers and dates, not str."),
        (int | str, {"lt": 1}, "has lt, which is for numbers and dates, not str."),
        (bool, {"gt": 0}, "has gt, which is for numbers and dates, not bool."),
        (list[int], {"le": 1}, "has le, which is for numbers and dates, not list[int]."),
        (int, {"min_length": 1}, "has min_length, which is for texts and collections, not int."),
        (Literal["a"], {"max_length": 1}, "has max_length, which is for texts and collections, not Literal['a']."),
        (Color, {"min_length": 1}, "has min_length, which is for texts and collections, not Color."),
        (Pair, {"min_length": 1}, "has min_length, which is for texts and collections, not Pair."),
        (Any, {"min_length": 1}, "has min_length, which is for texts and collections, not Any."),
        (list[str], {"pattern": "a"}, "has pattern, which is for texts, not list[str]."),
        (int, {"ge": 2, "le": 1}, "has ge=2 and le=1, which nothing can meet."),
        (int, {"gt": 1, "lt": 1}, "has gt=1 and lt=1, which nothing can meet."),
        (str, {"min_length": 2, "max_length": 1}, "has min_length=2 and max_length=1, which nothing can meet."),
        (str, {"pattern": "("}, "has a type or constraint that cannot be checked: unclosed group."),
        (int, {"ge": "a"}, "has a type or constraint that cannot be checked: 'ge' must be coercible to an integer."),
    ],
)
def test_a_constraint_must_suit_the_type(annotation, constraint, reason):
    assert defined(annotation, InputField(**constraint)) == f"Bad.x {reason}"


@pytest.mark.parametrize(
    ("annotation", "constraint", "good", "bad"),
    [
        (int | None, {"ge": 1}, None, 0),
        (dt.date, {"le": dt.date(2026, 12, 31)}, dt.date(2026, 1, 1), dt.date(2027, 1, 1)),
        (Annotated[str, "note"], {"max_length": 1}, "a", "ab"),
        (list[str] | str, {"min_length": 1}, ["a"], []),
        (int, {"ge": 1, "le": 1}, 1, 2),
        (Code, {"min_length": 2}, "ab", "a"),
        (Small, {"lt": 5}, 4, 5),
    ],
)
def test_a_constraint_that_suits_is_enforced(annotation, constraint, good, bad):
    one = type(Signature)("One", (Signature,), {"__annotations__": {"x": annotation}, "x": OutputField(**constraint)})
    assert one.check({"x": good}) == {"x": good}
    with pytest.raises(ReplyDoesNotFit, match="One's output 'x' "):
        one.check({"x": bad})

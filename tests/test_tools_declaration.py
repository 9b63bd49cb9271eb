"""A function becomes a tool: what the model is told of it, and why some functions cannot be one."""

from __future__ import annotations

import datetime as dt
import enum
import functools
import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Optional

import pydantic
import pytest
from typing_extensions import Doc, TypedDict

from kaizen_eval.errors import ToolDefinitionError, UsageError
from kaizen_eval.signatures import InputField
from kaizen_eval.tools import Tool, Toolbox, tool


def search(query: str, limit: int = 10, *, kind: Literal["news", "all"] = "all") -> list[str]:
    """Look something up
    on the web.

    More that the model need not know.

    Args:
        query: What to look for,
            in any language.
        limit: At most so many.
    """
    return [query] * limit


def strict_object(**properties):
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def told(function, **settings):
    return Tool(function, **settings).definition["function"]


def properties(function, **settings):
    return Tool(function, **settings).parameters["properties"]


def refused(function, **settings):
    with pytest.raises(ToolDefinitionError) as caught:
        Tool(function, **settings)
    return str(caught.value)


def test_the_model_is_told_name_description_and_a_strict_schema():
    assert Tool(search).definition == {
        "type": "function",
        "function": {
            "name": "search",
            "description": "Look something up on the web.",
            "parameters": strict_object(
                query={"type": "string", "description": "What to look for, in any language."},
                limit={
                    "anyOf": [{"type": "integer"}, {"type": "null"}],
                    "description": "At most so many.\nNull for the default: 10",
                },
                kind={
                    "anyOf": [{"type": "string", "enum": ["news", "all"]}, {"type": "null"}],
                    "description": 'Null for the default: "all"',
                },
            ),
            "strict": True,
        },
    }


def test_without_a_docstring_there_is_no_description():
    def ping() -> None: ...

    assert told(ping) == {"name": "ping", "parameters": strict_object(), "strict": True}


def test_what_is_given_goes_before_what_the_function_tells():
    assert told(search, name="find", description="Finds.")["name"] == "find"
    assert told(search, name="find", description="Finds.")["description"] == "Finds."


NUMPY = """Look it up.

Parameters
----------
query : str
    What to look for.
"""
SPHINX = """Look it up.
:param query: What to look for.
:returns: what was found
"""
GOOGLE = """Look it up.

Args:
    query (str): What to look for.

Returns:
    What was found.
"""
EPYDOC = """Look it up.

@param query: What to look for.
"""


@pytest.mark.parametrize("docstring", [NUMPY, SPHINX, GOOGLE, EPYDOC], ids=["numpy", "sphinx", "google", "epydoc"])
def test_docstrings_are_read_in_each_usual_style(docstring):
    def look(query: str) -> str:
        return query

    look.__doc__ = docstring
    described = {"type": "string", "description": "What to look for."}
    assert told(look) == {
        "name": "look",
        "description": "Look it up.",
        "parameters": strict_object(query=described),
        "strict": True,
    }


def test_an_annotation_describes_better_than_the_docstring():
    def look(
        a: Annotated[str, "One."],
        b: Annotated[int, pydantic.Field(description="Two.", ge=1)],
        c: Annotated[int, Doc("Three.")],
    ) -> None:
        """Look.

        Args:
            a: not this
            b: nor this
        """

    assert properties(look) == {
        "a": {"type": "string", "description": "One."},
        "b": {"type": "integer", "minimum": 1, "description": "Two."},
        "c": {"type": "integer", "description": "Three."},
    }


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Place(pydantic.BaseModel):
    city: str
    zip_code: str | None = None


@dataclass
class Guest:
    name: str


class Room(TypedDict):
    number: int


def book(  # noqa: PLR0917 - one of each kind
    place: Place,
    guests: list[Guest],
    room: Room,
    colour: Colour,
    when: dt.date,
    note: Optional[str] = None,  # noqa: UP045 - as many write it
) -> str:
    return f"{place.city} {guests[0].name} {room['number']} {colour.name} {when.isoformat()} {note}"


def test_models_dataclasses_enums_and_dates_arrive_as_what_they_are():
    made = Tool(book)
    arguments = {
        "place": {"city": "Rome", "zip_code": None},
        "guests": [{"name": "Ada"}],
        "room": {"number": 7},
        "colour": "red",
        "when": "2025-01-02",
        "note": None,
    }
    assert made.strict
    assert made(**made.fit(arguments)) == "Rome Ada 7 RED 2025-01-02 None"


def test_an_open_dict_is_told_without_strict_mode():
    def tag(labels: dict[str, int], most: int = 3) -> None: ...

    assert told(tag) == {
        "name": "tag",
        "parameters": {
            "type": "object",
            "properties": {
                "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
                "most": {"type": "integer", "default": 3},
            },
            "required": ["labels"],
            "additionalProperties": False,
        },
    }


def test_a_default_that_json_does_not_know_is_not_told():
    def look(limit: int = object()) -> None: ...  # type: ignore[assignment]

    assert properties(look) == {
        "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}], "description": "Null for the default."}
    }


def test_null_needs_no_word_where_it_is_the_default():
    def look(city: str = None, note: str | None = None) -> None: ...  # noqa: RUF013 - as many write it

    nullable = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert properties(look) == {"city": nullable, "note": nullable}


def test_a_type_that_is_local_to_a_function_is_known():
    @dataclass
    class Local:
        x: int

    def take(local: Local) -> int:
        return local.x

    assert Tool(take).fit({"local": {"x": 1}}) == {"local": Local(1)}


def test_a_return_type_may_be_anything():
    def take(x: int) -> NoSuchType:  # noqa: F821 - that is the test
        return x

    assert told(take)["parameters"] == strict_object(x={"type": "integer"})


class Shop:
    """A shop."""

    def __init__(self, stock: int) -> None:
        self.stock = stock

    def sell(self, n: int) -> int:
        """Sell some."""
        return self.stock - n

    async def __call__(self, n: int) -> int:
        return self.stock + n


def test_a_bound_method_is_a_tool():
    assert (told(Shop(5).sell)["name"], properties(Shop(5).sell), Tool(Shop(5).sell)(n=2)) == (
        "sell",
        {"n": {"type": "integer"}},
        3,
    )


def test_a_callable_object_is_a_tool_by_the_name_of_its_class():
    assert told(Shop(5)) == {
        "name": "Shop",
        "description": "A shop.",
        "parameters": strict_object(n={"type": "integer"}),
        "strict": True,
    }


def test_what_a_partial_has_given_is_not_told():
    def call(token: str, query: str, limit: int = 1) -> str:
        return f"{token} {query} {limit}"

    bound = functools.partial(call, token="sk-secret", limit=3)
    assert told(bound)["parameters"] == strict_object(query={"type": "string"})
    assert Tool(bound)(**Tool(bound).fit({"query": "q"})) == "sk-secret q 3"
    assert [*properties(functools.partial(call, "sk-secret"))] == ["query", "limit"]


def test_a_wrapped_function_is_told_as_the_one_within():
    @functools.wraps(search)
    def logged(*args, **kwargs):
        return search(*args, **kwargs)

    assert Tool(logged).definition == Tool(search).definition


def test_a_decorated_function_is_a_tool_that_can_still_be_called():
    @tool
    def double(n: int) -> int:
        """Twice."""
        return 2 * n

    @tool(name="thrice", timeout=5)
    def triple(n: int) -> int:
        return 3 * n

    assert (double.name, double(2), triple.name, triple(2), triple.timeout) == ("double", 4, "thrice", 6, 5)


RAW = {"type": "object", "properties": {"q": {"type": "string", "minLength": 2}}, "required": ["q"]}


def test_a_schema_of_ones_own_is_told_as_it_is():
    assert told(lambda q: q, name="look", parameters=RAW) == {"name": "look", "parameters": RAW}


def test_a_schema_of_ones_own_is_a_copy():
    schema = json.loads(json.dumps(RAW))
    made = Tool(lambda q: q, name="look", parameters=schema)
    schema["properties"].clear()
    assert made.parameters == RAW


def no_hint(x): ...


def many(*xs: int): ...


def named(**xs: int): ...


def positional(x: int, /): ...


def fielded(x: int = InputField()): ...


def fielded_by_pydantic(x: int = pydantic.Field(ge=1)): ...


def aliased(x: Annotated[int, pydantic.Field(alias="y")]): ...


def unknown_type(x: Nowhere): ...  # noqa: F821 - that is the test


def no_type(x: "1 +"): ...  # noqa: F722 - that is the test


def opaque(x: Shop): ...


def generated(x: int):
    yield x


async def generated_later(x: int):
    yield x


def é(x: int): ...  # noqa: PLC2401 - that is the test


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (no_hint, "The parameter 'x' of the tool 'no_hint' has no type hint; write what it takes, such as `x: str`."),
        (
            many,
            "The parameter 'xs' of the tool 'many' takes any number of values (*xs); a model gives arguments by name.",
        ),
        (
            named,
            "The parameter 'xs' of the tool 'named' takes any names (**xs); a model has to be told what there is.",
        ),
        (
            positional,
            (
                "The parameter 'x' of the tool 'positional' cannot be given by name; take the '/' out of the "
                "function's head."
            ),
        ),
        (
            Shop.sell,
            (
                "The parameter 'self' of the tool 'sell' has no type hint; give the method of an object, "
                "Tool(thing.method); `@tool` cannot stand over a method."
            ),
        ),
        (Shop, "The class Shop is no tool; give a function, or a bound method."),
        (
            lambda x: x,
            "A lambda has no name that a model could call; write a function, or give name=.",
        ),
        ("search", "A tool is a function or a Tool, not 'search'."),
        (
            é,
            "'é' cannot be the name of a tool: 1 to 64 letters (a-z), digits, '_' and '-'. Give name=.",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_cannot_be_a_tool_says_why(function, reason):
    assert refused(function) == reason


@pytest.mark.parametrize(
    ("function", "part"),
    [
        (fielded, "has a Field as its default"),
        (fielded_by_pydantic, "has a Field as its default"),
        (aliased, "of the tool 'aliased' has an alias or a default in its annotation"),
        (unknown_type, "of the tool 'unknown_type' has the type 'Nowhere', and 'Nowhere' is not known"),
        (no_type, "'1 +'\" as its type, which is none"),
        (opaque, "of the tool 'opaque' has a type or constraint that cannot be checked: Unable to generate"),
        (generated, "is a generator, and a tool has one result: return a list."),
        (generated_later, "is a generator, and a tool has one result: return a list."),
        (min, "does not tell its parameters"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_a_model_cannot_give_is_refused(function, part):
    assert part in refused(function)


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"name": "two words"}, "'two words' cannot be the name of a tool"),
        ({"name": "x" * 65}, "cannot be the name of a tool"),
        ({"name": ""}, "cannot be the name of a tool"),
        ({"timeout": 0}, "The tool 'search' cannot work: timeout must be more than 0, not 0."),
        ({"on_error": "ignore"}, "on_error must be one of 'tell', 'raise', not 'ignore'."),
        ({"max_result_chars": 0}, "max_result_chars must be at least 1, not 0."),
        ({"parameters": {"type": "array"}}, "no JSON Schema of an object"),
        ({"parameters": {"type": "object", "properties": 3}}, "no JSON Schema: at #/properties, 3 is not"),
        ({"parameters": {"type": "object", "$ref": "http://example.com/x"}}, "no JSON Schema"),
        ({"parameters": []}, "no JSON Schema of an object"),
        ({"requires_approval": True}, "requires_approval=True and approve=None"),
        ({"approve": print}, "requires_approval=False and approve=<built-in function print>"),
        ({"requires_approval": print, "approve": print}, "give True and a function"),
        ({"requires_approval": "yes"}, "requires_approval='yes'"),
        ({"description": 3}, "description must be text, not 3."),
        ({"idempotent": "no"}, "idempotent must be True or False, not 'no'."),
    ],
)
def test_a_setting_that_cannot_work_is_refused(settings, part):
    assert part in refused(search, **settings)


def test_two_tools_of_one_name_are_refused():
    def find(query: str) -> None: ...

    with pytest.raises(ToolDefinitionError) as caught:
        Toolbox([search, Tool(find, name="search")])
    assert str(caught.value) == (
        "Two tools have the name 'search': test_tools_declaration.search and "
        "test_tools_declaration.test_two_tools_of_one_name_are_refused.<locals>.find. Give one of them another: "
        "Tool(function, name=…), agent.as_tool(…), MCPServer(…, prefix=…)."
    )


def test_a_tool_definition_error_is_the_callers_own():
    assert issubclass(ToolDefinitionError, UsageError)
    assert issubclass(ToolDefinitionError, TypeError)


def test_the_definitions_are_in_the_order_of_the_tools():
    def other(x: Any) -> None: ...

    assert Toolbox([other, search]).definitions == (Tool(other).definition, Tool(search).definition)
    assert Toolbox([]).definitions == ()


def test_a_default_of_a_model_is_null_for_the_model():
    home = Place(city="Rome")

    def look(place: Place = home) -> str:
        return place.city

    told = Tool(look)
    assert (told.strict, told.parameters["properties"]["place"]["anyOf"][1]) == (True, {"type": "null"})
    assert told(**told.fit({"place": None})) == "Rome"


def test_a_function_may_be_made_a_tool_before_what_it_uses_is_there():
    def look(city: str) -> str:
        return prefix + city

    told = Tool(look)
    prefix = "In "
    assert told(**told.fit({"city": "Rome"})) == "In Rome"

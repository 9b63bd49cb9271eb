"""The kinds of malformed reply that models really send, each made of the reply that was meant."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.faults.loose_json import Hand, as_yaml, dumps, is_plain_word, single_quoted
from kaizen_eval.fake.faults.malformed_fields import Spoken

__all__ = ["KINDS", "Kind", "Must", "Spoiled", "malformed", "spoiled"]

Must = Literal["repaired", "error", "either"]
_REFUSAL = "I'm sorry, but I can't help with that request."
_LINES = "\n\t"
_PAGE = "<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which a reply can be wrong."""

    name: str
    must: Must
    """What a parser owes it: the value that was meant, an error, or either; never another value."""
    write: Callable[[Spoken], str]
    meant: Callable[[Spoken], Spoken] = lambda spoken: spoken
    """The reply as this kind needs it, with an apostrophe, say."""
    is_of_any: bool = False
    """Whether it says the same whatever was meant."""


def malformed(kind: str, text: str | None, schema: Mapping[str, Any] | None) -> str:
    """The text of this kind for a reply that was meant, which is a JSON object.

    Raises:
        ScriptError: there is no object, or no field in it that can go wrong in this way.
    """
    return spoiled(kind, text, schema).text


class Spoiled(NamedTuple):
    """A malformed reply."""

    text: str
    meant: Mapping[str, Any] | None
    """The values that it was made of; None of a kind that says the same whatever was meant."""


def spoiled(kind: str, text: str | None, schema: Mapping[str, Any] | None) -> Spoiled:
    """As `malformed`, with what was meant: the values as this kind needs them."""
    chosen = KINDS[kind]
    if chosen.is_of_any:
        return Spoiled(chosen.write(Spoken(kind, {}, {})), None)
    spoken = chosen.meant(_spoken(kind, text, schema or {}))
    return Spoiled(chosen.write(spoken), spoken.values)


def _spoken(kind: str, text: str | None, schema: Mapping[str, Any]) -> Spoken:
    try:
        values = json.loads(text or "")
    except ValueError:
        values = None
    if not isinstance(values, dict) or not values:
        raise ScriptError(
            f"malformed(kind={kind!r}) makes something else of a JSON object, and the reply is {text!r}. Ask for "
            f"structured output, or give the reply: malformed(kind={kind!r}, reply={{…}})."
        )
    return Spoken(kind, values, schema)


def _clean(spoken: Spoken) -> str:
    return dumps(spoken.values)


def _pretty(spoken: Spoken) -> str:
    return json.dumps(spoken.values, ensure_ascii=False, indent=2)


def _around(before: str, after: str = "") -> Callable[[Spoken], str]:
    return lambda spoken: before + _clean(spoken) + after


def _fenced(before: str, after: str) -> Callable[[Spoken], str]:
    return lambda spoken: before + _pretty(spoken) + after


def _says(text: str) -> Callable[[Spoken], str]:
    return lambda _: text


def _raw(pick: Callable[[Spoken], str], raw: Callable[[Any], str]) -> Callable[[Spoken], str]:
    """One field is written as no JSON value is."""

    def write(spoken: Spoken) -> str:
        name = pick(spoken)
        return Hand(keep={name: raw(spoken.values[name])}).write(spoken.values)

    return write


def _as_is(signs: str) -> Callable[[str], str]:
    """These signs as they are; all else as JSON has it."""
    return lambda text: f'"{"".join(sign if sign in signs else dumps(sign)[1:-1] for sign in text)}"'


def _text_as(change: Callable[[str], str]) -> Callable[[Spoken], Spoken]:
    """The free text is another one."""

    def meant(spoken: Spoken) -> Spoken:
        name = spoken.text()
        return spoken.but(**{name: change(spoken.values[name])})

    return meant


def _draft(spoken: Spoken) -> str:
    """An object of the same shape that is not the answer."""
    return dumps({name: _drafted(spoken, name) for name in spoken.values})


def _drafted(spoken: Spoken, name: str) -> object:
    if listed := spoken.rules(name).get("enum"):
        return listed[-1]
    empty = {str: "draft", float: 0.1, int: 0, bool: False, list: [], dict: {}}
    return empty.get(type(spoken.values[name]))


def _missing_comma(spoken: Spoken) -> str:
    first, *rest = [dumps({name: value})[1:-1] for name, value in spoken.values.items()]
    return f"{{{first} {', '.join(rest)}}}"


def _with_number_first(spoken: Spoken) -> Spoken:
    """Where there is one: between a number and a name nobody could mistake the comma that is missing."""
    _check_two_fields(spoken)
    names = [name for name, value in spoken.values.items() if isinstance(value, int | float)]
    return spoken.beginning_with(names[0]) if names else spoken


def _check_two_fields(spoken: Spoken) -> None:
    if len(spoken.values) < 2:
        raise ScriptError(f"malformed(kind={spoken.kind!r}) needs a reply of two fields, not {dict(spoken.values)!r}.")


def _ending_without_number(spoken: Spoken) -> Spoken:
    """A number without the brace after it might go on."""
    names = [name for name, value in spoken.values.items() if not isinstance(value, int | float)]
    if not names:
        raise ScriptError(
            f"malformed(kind={spoken.kind!r}) needs a reply with more than numbers in it, not {dict(spoken.values)!r}."
        )
    return spoken.ending_with(names[-1])


def _beginning_with_apostrophe(spoken: Spoken) -> Spoken:
    """Nobody can tell it from the quote that ends the reply, unless another field follows."""
    _check_two_fields(spoken)
    name = spoken.text()
    return spoken.but(**{name: f"It's {spoken.values[name]}"}).beginning_with(name)


def _commented(spoken: Spoken) -> str:
    first, *rest = _pretty(spoken).split("\n")
    return "\n".join([first, "  // how sure", *rest[:-1], "  /* that is all */", rest[-1]])


def _unquoted(spoken: Spoken) -> str:
    if not any(isinstance(value, str) and is_plain_word(value) for value in spoken.values.values()):
        raise ScriptError(
            f"malformed(kind={spoken.kind!r}) needs a reply with a text of plain words, not {dict(spoken.values)!r}."
        )
    return Hand(text=lambda text: text if is_plain_word(text) else dumps(text)).write(spoken.values)


def _smart(spoken: Spoken) -> str:
    first = next(iter(spoken.values), "")
    return Hand(key=lambda name: f"“{name}”" if name == first else dumps(name)).write(spoken.values)


def _python(spoken: Spoken) -> str:
    extra = {spoken.free_name("ok"): True, spoken.free_name("note"): None}
    return Hand(word=repr).write({**spoken.values, **extra})


def _and(spoken: Spoken, name: str, raw: str) -> str:
    return Hand(keep={name: raw}).write({**spoken.values, name: raw})


def _last_word_quoted(text: str) -> str:
    start, blank, last = text.rpartition(" ")
    return f'{start}{blank}"{last}"'


def _broken_line(text: str) -> str:
    start, _, rest = text.partition(" ")
    return f"{start}\n\t{rest}"


def _underscored(text: str) -> str:
    start, _, rest = text.partition(" ")
    return f"{start}_{rest}"


def _truncated_last_text(spoken: Spoken) -> str:
    name = spoken.text()
    text = _clean(spoken.ending_with(name))
    return text[: -len('"}') - len(spoken.values[name]) // 2]


def _truncated_first_text(spoken: Spoken) -> str:
    name = spoken.text()
    return dumps({name: spoken.values[name]})[: len(dumps({name: ""})) - 1]


def _truncated_number(spoken: Spoken) -> str:
    name = spoken.number()
    return _clean(spoken.but(**{name: 0.5}).ending_with(name))[: -len("5}")]


def _truncated_integer(spoken: Spoken) -> str:
    name = spoken.integer()
    return _clean(spoken.ending_with(name))[: -len("}")]


def _twice(spoken: Spoken) -> str:
    name = spoken.any_number()
    return f"{_clean(spoken)[:-1]}, {dumps(name)}: {spoken.values[name] + 4}}}"


def _numbers_quoted(spoken: Spoken) -> str:
    spoken.any_number()
    return Hand(
        word=lambda value: (
            f'"{dumps(value)}"' if isinstance(value, int | float) and not isinstance(value, bool) else dumps(value)
        )
    ).write(spoken.values)


def _one_item(spoken: Spoken) -> Spoken:
    name = spoken.items()
    return spoken.but(**{name: spoken.values[name][:1]})


def _escaped(text: str) -> str:
    first = f"\\u{ord(text[0]):04x}" if ord(text[0]) < 0x10000 else text[0]
    return f'"{first}{json.dumps(text[1:])[1:-1]}"'


def _scalar(spoken: Spoken) -> str:
    name = spoken.items()
    return dumps({**spoken.values, name: spoken.values[name][0]})


def _but(pick: Callable[[Spoken], str], change: Callable[[Any], object]) -> Callable[[Spoken], str]:
    """One field has another value."""

    def write(spoken: Spoken) -> str:
        name = pick(spoken)
        return _clean(spoken.but(**{name: change(spoken.values[name])}))

    return write


def _other_case(word: str) -> str:
    return word.lower() if word.isupper() else word.upper()


def _percent(number: float) -> str:
    return f'"{number * 100:g}%"'


def _ellipsis(items: list[object]) -> str:
    return f"[{', '.join([dumps(item) for item in items[:-1]] + ['...'])}]"


def _nested(spoken: Spoken) -> str:
    return _and(spoken, spoken.free_name("x", "more"), "[" * 5000 + "]" * 5000)


def _explained(spoken: Spoken) -> str:
    name = spoken.free_name("explanation")
    return _and(spoken, name, '"because"')


def _schema_first(spoken: Spoken) -> str:
    first = next(iter(spoken.values))
    return dumps({"type": "object", "properties": {first: {"type": "string"}}}) + "\n" + _clean(spoken)


def _call(spoken: Spoken) -> str:
    return dumps({"name": "final_answer", "arguments": spoken.values})


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("clean", "repaired", _clean),
        Kind("fence_json", "repaired", _fenced("```json\n", "\n```")),
        Kind(
            "fence_in_prose",
            "repaired",
            _fenced("Sure! Here is the answer:\n\n```\n", "\n```\nLet me know if you need more."),
        ),
        Kind("unclosed_fence", "repaired", _fenced("```json\n", "\n")),
        Kind("prose_around", "repaired", _around("Here is the JSON you asked for: ", " Hope that helps!")),
        Kind("braces_in_prose", "repaired", _around("Using the template {question} and set {a, b}, I get: ")),
        Kind("schema_first", "repaired", _schema_first),
        Kind("draft_first", "repaired", lambda spoken: f"{_draft(spoken)}\n{_clean(spoken)}"),
        Kind("think_draft", "repaired", lambda spoken: f"<think>maybe {_draft(spoken)}</think>\n{_clean(spoken)}"),
        Kind("trailing_commas", "repaired", lambda spoken: Hand(before_close=",").write(spoken.values)),
        Kind("missing_comma", "repaired", _missing_comma, _with_number_first),
        Kind(
            "single_quotes",
            "repaired",
            lambda spoken: Hand(single_quoted, lambda text: single_quoted(text, "\\'")).write(spoken.values),
        ),
        Kind(
            "apostrophe_in_single_quotes",
            "repaired",
            lambda spoken: Hand(single_quoted, single_quoted).write(spoken.values),
            _beginning_with_apostrophe,
        ),
        Kind("unquoted_keys", "repaired", lambda spoken: Hand(key=str).write(spoken.values)),
        Kind("unquoted_values", "repaired", _unquoted),
        Kind("smart_quotes", "repaired", _smart),
        Kind("comments", "repaired", _commented),
        Kind("python_literals", "repaired", _python),
        Kind("nan", "error", _raw(Spoken.number, lambda _: "NaN")),
        Kind("inner_quotes", "repaired", _raw(Spoken.text, _as_is('"')), _text_as(_last_word_quoted)),
        Kind("raw_newline", "repaired", _raw(Spoken.text, _as_is(_LINES)), _text_as(_broken_line)),
        Kind(
            "invalid_escape",
            "repaired",
            _raw(Spoken.text, lambda text: dumps(text).replace("_", "\\_")),
            _text_as(_underscored),
        ),
        Kind("missing_brace", "repaired", lambda spoken: _clean(spoken)[:-1], _ending_without_number),
        Kind("extra_brace", "repaired", _around("", "}")),
        Kind("truncated_in_last_text", "error", _truncated_last_text),
        Kind("truncated_in_first_text", "error", _truncated_first_text),
        Kind("truncated_in_number", "error", _truncated_number),
        Kind("truncated_in_integer", "error", _truncated_integer),
        Kind("duplicate_keys", "error", _twice),
        Kind("numbers_as_strings", "repaired", _numbers_quoted),
        Kind("wrong_type", "error", _but(Spoken.any_number, lambda _: "three")),
        Kind("enum_wrong_case", "repaired", _but(Spoken.one_of_a_list, _other_case)),
        Kind("enum_with_punctuation", "repaired", _but(Spoken.one_of_a_list, lambda word: f" {word.capitalize()}.")),
        Kind("extra_fields", "repaired", _explained),
        Kind("missing_field", "error", lambda spoken: _clean(spoken.without(spoken.required()))),
        Kind("wrapped_in_result", "repaired", _around('{"result": ', "}")),
        Kind("wrapped_in_list", "repaired", _around("[", "]")),
        Kind("function_call_wrapper", "repaired", _call),
        Kind("tool_call_xml", "repaired", lambda spoken: f"<tool_call>\n{_call(spoken)}\n</tool_call>"),
        Kind("double_encoded", "repaired", lambda spoken: dumps(_clean(spoken))),
        Kind("scalar_for_list", "repaired", _scalar, _one_item),
        Kind("unicode_escapes", "repaired", _raw(Spoken.text, _escaped), _text_as(lambda text: f"{text} 😀")),
        Kind("lone_surrogate", "error", _raw(Spoken.text, lambda text: dumps(text)[:-1] + '\\ud83d"')),
        Kind("bom", "repaired", _around("\ufeff")),
        Kind("nul", "repaired", _around("\0")),
        Kind("special_token", "repaired", _around("", "<|im_end|>")),
        Kind("deep_nesting", "either", _nested),
        Kind("huge_integer", "error", _raw(Spoken.integer, lambda _: "1" + "0" * 4300)),
        Kind("float_overflow", "error", _raw(Spoken.number, lambda _: "1e999")),
        Kind("percent", "either", _raw(Spoken.number, _percent)),
        Kind("ellipsis", "error", _raw(Spoken.items, _ellipsis)),
        Kind("yaml", "repaired", lambda spoken: as_yaml(spoken.values)),
        Kind("refusal", "error", _says(_REFUSAL), is_of_any=True),
        Kind(
            "refusal_with_json",
            "error",
            _says('I cannot return {"answer": ...} because it would be harmful.'),
            is_of_any=True,
        ),
        Kind("empty", "error", _says(""), is_of_any=True),
        Kind("blank", "error", _says(" \n\t "), is_of_any=True),
        Kind("null", "error", _says("null"), is_of_any=True),
        Kind("empty_object", "error", _says("{}"), is_of_any=True),
        Kind("html_page", "error", _says(_PAGE), is_of_any=True),
    )
}

"""59 kinds of reply that models really send, built from one clean one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from kaizen_eval.signatures import InputField, OutputField, Signature

__all__ = ["ERROR", "MEANT", "ROWS", "QASignature", "Row"]


class QASignature(Signature):
    """Answer the question."""

    question: str = InputField()
    answer: str = OutputField()
    confidence: float = OutputField()
    count: int = OutputField()
    sentiment: Literal["positive", "negative", "neutral"] = OutputField()
    tags: list[str] = OutputField()


MEANT: dict[str, Any] = {
    "answer": "Paris is the capital",
    "confidence": 0.9,
    "count": 3,
    "sentiment": "positive",
    "tags": ["a", "b"],
}
DRAFT = {"answer": "draft", "confidence": 0.1, "count": 0, "sentiment": "neutral", "tags": []}
ERROR = None
"""In the place of a tier: the reply has no value."""

CLEAN = json.dumps(MEANT)
PRETTY = json.dumps(MEANT, indent=2)


@dataclass(frozen=True, slots=True)
class Row:
    kind: str
    text: str
    tier: int | None
    values: dict[str, Any]


def row(kind: str, text: str, tier: int | None, **other: Any) -> Row:
    return Row(kind, text, tier, MEANT | other)


def instead(old: str, new: str, text: str = CLEAN) -> str:
    """The clean reply with one piece of it replaced."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


def last(name: str) -> str:
    """The clean reply with this field at its end."""
    return json.dumps({key: value for key, value in MEANT.items() if key != name} | {name: MEANT[name]})


def with_answer(raw: str) -> str:
    return instead("Paris is the capital", raw)


def and_also(more: str) -> str:
    return f"{CLEAN[:-1]}, {more}}}"


LONG_INT = "1" + "0" * 4300

ROWS = (
    row("clean", CLEAN, 1),
    row("fence ```json", f"```json\n{PRETTY}\n```", 2),
    row(
        "fence no lang + prose",
        f"Sure! Here is the answer:\n\n```\n{PRETTY}\n```\nLet me know if you need more.",
        3,
    ),
    row("unclosed fence", f"```json\n{PRETTY}\n", 2),
    row("prose around", f"Here is the JSON you asked for: {CLEAN} Hope that helps!", 3),
    row("prose w/ braces before", f"Using the template {{question}} and set {{a, b}}, I get: {CLEAN}", 3),
    row(
        "schema echoed first, answer last",
        f'{{"type": "object", "properties": {{"answer": {{"type": "string"}}}}}}\n{CLEAN}',
        3,
    ),
    row("draft object then final", f"{json.dumps(DRAFT)}\n{CLEAN}", 3),
    row("<think> draft </think> + answer", f"<think>maybe {json.dumps(DRAFT)}</think>\n{CLEAN}", 3),
    row("trailing commas", instead('"b"]}', '"b",],}'), 4),
    row("missing comma", instead('0.9, "count"', '0.9 "count"'), 4),
    row("single quotes", CLEAN.replace('"', "'"), 4),
    row("single quotes w/ apostrophe", with_answer("It's Paris").replace('"', "'"), 4, answer="It's Paris"),
    row(
        "unquoted keys",
        CLEAN.replace('": ', ": ")
        .replace(', "a', ", a")
        .replace('{"', "{")
        .replace(', "', ", ")
        .replace('["a", b"]', '["a", "b"]'),
        4,
    ),
    row(
        "unquoted values",
        instead('["a", "b"]', "[a, b]", instead('"positive"', "positive", with_answer("Paris is the capital"))).replace(
            '"Paris is the capital"', "Paris is the capital"
        ),
        4,
    ),
    row("smart quotes", instead('"answer"', "“answer”"), 4),
    row(
        "// and /* */ comments",
        instead('  "tags"', '  /* labels */ "tags"', instead('  "conf', '  // how sure\n  "conf', PRETTY)),
        4,
    ),
    row("python literals (True/None extra)", and_also('"ok": True, "note": None'), 4),
    row("NaN for float", instead("0.9", "NaN"), ERROR),
    row("unescaped inner quotes", with_answer('Paris is the "capital"'), 4, answer='Paris is the "capital"'),
    row("raw newline/tab in string", with_answer("Paris\n\tis the capital"), 4, answer="Paris\n\tis the capital"),
    row(r"invalid escape \_", with_answer(r"Paris\_is the capital"), 4, answer="Paris_is the capital"),
    row("missing closing brace", CLEAN[:-1], 4),
    row("extra closing brace", CLEAN + "}", 3),
    row("truncated in string (last field)", CLEAN[: -len('"]}')], ERROR),
    row("truncated in first string", CLEAN[: CLEAN.index("ris")], ERROR),
    row("truncated in number", last("confidence")[: -len("9}")], ERROR),
    row("truncated int 31->3", last("count")[:-1], ERROR),
    row("duplicate keys (conflict)", and_also('"count": 7'), ERROR),
    row("numbers as strings", instead(": 3", ': "3"', instead("0.9", '"0.9"')), 5),
    row("wrong type (count: 'three')", instead(": 3", ': "three"'), ERROR),
    row("enum wrong case", instead("positive", "POSITIVE"), 5),
    row("enum w/ spaces/punct", instead("positive", " Positive."), 5),
    row("extra fields", and_also('"explanation": "because"'), 2),
    row("missing field", instead('"count": 3, ', ""), ERROR),
    row('wrapped {"result": ...}', f'{{"result": {CLEAN}}}', 2),
    row("wrapped in list", f"[{CLEAN}]", 2),
    row("function-call wrapper", f'{{"name": "final_answer", "arguments": {CLEAN}}}', 2),
    row(
        "<tool_call> xml",
        f'<tool_call>\n{{"name": "final_answer", "arguments": {CLEAN}}}\n</tool_call>',
        2,
    ),
    row("double-encoded string", json.dumps(CLEAN), 2),
    row("scalar for list (tags: 'a')", instead('["a", "b"]', '"a"'), 5, tags=["a"]),
    row(
        "unicode escapes + pair",
        with_answer(r"\u0050aris \ud83d\ude00 is the capital"),
        1,
        answer="Paris 😀 is the capital",
    ),
    row("lone surrogate", with_answer(r"Paris\ud83d is the capital"), ERROR),
    row("BOM", f"\ufeff{CLEAN}", 2),
    row("NUL / control char in text", f"\0{CLEAN}", 2),
    row("trailing special token", f"{CLEAN}<|im_end|>", 2),
    row("deep nesting extra (5000)", and_also(f'"x": {"[" * 5000}{"]" * 5000}'), ERROR),
    row("huge int (4301 digits)", instead(": 3", f": {LONG_INT}"), ERROR),
    row("float overflow 1e999", instead("0.9", "1e999"), ERROR),
    row("percent/units", instead("0.9", '"90%"'), ERROR),
    row("ellipsis placeholder", instead('"b"', "..."), ERROR),
    row(
        "yaml-ish",
        "answer: Paris is the capital\nconfidence: 0.9\ncount: 3\nsentiment: positive\ntags:\n- a\n- b",
        5,
    ),
    row("refusal", "I'm sorry, but I can't help with that request.", ERROR),
    row("refusal w/ quoted JSON bits", 'I cannot return {"answer": ...} because it would be harmful.', ERROR),
    row("empty", "", ERROR),
    row("whitespace only", " \n\t ", ERROR),
    row("null", "null", ERROR),
    row("empty object", "{}", ERROR),
    row("HTML error page", "<html><body><h1>502 Bad Gateway</h1></body></html>", ERROR),
)

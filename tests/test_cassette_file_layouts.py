"""Bodies in cassette files: as readable as their bytes allow."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cassette_exchanges import AWKWARD, JSON_TEXTS, answered, recorded
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.recording.file import encode
from kaizen_eval.recording.file.blocks import body_lines
from kaizen_eval.recording.file.json_layout import bare_of, laid_out

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.sampled_from(AWKWARD)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)
STREAM = 'data: {"choices":[{"index":0,"delta":{"content":"Se"}}]}\n\ndata: [DONE]\n\n'


def block(body: bytes | str) -> str:
    """How a body stands in a file."""
    return "\n".join(body_lines(body.encode() if isinstance(body, str) else body, 0))


@settings(deadline=None)
@given(JSON_TEXTS)
def test_what_is_laid_out_is_the_same_json_and_makes_the_same_text_again(text: str):
    laid = laid_out(text)

    if laid is not None:
        assert bare_of(*laid) == text
        assert laid.text == laid.text.strip()


@settings(deadline=None)
@given(
    value=st.lists(VALUES) | st.dictionaries(st.text(), VALUES),
    separators=st.sampled_from([None, (",", ":")]),
    ascii_=st.booleans(),
    end=st.sampled_from(["", "\n"]),
)
def test_json_as_programs_write_it_is_always_laid_out(value: Any, separators: Any, ascii_: bool, end: str):
    text = json.dumps(value, separators=separators, ensure_ascii=ascii_) + end

    laid = laid_out(text)

    assert laid is not None
    assert json.loads(laid.text) == value


@settings(deadline=None)
@given(st.text(), st.text(max_size=20))
def test_a_text_that_was_edited_into_anything_makes_some_text(text: str, layout: str):
    for known in ("compact", "spaced", "spaced bare ascii newline"):
        assert isinstance(bare_of(text, known), str)
    if layout.partition(" ")[0] not in {"compact", "spaced"}:
        with pytest.raises(ValueError, match="there is no layout"):
            bare_of(text, layout)


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ('{"a":1}', 'layout: compact\njson: |-\n  {\n    "a": 1\n  }'),
        ('{"a": [], "b": {}}', 'layout: spaced\njson: |-\n  {\n    "a": [],\n    "b": {}\n  }'),
        ('{"a":1.50}\n', 'layout: "compact newline"\njson: |-\n  {\n    "a": 1.50\n  }'),
        ('{"a":1,"a":2}', 'layout: compact\njson: |-\n  {\n    "a": 1,\n    "a": 2\n  }'),
        ('{"a": "\\u00e9\\ud83d\\ude00"}', 'layout: "spaced ascii"\njson: |-\n  {\n    "a": "é😀"\n  }'),
        ('{"a":"é\\u2028"}', 'layout: compact\njson: |-\n  {\n    "a": "é\\u2028"\n  }'),
        ('{"a":"é\u2028"}', 'layout: "compact bare"\njson: |-\n  {\n    "a": "é\\u2028"\n  }'),
        ('{"a":"\\u00E9 \\/"}', 'layout: compact\njson: |-\n  {\n    "a": "\\u00E9 \\/"\n  }'),
        ('{"a":"\\ud800"}', 'layout: compact\njson: |-\n  {\n    "a": "\\ud800"\n  }'),
        ('["a", "b"]', 'layout: spaced\njson: |-\n  ["a", "b"]'),
        ('{\n "a": 1\n}', 'raw: |-\n  {\n   "a": 1\n  }'),
        ('{"a":1, "b":2}', 'raw: |-\n  {"a":1, "b":2}'),
        ("[DONE]", "raw: |-\n  [DONE]"),
        ("{", "raw: |-\n  {"),
        ("]", "raw: |-\n  ]"),
        ("{}}", "raw: |-\n  {}}"),
        ("\n\na\n", "raw: |2\n\n\n  a"),
        (" a\n\n", "raw: |2+\n   a\n"),
        ("\n", "raw: |2+\n"),
        ("a: b # c", "raw: |-\n  a: b # c"),
        ("---\n...\n", "raw: |\n  ---\n  ..."),
        ("a\tb", "raw: |-\n  a\tb"),
        ("a\r\nb\r\n", "layout: crlf\nraw: |\n  a\n  b"),
        ("a\r\nb\n", 'raw: "\\\n  a\\r\\n\\\n  b\\n\\\n  "'),
        ("a \n  b", 'raw: "\\\n  a \\n\\\n  \\  b"'),
        ("\ufeffa\u2028\0\x85", 'raw: "\\ufeffa\\u2028\\u0000\\u0085"'),
        (" ", 'raw: " "'),
        (b"\xff\xfe", "base64: |-\n  //4="),
        (STREAM, f"raw: |+\n  {STREAM.rstrip().replace(chr(10), chr(10) + '  ').replace('  ' + chr(10), chr(10))}\n"),
    ],
)
def test_a_body_stands_as_people_would_write_it(body: bytes | str, lines: str):
    assert block(body) == lines


def test_lists_of_numbers_fill_lines_and_lists_of_texts_have_one_each():
    numbers, texts = list(range(60)), ["a word or two"] * 8

    assert block(json.dumps([numbers, texts, numbers[:9]])) == "\n".join(
        [
            "layout: spaced",
            "json: |-",
            "  [",
            "    [",
            f"      {', '.join(map(str, numbers[:28]))},",
            f"      {', '.join(map(str, numbers[28:54]))},",
            f"      {', '.join(map(str, numbers[54:]))}",
            "    ],",
            "    [",
            *['      "a word or two",'] * 7,
            '      "a word or two"',
            "    ],",
            "    [0, 1, 2, 3, 4, 5, 6, 7, 8]",
            "  ]",
        ]
    )


def test_json_that_is_nested_too_deep_or_too_large_to_read_stays_as_it_is():
    deep = "[" * 61 + "]" * 61
    large = f'["{"a" * 5_000_000}"]'

    assert (laid_out(deep), laid_out(deep[1:-1]) is None, laid_out(large)) == (None, False, None)


def test_a_body_of_more_lines_than_anybody_reads_is_not_written_with_an_indent_each():
    assert block("\n" * 500_001).startswith("base64: |-\n  CgoK")


def test_a_whole_file_reads_like_this():
    asked = '{"model":"gpt-5-mini","messages":[{"role":"user","content":"Grüße,\\nEuer Bär 🐻"}],"stream":true}'
    events = [
        '{"choices":[{"index":0,"delta":{"content":"Hal"}}]}',
        '{"choices":[{"index":0,"delta":{"content":"lo\\n!"}}]}',
    ]
    stream = "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"])

    assert encode(recorded(answered(asked.encode(), stream.encode(), lane="trial 1")), form="yaml").decode() == FILE


FILE = """\
# A cassette of kaizen-eval: requests, and what they were answered. Tests replay it.
schema: 1
recorded_at: "2026-11-22T22:54:31Z"
parts:
- [kaizen-eval, "0.1.0"]
- [openai, "3.54.0"]
models: [gpt-5-mini]
totals:
  exchanges: 1
  prompt_tokens: 0
  completion_tokens: 0
  cost_usd: unknown
  unmetered: 1
---
lane: "trial 1"
slot: 1
key: "00000000000000000000000000000001"
sent_at_us: 1000
request:
  method: POST
  path: /chat/completions
  headers:
  - [content-type, application/json]
  body:
    bytes: 102
    digest: "b8d5f60c6aa1aecfd3234198b9d977db"
    layout: compact
    json: |-
      {
        "model": "gpt-5-mini",
        "messages": [
          {
            "role": "user",
            "content": "Grüße,\\nEuer Bär 🐻"
          }
        ],
        "stream": true
      }
response:
  status: 200
  headers:
  - [content-type, application/json]
  at_us: 1200
  sizes: [134]
  offsets_us: [1500]
  body:
    bytes: 134
    digest: "ff6dc54622fcb1d1e9323d3047393644"
    text: |-
      Hallo
      !
    raw: |+
      data: {"choices":[{"index":0,"delta":{"content":"Hal"}}]}

      data: {"choices":[{"index":0,"delta":{"content":"lo\\n!"}}]}

      data: [DONE]

...
"""

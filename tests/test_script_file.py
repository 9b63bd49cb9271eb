"""Script files: what they say, and what is told of their mistakes."""

# ruff: noqa: E501, ISC004 - the words of a mistake stand in one line, as they are printed

from __future__ import annotations

import contextlib
import json
import re
import textwrap

import pytest
from fake_asking import ask_all, asking
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake import (
    ABSENT,
    GENERATED,
    PRESENT,
    Contains,
    Exactly,
    FakeLLM,
    Generated,
    HttpStatus,
    Latency,
    Pick,
    RateLimit,
    Reply,
    Template,
    misses,
)
from kaizen_eval.fake.script_file import load, read
from kaizen_eval.messages import ChatReply, Message, Usage

TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture(autouse=True)
def no_misses_are_left():
    yield
    misses.take()


def yaml(text):
    return read(textwrap.dedent(text), name="s.yaml")


def rules(text):
    """The rules of a file, their bodies alone."""
    return read(f"version: 1\nrules:\n{textwrap.indent(textwrap.dedent(text), '  ')}").rules


def actions(*sayings):
    return [rule.action for rule in rules("".join(f"- reply: {saying}\n" for saying in sayings))]


def mistakes(text, language="yaml"):
    """Each with its place."""
    with pytest.raises(ScriptError) as error:
        read(text, name="s", language=language)
    lines = str(error.value).split("\n")
    return [line.strip().removeprefix("s:") for line in lines if not line.endswith("mistakes:")]


WHOLE = r"""
    version: 1
    seed: 7
    latency: {first: 0.5}
    rules:
      - when: {user: {contains: capital}, model: gpt-4o-mini}
        reply: {text: Paris}
      - when: {user: {regex: 'weather in (?P<city>\w+)'}}
        steps:
          - tool_calls: [{name: weather, arguments: {city: '{{ match.city }}'}}]
          - It is sunny in {{ match.city }}.
      - fail: {rate_limit: {retry_after: 2}}
        times: 2
      - when: {user: order}
        reply: Please pay.
        to: awaiting payment
      - when: {state: awaiting payment, user: pay, nth: 1, session: {regex: ^s}}
        reply: {pick: [Thank you., {json: {ok: true}}]}
        times: 1
        per: conversation
      - when: {user: make, probability: 0.5}
        reply: {generated: true, latency: 2}
    otherwise: {text: I do not know.}
"""


def in_python():
    fake = FakeLLM(seed=7, latency=Latency(first=0.5))
    fake.when(user="capital", model="gpt-4o-mini").reply("Paris")
    fake.when(user=re.compile(r"weather in (?P<city>\w+)")).steps(
        [
            Template(tool_calls=[{"name": "weather", "arguments": {"city": "{{ match.city }}"}}]),
            Template("It is sunny in {{ match.city }}."),
        ]
    )
    fake.fail("rate_limit", retry_after=2).times(2)
    fake.when(user="order").reply("Please pay.").to("awaiting payment")
    fake.when(state="awaiting payment", user="pay", nth=1, session=re.compile("^s")).reply(
        Pick(["Thank you.", {"ok": True}])
    ).times(1, per="conversation")
    fake.when(user="make", probability=0.5).reply(Generated(latency=Latency(first=2)))
    return fake.otherwise("I do not know.")


def facts(fake, requests):
    """What came of each request, and how long it took; but for the labels of rules."""
    came = ask_all(fake, *requests)
    seconds = [exchange.seconds for exchange in fake.journal.exchanges]
    told = [reply if isinstance(reply, ChatReply) else (type(reply), str(reply)) for reply in came]
    return list(zip(told, seconds, strict=True))


REQUESTS = st.lists(
    st.builds(
        lambda text, session, model: asking(text, session_id=session, model=model, tools=(TOOL,)),
        st.sampled_from(["the capital?", "weather in Rome", "order", "pay", "make", "else"]),
        st.sampled_from(["s1", "s2", "t"]),
        st.sampled_from(["gpt-4o-mini", "other"]),
    ),
    max_size=10,
)


@given(REQUESTS)
def test_a_file_and_python_that_say_the_same_always_behave_the_same(requests):
    script = yaml(WHOLE)
    fake = FakeLLM(seed=script.seed, latency=script.latency)
    script.add_to(fake._desk.script)
    assert facts(fake, requests) == facts(in_python(), requests)


def test_json_says_the_same_as_yaml(tmp_path):
    whole = textwrap.dedent(WHOLE)
    (tmp_path / "s.yaml").write_text(whole)
    import yaml as library  # noqa: PLC0415 - this file's `yaml` reads scripts

    (tmp_path / "s.json").write_text(json.dumps(library.safe_load(whole), indent="\t"))
    one, other = load(tmp_path / "s.yaml"), load(str(tmp_path / "s.json"))
    assert [rule.label.partition(" [")[0] for rule in one.rules] == [
        rule.label.partition(" [")[0] for rule in other.rules
    ]
    assert [rule.action for rule in one.rules] == [rule.action for rule in other.rules]
    assert (one.otherwise, one.seed, one.latency) == (other.otherwise, 7, Latency(first=0.5))


@pytest.mark.parametrize(
    ("saying", "action"),
    [
        ("Paris", Reply("Paris")),
        ("''", Reply("")),
        ("{text: Paris}", Reply("Paris")),
        ("{text: hang}", Reply("hang")),
        ("no", Reply("no")),
        ("1:30", Reply("1:30")),
        ("2024-01-01", Reply("2024-01-01")),
        ("{text: Hi {{ user }}}", None),
        ("'Hi {{ user }}'", Template("Hi {{ user }}")),
        (
            "{json: {a: [1, no, true, 1.5, null, '{{ turn }}']}}",
            Template(data={"a": [1, "no", True, 1.5, None, "{{ turn }}"]}),
        ),
        ("{json: [1]}", Reply(data=[1])),
        ("{tool_calls: [{name: f}]}", Reply(tool_calls=[{"name": "f"}])),
        (
            "{text: Wait., tool_calls: [{name: f, id: c1, arguments: {a: 1}}]}",
            Reply("Wait.", tool_calls=[{"name": "f", "id": "c1", "arguments": {"a": 1}}]),
        ),
        ("{tool_calls: [{name: f, arguments: '{broken'}]}", Reply(tool_calls=[{"name": "f", "arguments": "{broken"}])),
        ("{refusal: I will not.}", Reply(refusal="I will not.")),
        ("{generated: true}", GENERATED),
        ("{generated: true, latency: 1}", Generated(latency=Latency(first=1))),
        ("{generated: true, usage: {prompt: 3, completion: 2.0}}", Generated(usage=Usage(3, 2))),
        (
            "{usage: {cached: 1, reasoning: 2}, latency: slow, generated: true}",
            Generated(latency=Latency.of("slow"), usage=Usage(cached=1, reasoning=2)),
        ),
        ("{generated: true, usage: {}}", Generated(usage=Usage())),
        ("{pick: [a, {fail: rate_limit}]}", Pick(["a", RateLimit()])),
        (
            "{text: a, usage: {prompt: 3, completion: 2.0}, finish_reason: length, latency: {first: 1, per_token: 0.1}}",
            Reply("a", usage=Usage(3, 2), finish_reason="length", latency=Latency(first=1, per_token=0.1)),
        ),
        ("{text: a, latency: slow}", Reply("a", latency=Latency.of("slow"))),
        (
            "{text: a, latency: {first: {uniform: [0.1, 0.2]}}}",
            Reply("a", latency=Latency.of({"first": {"uniform": [0.1, 0.2]}})),
        ),
    ],
)
def test_each_form_of_reply(saying, action):
    if action is None:
        with pytest.raises(ScriptError):
            actions(saying)
    else:
        assert actions(saying) == [action]


@pytest.mark.parametrize(
    ("fault", "action"),
    [
        ("rate_limit", RateLimit()),
        ("{rate_limit: {retry_after: 2, html: true}}", RateLimit(retry_after=2, html=True)),
        ("{rate_limit: {}}", RateLimit()),
        ("{http_status: {status: 418}}", HttpStatus(status=418)),
        ("{rate_limit: {latency: {first: 1}}}", RateLimit(latency={"first": 1})),
    ],
)
def test_each_form_of_fault(fault, action):
    assert [rule.action for rule in rules(f"- fail: {fault}")] == [action]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("user: hi", {"user": "hi"}),
        ("user: {exact: hi}", {"user": Exactly("hi")}),
        ("system: {contains: hi}", {"system": Contains("hi")}),
        ("tool_result: {regex: h.}", {"tool_result": re.compile("h.")}),
        ("model: m, tool: t, session: s", {"model": "m", "tool": "t", "session": "s"}),
        ("endpoint: embeddings", {"endpoint": "embeddings"}),
        ("turn: 2, nth: 3.0", {"turn": 2, "nth": 3}),
        ("stream: true, state: start", {"stream": True, "state": "start"}),
        ("header: {X-Team: red, b: {regex: x}}", {"header": {"X-Team": "red", "b": re.compile("x")}}),
        ("json: $.tools", {"json": "$.tools"}),
        (
            "json: {$.a: 1, $.b: null, $.c: [x], $.d: {exact: {e: 1}}, $.f: {exists: true}, $.g: {exists: false}}",
            {"json": {"$.a": 1, "$.b": None, "$.c": ["x"], "$.d": Exactly({"e": 1}), "$.f": PRESENT, "$.g": ABSENT}},
        ),
        ("probability: 0.5", {"probability": 0.5}),
    ],
)
def test_each_matcher_is_what_python_would_give(written, wanted):
    [rule] = rules(f"- when: {{{written}}}\n  reply: x")
    assert dict(rule.conditions.given) == wanted


def test_a_rule_has_its_uses_its_state_and_its_steps():
    found = rules(
        """
        - {reply: a}
        - {reply: a, times: 2.0, to: paid}
        - {steps: [a, b], times: 1, per: conversation}
        - {fail: hang, times: 3, per: all}
        """
    )
    assert [(rule.limit, rule.per, rule.to, rule.steps) for rule in found] == [
        (None, "all", None, None),
        (2, "all", "paid", None),
        (1, "conversation", None, 2),
        (3, "all", None, None),
    ]


def test_a_scenario_from_a_file_goes_through_its_states():
    script = yaml("""
        version: 1
        rules:
          - {when: {user: order, state: start}, reply: Please pay., to: awaiting payment}
          - {when: {user: pay, state: awaiting payment}, reply: Thank you., to: paid}
          - {when: {state: paid}, reply: 'You are {{ state }}.'}
        otherwise: What?
    """)
    fake = FakeLLM()
    script.add_to(fake._desk.script)
    requests = [asking(text, session_id="s") for text in ("pay", "order", "pay", "pay")]
    assert [reply.text for reply in ask_all(fake, *requests)] == ["What?", "Please pay.", "Thank you.", "You are paid."]


def test_a_rule_is_labelled_with_its_place():
    assert [rule.label for rule in yaml(WHOLE).rules][:3] == [
        "when(user=Contains('capital'), model='gpt-4o-mini').reply(…) [s.yaml:6]",
        r"when(user=re.compile('weather in (?P<city>\\w+)')).steps(…) [s.yaml:8]",
        "fail('rate_limit') [s.yaml:12]",
    ]


def test_anchors_aliases_and_merges_stand_for_what_they_repeat():
    script = yaml("""
        version: 1
        rules:
          - &first
            when: &greeting {user: hi, model: m}
            reply: &hello Hello.
          - when: {<<: *greeting, model: n}
            reply: *hello
          - <<: [{times: 2}, *first]
            when: *greeting
    """)
    assert [(dict(rule.conditions.given), rule.action, rule.limit) for rule in script.rules] == [
        ({"user": "hi", "model": "m"}, Reply("Hello."), None),
        ({"user": "hi", "model": "n"}, Reply("Hello."), None),
        ({"user": "hi", "model": "m"}, Reply("Hello."), 2),
    ]


BAD = """\
version: 2
sed: 7
rules:
  - when: {usr: hi, model: 4.10, user: ''}
    reply: {txt: a}
  - when: {user: {regex: '('}, stream: yes, turn: 0}
    reply: rate_limit
    reply: x
  - fail: http_status
  - fail: {rate_limit: {retry: 3}}
    per: all
  - reply: [a]
    fail: hangs
  - reply: {text: "{{ usr }}", pick: []}
  - {}
  - when: {user: {regex: 'a'}, json: {a: 1}}
    reply: {tool_calls: [{nam: f}]}
  - when: {user: a}
    steps: [b, 'c {{ match.1 }}']
  - fail: {server_error: {status: 700}}
otherwise:
"""


def test_every_mistake_is_told_with_its_place_what_was_expected_and_what_was_meant():
    told = mistakes(BAD)
    faults = next(line for line in told if line.startswith("13:11")).partition(" There are: ")
    assert [line.replace(faults[2], "…") for line in told] == [
        "1:10: expected 1, not the number 2.",
        "2:1: a script has no 'sed'; did you mean 'seed'? It takes: version, seed, latency, rules, otherwise, $schema.",
        "4:12: `when` has no 'usr'; did you mean 'user'? It takes: user, system, model, endpoint, turn, nth, tool, "
        "tool_result, session, state, stream, header, json, probability.",
        "4:28: expected a model's name or a match (contains, exact, regex), not the number 4.10. Write it in quotes: "
        '"4.10".',
        "4:40: expected a text, not an empty one.",
        "5:13: a reply has no 'txt'; did you mean 'text'? It has one of: tool_calls, text, json, refusal, generated, "
        "pick.",
        "6:26: '(' is no regular expression: missing ), unterminated subpattern at position 0.",
        "6:40: expected true or false, not the text 'yes'. Write true.",
        "6:51: expected a whole number from 1, not the number 0.",
        "7:12: 'rate_limit' is a text and the name of a fault: for the fault write {fail: rate_limit}, for the text "
        "{text: rate_limit}.",
        "8:5: 'reply' is written twice; first in line 7.",
        "9:11: http_status needs details: write {http_status: {…}}.",
        "10:25: rate_limit has no 'retry'; did you mean 'retry_after'? It takes: latency, message, retry_after, "
        "retry_after_ms, retry_after_text, retry_after_date, should_retry, html.",
        "11:5: a rule has 'per' only beside 'times'.",
        "12:12: expected a text or a reply (tool_calls, text, json, refusal, generated, pick), not a list.",
        "13:5: a rule has reply and fail; it takes one of them.",
        "13:11: 'hangs' is not a fault; did you mean 'hang'? There are: …",
        "14:19: A template has no 'usr'; did you mean 'user'? There are: user, system, model, endpoint, turn, step, "
        "session, state, tool_result, match, header, body.",
        "14:32: a reply has no 'pick'. It takes: text, latency, usage, finish_reason.",
        "15:5: a rule needs one of: reply, steps, fail.",
        "… and 6 more",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["1:1: the file is empty; a script begins with 'version: 1'."]),
        ("# only\n", ["1:1: the file is empty; a script begins with 'version: 1'."]),
        ("[]", ["1:1: expected a script (version, seed, latency, rules, otherwise, $schema), not a list."]),
        ("{}", ["1:1: a script needs 'version'."]),
        ("version: '1'", ["1:10: expected 1, not the text '1'."]),
        ("version: true", ["1:10: expected 1, not the value true."]),
        ("version: 1\nseed: 1.5", ["2:7: expected a whole number, not the number 1.5."]),
        ("version: 1\nlatency: -1", ["2:10: expected a number of seconds, not the number -1."]),
        ("version: 1\nlatency: {first: {uniform: [2, 1]}}", ["2:10: Uniform goes from low to high, not from 2 to 1; exchange them."]),
        ("version: 1\nlatency: fsat", ["2:10: 'fsat' is not the name of a latency profile; did you mean 'fast'? There are: fast, typical, slow, reasoning."]),
        (
            "version: 1\nrules:\n- fail: {server_error: {status: 700}}",
            ["3:9: server_error takes a status from 500 to 599, not 700."],
        ),
        (
            "version: 1\nrules:\n- fail: {rate_limit: {}, hang: {}}",
            ["3:26: a fault has rate_limit and hang; it takes one of them."],
        ),
        (
            "version: 1\nrules:\n- when: {user: a}\n  steps: [b, 'c {{ match.1 }}']",
            ["4:14: {{ match.1 }} needs a rule whose `user` is a pattern."],
        ),
        (
            "version: 1\nrules:\n- when: {state: payed}\n  reply: a\n- reply: b\n  to: paid",
            ["3:17: no rule leads to the state 'payed'; did you mean 'paid'? There are: start, paid."],
        ),
        ("version: 1\notherwise: '{{ match.1 }}'", ["2:12: {{ match.1 }} needs a rule whose `user` is a pattern."]),
        (
            "version: 1\nrules:\n- when: {json: tier}\n  reply: a",
            [
                "3:16: 'tier' is no JSON path: expected 'TOKEN_ROOT', found 'TOKEN_NAME'. A path begins with $, as in "
                "'$.metadata.tier' or '$.tools[*].function.name'."
            ],
        ),
        ("version: 1\nrules:\n- when: {json: {$.a: {b: 1}}}\n  reply: a", ["3:23: a wanted value has no 'b'. It has one of: exact, contains, regex, exists."]),
        ("version: 1\nrules:\n- when: {}\n  reply: a", ["3:9: `when` is empty; it takes: user, system, model, endpoint, turn, nth, tool, tool_result, session, state, stream, header, json, probability."]),
        ("version: 1\nrules:\n- when: {user: {}}\n  reply: a", ["3:16: a match needs one of: contains, exact, regex."]),
        ("version: 1\nrules:\n- reply: {}", ["3:10: a reply has one of: tool_calls, text, json, refusal, generated, pick."]),
        ("version: 1\nrules:\n- reply: {generated: false}", ["3:22: expected true, not the value false."]),
        ("version: 1\nrules:\n- reply: {generated: true, usage: {prompt: -1}}", ["3:44: expected a whole number from 0, not the number -1."]),
        ("version: 1\nrules:\n- reply: {pick: []}", ["3:17: expected a list of replies, not one of 0."]),
        ("version: 1\nrules:\n- when: {header: {}}\n  reply: a", ["3:18: expected headers by name, not an empty object."]),
        ('version: 1\nrules:\n- reply: "\\ud800"', ["3:10: the text '\\ud800' holds half of a character, and cannot be sent."]),
        # what YAML is not
        ("version: 1\nversion: 1", ["2:1: 'version' is written twice; first in line 1."]),
        ("version: !!python/object/apply:os.system ['x']", [
            "1:10: expected 1, not nothing.", "1:10: the tag !!python/object/apply:os.system is not allowed; write the plain value."]),
        ("version: 1\nrules: !mine []", ["2:8: expected a list of rules, not nothing.", "2:8: the tag !mine is not allowed; write the plain value."]),
        ("version: 1\n? [a]\n: b", ["2:3: the name of a field is a text, not a list or an object."]),
        ("version: 1\nrules:\n\t- a", ["3:1: this is no YAML: while scanning for the next token, found character '\\t' that cannot start any token. YAML is indented by spaces, and this line by a tab."]),
        ("version: 1\n--- \nversion: 1", ["2:1: this is no YAML: expected a single document in the stream, but found another document."]),
        ("version: *a", ["1:10: this is no YAML: found undefined alias 'a'."]),
        ("version: 1\nrules: &a [*a]", ["2:8: an alias stands inside of the value that it repeats."]),
        ("version: 1\nseed: " + "9" * 400, ["2:7: the number 99999999999999999999… is too large."]),
        ("version: 1\nlatency: 1e999", ["2:10: the number 1e999… is too large."]),
        ("version: 1\nseed: !!int x", ["2:7: 'x' is no number."]),
        ("version: 1\nrules:\n- <<: 3\n  reply: a", ["3:7: << takes over the fields of an object, and this is none."]),
        ("version: 1\n\x07", ["2:1: this is no YAML: the character '\\x07' may not stand in it."]),
        ("[" * 200 + "]" * 200, ["1:101: values are nested more than 100 deep."]),
        ("[" * 2000, ["1:1: values are nested more than 100 deep."]),
        (b"version: 1\nrules: [\xff]", ["2:9: the file is no UTF-8: the byte 0xff."]),
        (b"\xef\xbb\xbfversion: 2", ["1:10: expected 1, not the number 2."]),
        (b"#" * (1024 * 1024 + 1), ["1:1: the file is larger than 1 MiB."]),
    ],
)  # fmt: skip
def test_each_mistake_has_its_words(text, told):
    assert mistakes(text) == told


def test_aliases_do_not_grow_without_bounds():
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    [told] = mistakes(bomb)
    assert told.endswith("there are more than 100,000 values, those that aliases repeat included.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["1:1: this is no JSON: expected a value, not the end of the file."]),
        ('{"version": 1,}', ["1:15: this is no JSON: expected the name of a field, in double quotes, not '}'."]),
        ('{"version": 1\n "rules": []}', ["2:2: this is no JSON: expected ',' or '}', not '\"'."]),
        ('{"version" 1}', ["1:12: this is no JSON: expected ':', not '1'."]),
        ('{"version": 1} x', ["1:16: this is no JSON: expected the end of the file, not 'x'."]),
        ('{"version": 1, "rules": [1 2]}', ["1:28: this is no JSON: expected ',' or ']', not '2'."]),
        ('{"version": NaN}', ["1:13: this is no JSON: expected a value, not 'N'."]),
        ('{"version": 01}', ["1:14: this is no JSON: expected ',' or '}', not '1'."]),
        ('{"version": "a\nb"}', ["1:15: this is no JSON: Invalid control character at."]),
        ('{"version": "a', ["1:13: this is no JSON: Unterminated string starting at."]),
        ('{"version": 1,\n\t"version": 1}', ["2:2: 'version' is written twice; first in line 1."]),
        ('{"version": 1, "seed": 1e999}', ["1:24: the number 1e999… is too large."]),
        ('{"version":\n\n  2}', ["3:3: expected 1, not the number 2."]),
        ("[" * 200, ["1:101: values are nested more than 100 deep."]),
    ],
)  # fmt: skip
def test_json_has_its_places_too(text, told):
    assert mistakes(text, "json") == told


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from([None, 1, "\t"]),
    st.booleans(),
)
def test_whatever_json_holds_is_read_as_it_is(value, indent, ascii_only):
    from kaizen_eval.handwritten.json_text import read_json  # noqa: PLC0415 - a part that only laws look at
    from kaizen_eval.handwritten.problems import Problems  # noqa: PLC0415 - a part that only laws look at

    problems = Problems("s")
    assert read_json(json.dumps(value, indent=indent, ensure_ascii=ascii_only), problems).json() == value
    assert len(problems) == 0


@given(st.text(st.characters(codec="utf-8"), max_size=30) | st.binary(max_size=30), st.sampled_from(["yaml", "json"]))
def test_no_text_does_anything_but_be_read_or_refused(text, language):
    with contextlib.suppress(ScriptError):
        read(text, language=language)


def test_a_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(ScriptError, match=r"s\.txt: a script's name ends in \.json, \.yaml, \.yml, not in '\.txt'\."):
        load(tmp_path / "s.txt")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "s.yaml")
    with pytest.raises(ScriptError, match="in json or yaml, not in 'toml'"):
        read("", language="toml")


def test_a_fake_may_be_made_from_a_file(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("version: 1\nseed: 3\nlatency: 2\nrules: [{when: {user: a}, reply: A}]\notherwise: '-'\n")
    fake = FakeLLM.from_file(path)
    assert [reply.text for reply in ask_all(fake, asking("a"), asking("b"))] == ["A", "-"]
    assert [exchange.seconds for exchange in fake.journal.exchanges] == [2, 2]
    assert repr(fake).startswith("FakeLLM(seed=3, 1 rules")
    other = FakeLLM.from_file(path, seed=4, latency=0, keep=1, model="m")
    [reply, _] = ask_all(other, asking("a"), asking("b"))
    assert (reply.model, len(other.exchanges), other.exchanges[0].seconds) == ("m", 1, 0)
    assert repr(other).startswith("FakeLLM(seed=4, ")


def test_the_rules_of_a_file_may_follow_others(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("version: 1\nrules: [{when: {user: a}, reply: from the file}]\n")
    fake = FakeLLM(seed=9)
    fake.when(user="ab").reply("from Python")
    fake.load(path).otherwise("neither")
    assert [reply.text for reply in ask_all(fake, asking("ab"), asking("a"), asking("b"))] == [
        "from Python", "from the file", "neither",
    ]  # fmt: skip
    assert fake._desk.seed == 9
    path.write_text("version: 1\nseed: 4\nlatency: 2\n")
    [reply] = ask_all(fake.load(path), asking("ab"))
    assert (reply.text, fake._desk.seed, fake.journal.exchanges[-1].seconds) == ("from Python", 4, 2)


def test_a_script_made_twice_is_used_apart():
    script = rules_file = yaml("version: 1\nrules: [{reply: once, times: 1}]\notherwise: later")
    one, other = script.script(), rules_file.script()
    one.advance(0, (), one.conversations.look(b""))
    assert (one.uses, other.uses) == ([1], [0])


def test_a_tool_loop_from_a_file_goes_on(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(textwrap.dedent(WHOLE))
    fake = FakeLLM.from_file(path)
    [first] = ask_all(fake, asking("weather in Rome", tools=(TOOL,)))
    request = asking("weather in Rome")
    results = [Message("tool", "sunny", (), call.id) for call in first.tool_calls]
    messages = (*request.messages, Message("assistant", "", first.tool_calls), *results)
    [second] = ask_all(fake, type(request)(model="m", messages=messages, tools=(TOOL,)))
    assert (first.tool_calls[0].arguments, second.text) == ('{"city": "Rome"}', "It is sunny in Rome.")

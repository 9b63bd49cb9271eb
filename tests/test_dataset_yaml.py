"""Datasets in YAML: what they say, and what is told of their mistakes."""

# ruff: noqa: E501 - the words of a mistake stand in one line, as they are printed

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml
from dataset_doubles import QA, Ticket, loaded, mistakes

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals import Case, CaseTurn, Dataset, Limits
from kaizen_eval.evals.dataset import yaml_text

WHOLE = """
    name: questions
    signature: dataset_doubles:QA
    scorers: [exact, {exact: {name: nearly, threshold: 0.5}}]
    cases:
      - id: france
        inputs: {question: What is the capital of France?}
        expected: Paris
        tags: [easy, geography]
        cluster: capitals
        limits: {attempts: 2, tokens: 100, cost: 0.01, seconds: 1.5}
      - id: 7
        inputs: {question: no}
        expected: {answer: 2026-01-02}
      - id: talk
        turns:
          - inputs: {question: I am Ada}
          - inputs: {question: Who am I?}
            expected: Ada
"""


def of_cases(folder, text, signature=QA):
    return mistakes(folder, "d.yaml", f"cases:\n{text}", signature=signature)


def test_a_dataset_says_its_name_its_signature_its_scorers_and_its_cases(tmp_path):
    dataset = loaded(tmp_path, "d.yaml", WHOLE)
    assert (dataset.name, dataset.signature, dataset.scorers) == (
        "questions",
        QA,
        ("exact", {"exact": {"name": "nearly", "threshold": 0.5}}),
    )
    assert [*dataset] == [
        Case(
            id="france",
            inputs={"question": "What is the capital of France?"},
            expected={"answer": "Paris"},
            tags=("easy", "geography"),
            cluster="capitals",
            limits=Limits(attempts=2, tokens=100, cost=Decimal("0.01"), seconds=1.5),
        ),
        Case(id="7", inputs={"question": "no"}, expected={"answer": "2026-01-02"}),
        Case(
            id="talk",
            turns=(
                CaseTurn(inputs={"question": "I am Ada"}),
                CaseTurn(inputs={"question": "Who am I?"}, expected={"answer": "Ada"}),
            ),
        ),
    ]


def test_a_list_alone_is_the_cases_and_the_file_gives_the_name(tmp_path):
    dataset = loaded(tmp_path, "talks.yml", "- inputs: {x: 1}\n- inputs: {x: 2}\n")
    assert (dataset.name, [case.inputs for case in dataset]) == ("talks", [{"x": 1}, {"x": 2}])


def test_a_signature_that_is_given_goes_before_that_of_the_file(tmp_path):
    text = "signature: no_such_module:Name\ncases:\n- inputs: {question: a}\n  expected: b\n"
    assert loaded(tmp_path, "d.yaml", text, signature=QA).signature is QA


def test_all_mistakes_are_told_at_once_each_with_its_line_and_column(tmp_path):
    text = """\
nam: x
scorers: [exact, 3]
signature: dataset_doubles:QA
cases:
- id: a
  inputs: {quesiton: b}
  expected: 3
- {id: b, inputs: {question: 4}, tags: easy, clutser: c}
- inputs:
    question: |
      a text

      of lines
  expected:
    answer: [x]
- turns:
  - inputs: {question: a}
  - {inputs: {question: a}, tags: []}
  limits: {attempts: 0, seconds: soon}
- inputs: {question: a}
  turns: []
- id: " "
  inputs: a question
- 7
- id: a
  inputs: {question: a}
"""
    assert mistakes(tmp_path, "d.yaml", text) == [
        "1:1: a dataset has no 'nam'; did you mean 'name'? It takes: name, signature, scorers, cases.",
        "2:18: scorers: 3 is no scorer: a name, {name: {settings}}, or an object with a name and score().",
        "6:12: case 'a': QA has no input 'quesiton'; did you mean 'question'? It takes: question.",
        "7:3: case 'a': expected: QA's output 'answer' must be text (str), not 3 (int).",
        "8:20: case 'b': QA's input 'question' must be text (str), not 4 (int).",
        "8:34: case 'b': tags are a list of texts, such as [easy, geography], not 'easy'.",
        "8:46: case 'b': a case has no 'clutser'; did you mean 'cluster'? There are: id, inputs, expected, turns, tags, cluster, limits, scorers.",
        "15:5: expected: QA's output 'answer' must be text (str), not ['x'] (list).",
        "18:29: turn 2: a turn has no 'tags'. There are: inputs, expected.",
        "19:12: limits: attempts must be at least 1, not 0.",
        "19:25: limits: seconds must be a number, not 'soon'.",
        "20:3: a case has 'inputs' or 'turns', not both; each turn has its own.",
        "21:3: turns are a list of {inputs: …, expected: …}, not [].",
        "22:3: id is a text in one line, not ' '.",
        "23:3: inputs are values by name, such as {question: …}, not 'a question'.",
        "24:3: a case is an object with id, inputs, expected, turns, tags, cluster, limits, scorers, not 7.",
        "25:3: the id 'a' is taken: line 5 has it. Each case has an id of its own.",
    ]


def test_twenty_mistakes_are_told_and_the_others_counted(tmp_path):
    found = of_cases(tmp_path, "- inputs: {question: 1}\n" * 1234)
    assert (len(found), found[0], found[-1]) == (
        21,
        "2:12: QA's input 'question' must be text (str), not 1 (int).",
        "… and 1,214 more",
    )


def test_an_unknown_scorer_is_told_where_it_is_named(tmp_path):
    [found] = mistakes(tmp_path, "d.yaml", "scorers:\n- exact\n- exakt\ncases:\n- inputs: {x: 1}\n")
    assert found.startswith("3:3: scorers: There is no scorer 'exakt'; did you mean 'exact'?")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("name: [a]", "1:1: the name of a dataset is a text in one line, not ['a']."),
        ("signature: 3", "1:1: signature is a text, such as my_package.agents:QASignature, not 3."),
        ("signature: dataset_doubles:jsonl", "1:1: signature: dataset_doubles:jsonl is a function, and no Signature."),
        (
            "scorers: [exact, exact]",
            "1:1: scorers: Two scorers are named 'exact': give one a name of its own, as in {exact: {name: …}}, so that their scores can be told apart.",
        ),
    ],
)
def test_a_header_that_says_nothing_is_refused(tmp_path, header, told):
    assert mistakes(tmp_path, "d.yaml", f"{header}\ncases:\n- inputs: {{x: 1}}\n") == [told]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1: the file is empty; a dataset has 'cases:', a list."),
        ("# nothing\n", "1: the file is empty; a dataset has 'cases:', a list."),
        ("a text", "1:1: a dataset is an object with 'cases:', which is a list; this is neither."),
        ("name: x", "1:1: a dataset needs 'cases', a list. It takes: name, signature, scorers, cases."),
        ("cases: {a: 1}", "1:1: cases are a list: each begins with '- inputs: …'."),
        ("cases: []", " there is no case in it."),
        (
            "cases:\n\t- inputs: {}",
            "2:1: this is no YAML: while scanning for the next token, found character that cannot start any token. YAML is indented by spaces, and this line by a tab.",
        ),
        (
            "cases:\n- inputs: a: b",
            "2:12: this is no YAML: mapping values are not allowed in this context. A text with ': ' in it stands in quotes.",
        ),
        (
            "cases:\n- inputs: {x: @a}",
            "2:15: this is no YAML: while scanning for the next token, found character that cannot start any token. A text that begins with such a sign stands in quotes.",
        ),
        ("cases: [", "2:1: this is no YAML: while parsing a flow node, did not find expected node content."),
        ("cases:\n- inputs: {x: \x07}", "2: this is no YAML: the character '\\x07' may not stand in it."),
        (b"cases:\n- inputs: {x: M\xfcnchen}", "2:16: the file is no UTF-8: the byte 0xfc. Save it as UTF-8."),
        ("cases:\n- inputs: {x: 1}".encode("utf-16"), "1: the file is UTF-16; save it as UTF-8."),
        ("cases:\n- inputs: {x: *a}", "2:15: the alias *a repeats what is nowhere."),
        ("cases:\n- inputs: &a {x: *a}", "2:18: the alias *a stands inside of the value that it repeats."),
        ("cases:\n- inputs: {x: 1, x: 2}", "2:18: 'x' is written twice; first in line 2."),
        ("cases:\n- inputs: {[a]: 1}", "2:12: the name of a field is a text, not a list, an object or an alias."),
        (
            "cases:\n- inputs: {x: !!python/name:os.system a}",
            "2:15: the tag !!python/name:os.system is not allowed; write the plain value.",
        ),
        ("cases:\n- inputs: {x: 1, <<: 3}", "2:18: << takes over the fields of an object, and this is none."),
        ("cases:\n- inputs: {x: 1}\n---\ncases: []", "3:1: a second document begins here; a dataset is one."),
        (f"cases:\n- inputs: {{x: {'[' * 101}{']' * 101}}}", "2:113: values are nested more than 100 deep."),
    ],
)
def test_what_is_no_dataset_is_refused(tmp_path, text, told):
    assert mistakes(tmp_path, "d.yaml", text) == [told]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", None),
        ("~", None),
        ("NULL", None),
        ("True", True),
        ("no", "no"),
        ("on", "on"),
        ("2026-01-02", "2026-01-02"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("-3", -3),
        ("+3", 3),
        ("1.50", 1.5),
        (".5e1", 5.0),
        pytest.param("9" * 400, int("9" * 400), id="400 digits"),
        ("'3'", "3"),
        ("!!str 3", "3"),
        (">-\n      a\n      b", "a b"),
    ],
)
def test_a_word_means_what_it_means_in_yaml_1_2(tmp_path, written, value):
    dataset = loaded(tmp_path, "d.yaml", f"- inputs:\n    x: {written}\n")
    assert (dataset[0].inputs["x"], type(dataset[0].inputs["x"])) == (value, type(value))


@pytest.mark.parametrize("written", ["007", "-01", "0x1F", "0o17", ".inf", "-.INF", ".nan"])
def test_what_readers_of_yaml_disagree_about_is_refused(tmp_path, written):
    told = f"{written} is a number to some readers of YAML and none in JSON: write '{written}' for the text."
    assert mistakes(tmp_path, "d.yaml", f"- inputs: {{x: {written}}}") == [f"1:15: {told}"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        pytest.param(
            "9" * 4001,
            f"the number {'9' * 20}… has more than 4,000 digits: write it in quotes, as a text.",
            id="4001 digits",
        ),
        ("1e999", "the number 1e999 is too large: write it in quotes, as a text."),
    ],
)
def test_a_number_that_no_machine_holds_is_refused(tmp_path, written, told):
    assert mistakes(tmp_path, "d.yaml", f"- inputs: {{x: {written}}}") == [f"1:15: {told}"]


def test_values_are_repeated_and_taken_over(tmp_path):
    text = """
    cases:
      - &first
        inputs: &asked {x: 1, y: [a]}
        tags: &tags [t]
      - <<: *first
        inputs: {<<: [{x: 2}, *asked], z: 3}
        tags: *tags
    """
    one, two = loaded(tmp_path, "d.yaml", text)
    assert (one.inputs, one.tags) == ({"x": 1, "y": ["a"]}, ("t",))
    assert (two.inputs, two.tags) == ({"x": 2, "y": ["a"], "z": 3}, ("t",))


def test_values_that_repeat_without_end_are_refused(tmp_path):
    lines = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    text = "\n".join(["l0: &l0 [1]", *lines, "cases: []"])
    assert mistakes(tmp_path, "d.yaml", text)[0].endswith(
        "there are more than 5,000,000 values, those that aliases repeat included. Write them as JSONL."
    )


def test_the_parser_in_python_tells_the_same_as_libyaml(tmp_path, monkeypatch):
    text = "cases:\n- inputs: {question: 3}\n- id: a\n  inputs:\n    quesiton: b\n"
    fast = of_cases(tmp_path, text.removeprefix("cases:\n"))
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    yaml_text.place.__globals__["_places"].cache_clear()
    assert of_cases(tmp_path, text.removeprefix("cases:\n")) == fast


@pytest.mark.parametrize(
    ("expected", "by_field"),
    [("Paris", {"answer": "Paris"}), ("{answer: Paris}", {"answer": "Paris"}), ("", None), ("{}", {})],
)
def test_of_a_single_output_the_value_alone_will_do(tmp_path, expected, by_field):
    dataset = loaded(tmp_path, "d.yaml", f"- inputs: {{question: a}}\n  expected: {expected}\n", signature=QA)
    assert dataset[0].expected == by_field


def test_of_several_outputs_the_value_alone_is_refused(tmp_path):
    assert of_cases(tmp_path, "- inputs: {message: a}\n  expected: billing\n", Ticket) == [
        "3:3: expected is 'billing', and Ticket has 3 outputs: write which, as in {queue: …}. They are: queue, tags, due."
    ]


def test_without_a_signature_a_value_alone_is_refused_when_it_is_asked_for(tmp_path):
    dataset = loaded(tmp_path, "d.yaml", "- inputs: {question: a}\n- inputs: {question: b}\n  expected: Paris\n")
    with pytest.raises(DatasetError, match=r"d.yaml:3:3: expected is 'Paris', and nothing says which output that is"):
        next(iter(dataset))
    assert [case.expected for case in dataset.typed_by(QA)] == [None, {"answer": "Paris"}]


def test_a_case_that_is_written_twice_is_told(tmp_path):
    assert of_cases(
        tmp_path, "- inputs: {question: a}\n- {id: b, inputs: {question: a}}\n- inputs: {question: a}\n"
    ) == ["4:3: this case asks and expects the same as line 2. Leave one out, or give each an id of its own."]


def test_a_file_that_is_not_there_is_missed(tmp_path):
    loaded(tmp_path, "questions.yaml", "- inputs: {x: 1}\n")
    with pytest.raises(DatasetError) as error:
        Dataset.load(tmp_path / "question.yaml")
    assert str(error.value) == f"There is no dataset {tmp_path / 'question.yaml'}; did you mean 'questions.yaml'?"

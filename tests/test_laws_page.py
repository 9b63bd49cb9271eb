"""docs/laws.md tells every law and every mutant, and each of them as caught."""

from house.laws_page import PAGE, laws_told, mutants_told

from kaizen_eval.conformance import LAWS, MUTANTS

RENEW = "run: python tests/house/laws_page.py"


def line(text):
    return " ".join(text.split())


def test_each_law_stands_on_the_page_with_its_sentence_and_source():
    told = laws_told(PAGE.read_text("utf-8"))
    assert told == [(law.id, line(law.sentence), line(law.source)) for law in LAWS], RENEW


def test_each_mutant_stands_on_the_page_with_its_law():
    assert mutants_told(PAGE.read_text("utf-8")) == [(each.id, line(each.what), each.breaks) for each in MUTANTS], RENEW


def test_no_mutant_stands_in_the_matrix_as_one_that_its_law_lets_pass():
    matrix = PAGE.read_text("utf-8").partition("<!-- matrix -->")[2].partition("● its law")[0]
    assert "  !" not in matrix, RENEW


GUIDE = {
    "Async Execution": ["AsyncSingleShotStrategy (Default)", "Custom Strategy"],
    "Batch Execution": ["Process Multiple Inputs", "Parallel Execution"],
    "CRITICAL RULES": [],
    "Common Patterns": ["Retry on Failure", "Timeout Protection", "Validation Wrapper"],
    "Execution Signatures": ["Basic Execution", "Multiple Inputs", "Optional Inputs"],
    "Execution with Memory": ["Session-Based Memory", "Multi-Turn Conversations"],
    "Performance Tracking": ["Built-in Metrics", "Custom Tracking"],
    "Result Handling": ["Accessing Results", "Result Structure", "Error Handling"],
    "What agent.run() Does": [
        "1. Async Execution",
        "2. Signature Validation",
        "3. Error Handling",
        "4. Retry Logic",
        "5. Performance Tracking",
        "6. Memory Management",
        "7. Structured Logging",
        "8. Result Parsing",
    ],
}
"""Headings of the guide to agent execution, and what stands under them."""
OTHERS = {"RFC 9110, 10.2.3. Retry-After", "x-should-retry as in the OpenAI SDK"}


def sources(law):
    return law.source.split("; ")


def is_there(source):
    kind, _, place = source.partition(": ")
    if kind == "guide":
        heading, *parts = place.split(", ")
        return heading in GUIDE and set(parts) <= set(GUIDE[heading])
    if kind.startswith("docs/"):
        return f"\n## {place}\n" in (PAGE.parents[1] / kind).read_text("utf-8")
    return source in OTHERS


def test_each_source_of_a_law_is_a_heading_or_an_rfc():
    assert [(law.id, source) for law in LAWS for source in sources(law) if not is_there(source)] == []

"""Read by mypy and pyright, both strict; never run."""

from collections.abc import Mapping
from typing import Any, assert_type

from kaizen_eval.signatures import AnySignature, Field, InputField, OutputField, Signature


class QASignature(Signature):
    """Answer the question."""

    question: str = InputField(description="User question", min_length=1)
    filters: dict[str, Any] | None = InputField(default=None)
    tags: list[str] = InputField(default_factory=list)
    name: str = InputField(default="anyone")
    instructions: str = InputField(default="")
    schema: str = InputField(default="")
    answer: str = OutputField(description="Answer")
    confidence: float = OutputField(ge=0, le=1)


class Shorter(QASignature):
    answer: str = OutputField(max_length=100)


def takes_a_signature(signature: type[Signature]) -> str:
    return f"{signature.name}: {signature.instructions}"


assert_type(QASignature().question, str)
assert_type(QASignature.bind({"question": "?"}), dict[str, Any])
assert_type(QASignature().bind({"question": "?"}), dict[str, Any])
assert_type(Shorter.check({"answer": "!"}), dict[str, Any])
assert_type(Shorter.check_json({"answer": "!"}), dict[str, Any])
assert_type(QASignature.input_fields, Mapping[str, Field])
assert_type(QASignature().output_fields["answer"].required, bool)
assert_type(QASignature.input_schema(), dict[str, Any])
assert_type(QASignature.output_schema(), dict[str, Any])
assert_type(QASignature().strict_output_schema(), dict[str, Any])
assert_type(QASignature.inputs_to_json({}), dict[str, Any])
assert_type(AnySignature.outputs_to_json({"response": "!"}), dict[str, Any])
assert_type(AnySignature.free_text, bool)
assert_type(takes_a_signature(QASignature), str)

"""Each wrong line must be reported: both checkers refuse an ignore that nothing needs."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from kaizen_eval.signatures import AnySignature, InputField, Signature


class Described(Signature):
    question: str = InputField("Question")  # type: ignore[call-arg]  # by keyword
    answer: str = InputField(desc="Answer")  # type: ignore[call-arg]  # none such
    length: str = InputField(min_length="1")  # type: ignore[arg-type]  # an int


Described.bind(["?"])  # type: ignore[arg-type]  # a mapping
Described.bnid({})  # type: ignore[attr-defined]  # a typo
AnySignature(question="?")  # type: ignore[call-arg]  # takes nothing

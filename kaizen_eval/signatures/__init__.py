"""Signatures: what an agent takes and gives back, declared as a class."""

from kaizen_eval.signatures.fields import Field, InputField, OutputField
from kaizen_eval.signatures.signature import AnySignature, Signature

__all__ = ["AnySignature", "Field", "InputField", "OutputField", "Signature"]

"""A dataset in a YAML file: its header, then its cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.dataset.opened import Opened
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.text_file import text_of
from kaizen_eval.evals.dataset.written import Written
from kaizen_eval.evals.dataset.yaml_text import Document, read_yaml
from kaizen_eval.named import named
from kaizen_eval.suggestion import suggestion

if TYPE_CHECKING:
    from kaizen_eval.signatures import Signature

__all__ = ["HEADER_KEYS", "open_yaml"]

HEADER_KEYS = ("name", "signature", "scorers", "cases")


def open_yaml(path: Path, problems: Problems, signature: type[Signature] | None) -> Opened:
    """The dataset in a file; what is wrong with its header is a problem.

    Args:
        path: of the file.
        problems: takes what is wrong.
        signature: where one is known, that which the file names is not looked for.

    Raises:
        DatasetError: the file is no YAML.
    """
    document = read_yaml(text_of(path, problems), problems)
    header = document.header
    _check_keys(document, problems)
    own = None if signature is not None or "signature" not in header else _signature(header["signature"], problems)
    return Opened(
        _name(header.get("name"), problems) or path.stem,
        own,
        _scorers(header.get("scorers"), problems),
        lambda _: iter(document.cases or ()),
    )


def _check_keys(document: Document, problems: Problems) -> None:
    known = ", ".join(HEADER_KEYS)
    for name, written in document.header.items():
        if name == "cases":
            problems.add(written.spot, "cases are a list: each begins with '- inputs: …'.")
        elif name not in HEADER_KEYS:
            problems.add(written.spot, f"a dataset has no {name!r}{suggestion(name, HEADER_KEYS)} It takes: {known}.")
    if document.cases is None and "cases" not in document.header:
        problems.add(document.spot, f"a dataset needs 'cases', a list. It takes: {known}.")


def _name(written: Written | None, problems: Problems) -> str:
    if written is None:
        return ""
    if not isinstance(written.value, str) or not written.value.strip() or not written.value.isprintable():
        problems.add(written.spot, f"the name of a dataset is a text in one line, not {written.value!r}.")
        return ""
    return written.value


def _signature(written: Written, problems: Problems) -> type[Signature] | None:
    if not isinstance(written.value, str):
        problems.add(
            written.spot, f"signature is a text, such as my_package.agents:QASignature, not {written.value!r}."
        )
        return None
    try:
        found = named(written.value)
    except ConfigError as error:
        problems.add(written.spot, f"signature: {error}")
        return None
    from kaizen_eval.signatures import Signature  # noqa: PLC0415 - loads pydantic, which not all datasets need

    if isinstance(found, type) and issubclass(found, Signature):
        return found
    problems.add(written.spot, f"signature: {written.value} is {_described(found)}, and no Signature.")
    return None


def _described(found: Any) -> str:
    return f"the class {found.__name__}" if isinstance(found, type) else f"a {type(found).__name__}"


def _scorers(written: Written | None, problems: Problems) -> tuple[Any, ...]:
    """As they are written, once each can be made."""
    if written is None or written.value is None:
        return ()
    from kaizen_eval.evals.scorers import scorers_from  # noqa: PLC0415 - only where a file names some

    specs = written.value if isinstance(written.value, list) else [written.value]
    before = len(problems)
    for number, spec in enumerate(specs):
        try:
            scorers_from([spec])
        except ConfigError as error:
            problems.add(written.at(number), f"scorers: {error}")
    if len(problems) == before:
        try:
            scorers_from(specs)
        except ConfigError as error:
            problems.add(written.spot, f"scorers: {error}")
    return tuple(specs)

"""Class statements: signatures, enums, models, dataclasses, typed dicts and named tuples that nobody can import."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import typing_extensions
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kaizen_eval.conformance.written.annotations import annotation
from kaizen_eval.conformance.written.layout import Group, Node, laid
from kaizen_eval.conformance.written.names import Names, NotWritable
from kaizen_eval.conformance.written.values import node_of
from kaizen_eval.signatures import Field, InputField, OutputField, Signature
from kaizen_eval.signatures.fields import MISSING

__all__ = ["class_statement"]

_FACTORIES = {list: list, dict: dict, set: set, tuple: tuple}


def class_statement(cls: Any, name: str, names: Names) -> str:
    """Raises NotWritable for a class of another kind, or with parts that have no form as source."""
    bases, lines = _body(cls, names)
    above = [f"@{bases.pop(0)}\n"] if dataclasses.is_dataclass(cls) else []
    said = _docstring(cls)
    body = [*said, *([""] if said and lines else []), *lines] or ["pass"]
    text = "".join(f"    {line}\n" if line else "\n" for line in body)
    brackets = f"({', '.join(bases)})" if bases else ""
    return f"{''.join(above)}class {name}{brackets}:\n{text}"


def _body(cls: Any, names: Names) -> tuple[list[str], list[str]]:
    """What stands in the brackets behind its name, a dataclass's decorator before it, and the lines of its body."""
    if issubclass(cls, Signature):
        return [names.name(Signature)], [*_signature(cls, names)]
    if issubclass(cls, enum.Enum):
        return [names.name(base) for base in cls.__bases__], [
            f"{each.name} = {_text(each.value, names)}" for each in cls
        ]
    if issubclass(cls, BaseModel):
        return [_extra(cls, names)], [*_model(cls, names)]
    if dataclasses.is_dataclass(cls):
        return [_decorator(cls, names)], [*_dataclass(cls, names)]
    if typing_extensions.is_typeddict(cls):
        total = [] if cls.__total__ else ["total=False"]
        return [names.imported("typing_extensions", "TypedDict", typing_extensions.TypedDict), *total], [
            *_typed(cls, names)
        ]
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return [names.imported("typing", "NamedTuple", typing.NamedTuple)], [*_named(cls, names)]
    raise NotWritable(f"the class {cls.__qualname__} of {cls.__module__}, which is made at run time")


def _docstring(cls: Any) -> list[str]:
    text = cls.instructions if issubclass(cls, Signature) else inspect.getdoc(cls) or ""
    is_own = issubclass(cls, Signature) or (bool(vars(cls).get("__doc__")) and not text.startswith(f"{cls.__name__}("))
    if not text or not is_own or issubclass(cls, enum.Enum):
        return []
    if "\n" in text or '"' in text or "\\" in text or not text.isprintable() or text != text.strip():
        return [f"__doc__ = {text!r}"]
    return [f'"""{text}"""']


def _signature(cls: type[Signature], names: Names) -> Iterator[str]:
    outputs = {} if cls.free_text else cls.output_fields
    for field in (*cls.input_fields.values(), *outputs.values()):
        marker = names.name(InputField if field.kind == "input" else OutputField)
        yield _field(field.name, field.annotation, Group(f"{marker}(", tuple(_settings(field, names)), ")"), names)


def _settings(field: Field, names: Names) -> Iterator[tuple[str, Node]]:
    if field.description:
        yield "description=", node_of(field.description, names)
    if field.default is not MISSING:
        yield "default=", node_of(field.default, names)
    if field.default_factory is not MISSING:
        yield "default_factory=", _factory(field.default_factory, names)
    for limit, value in field.constraints.items():
        yield f"{limit}=", node_of(value, names)
    if field.examples:
        yield "examples=", node_of(list(field.examples), names)


def _factory(factory: Any, names: Names) -> str:
    if factory in _FACTORIES:
        return str(factory.__name__)
    if getattr(factory, "__name__", "") != "<lambda>" and "<locals>" not in getattr(
        factory, "__qualname__", "<locals>"
    ):
        return names.name(factory)
    return f"lambda: {_text(factory(), names)}"


def _extra(cls: type[BaseModel], names: Names) -> str:
    """The base, with what the model is configured by."""
    config = "".join(f", {name}={_text(value, names)}" for name, value in cls.model_config.items())
    return f"{names.name(BaseModel)}{config}"


def _model(cls: type[BaseModel], names: Names) -> Iterator[str]:
    for name, field in cls.model_fields.items():
        kind = typing.Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        settings = dict(_model_settings(field))
        if settings.keys() <= {"default"}:
            yield _field(name, kind, node_of(field.default, names) if settings else None, names)
            continue
        marker = names.imported("pydantic", "Field", _pydantic_field())
        made = tuple((f"{key}=", node_of(value, names)) for key, value in settings.items())
        yield _field(name, kind, Group(f"{marker}(", made, ")"), names)


def _model_settings(field: FieldInfo) -> Iterator[tuple[str, Any]]:
    if not field.is_required() and field.default_factory is None:
        yield "default", field.default
    if field.default_factory is not None:
        raise NotWritable("the default_factory of a model")
    if field.description is not None:
        yield "description", field.description
    if field.alias is not None:
        yield "alias", field.alias


def _pydantic_field() -> Any:
    from pydantic import Field as PydanticField  # noqa: PLC0415 - ours has the same name

    return PydanticField


def _decorator(cls: Any, names: Names) -> str:
    marker = names.name(dataclasses.dataclass)
    settings = [name for name in ("frozen", "kw_only") if getattr(cls.__dataclass_params__, name, False)]
    return f"{marker}({', '.join(f'{name}=True' for name in settings)})" if settings else marker


def _dataclass(cls: Any, names: Names) -> Iterator[str]:
    hints = typing.get_type_hints(cls, include_extras=True)
    for field in dataclasses.fields(cls):
        default: Node | None = None
        if field.default is not dataclasses.MISSING:
            default = node_of(field.default, names)
        elif field.default_factory is not dataclasses.MISSING:
            default = f"{names.name(dataclasses.field)}(default_factory={_factory(field.default_factory, names)})"
        yield _field(field.name, hints[field.name], default, names)


def _typed(cls: Any, names: Names) -> Iterator[str]:
    for name, kind in typing.get_type_hints(cls, include_extras=True).items():
        yield _field(name, kind, None, names)


def _named(cls: Any, names: Names) -> Iterator[str]:
    defaults: Mapping[str, Any] = cls._field_defaults
    for name, kind in typing.get_type_hints(cls, include_extras=True).items():
        yield _field(name, kind, node_of(defaults[name], names) if name in defaults else None, names)


def _field(name: str, kind: Any, value: Node | None, names: Names) -> str:
    start = f"{name}: {annotation(kind, names)}"
    if value is None:
        return start
    return f"{start} = {laid(value, indent=4, used=len(start) + 3)}"


def _text(value: Any, names: Names) -> str:
    return laid(node_of(value, names))

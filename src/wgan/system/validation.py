"""Convert values from files and command lines to their types, or say in sentences what is wrong with them."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from reprlib import Repr
from typing import Any, TypeVar

from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema

from wgan.errors import InputError, unknown

T = TypeVar("T")

SHORT = Repr()
"""Shortens values in messages: deep nesting or long values would fill the screen or raise."""
SHORT.maxlevel, SHORT.maxstring, SHORT.maxother, SHORT.maxlong = 4, 200, 200, 60
SHORT.maxlist = SHORT.maxtuple = SHORT.maxdict = 20


def checked(kind: type[T], values: object, prefix: str) -> T:
    """An object of the annotated class `kind`, from plain values.

    An InputError says if a value is missing or has the wrong type; `prefix` precedes the name of its field.
    """
    try:
        return _adapter(kind).validate_python(values)
    except ValidationError as error:
        raise InputError(complaints(error, prefix)) from error


_ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    """Made once: that takes a thousand times as long as validating by it."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def complaints(error: ValidationError, prefix: str = "") -> str:
    """The errors of a ValidationError, a sentence each."""
    sentences = []
    for detail in error.errors():
        place = prefix + ".".join(str(part) for part in detail["loc"])
        if detail["type"] == "missing":
            sentences.append(f"{place} is missing.")
        elif detail["type"] == "value_error":
            inner = detail["ctx"]["error"]
            sentences.append(complaints(inner, f"{place}.") if isinstance(inner, ValidationError) else str(inner))
        else:
            message = detail["msg"][:1].lower() + detail["msg"][1:]
            if detail["type"] == "tuple_type":
                message = "write it as a list, like [128, 64]"
            sentences.append(f"{place} = {SHORT.repr(detail['input'])} will not do: {message}.")
    return " ".join(sentences)


@dataclass(frozen=True)
class OneOf:
    """Annotates a field for an object of one of the classes in `table`, written as a name and fields."""

    table: Mapping[str, type[Any]]
    what: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        dump = core_schema.plain_serializer_function_ser_schema(self.dump)
        return core_schema.no_info_plain_validator_function(self.parse, serialization=dump)

    def parse(self, value: Any) -> Any:
        """The object for a name, for a name with fields, or the object itself after a check."""
        if type(value) in self.table.values():
            value = self.dump(value)  # to check its fields too
        if isinstance(value, str):
            value = {"name": value}
        if not isinstance(value, Mapping):
            raise InputError(f"{SHORT.repr(value)} is no {self.what}. There are: {', '.join(sorted(self.table))}.")
        settings = dict(value)
        name = settings.pop("name", None)
        if not isinstance(name, str) or name not in self.table:
            raise unknown(self.what, str(name), self.table)
        known = [field.name for field in fields(self.table[name])]
        for key in settings:
            if key not in known:
                raise unknown(f"setting of {self.what} {name}", key, known)
        return _adapter(self.table[name]).validate_python(settings)  # its errors are told with this field's key

    def dump(self, value: Any) -> dict[str, Any]:
        name = next(name for name, kind in self.table.items() if type(value) is kind)
        return {"name": name, **asdict(value)}


TOML_BYTES = 1 << 20
"""No configuration is longer. The time to parse one grows faster than its length."""


def toml_values(text: str, what: object) -> dict[str, Any]:
    """Parse TOML. An InputError that names its source, `what`, says if it is not TOML, or too long."""
    if len(text) > TOML_BYTES:
        raise InputError(f"{what} is {len(text):,} characters long. A configuration has at most {TOML_BYTES:,}.")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise InputError(f"{what} nests brackets too deeply.") from error
    except ValueError as error:
        raise InputError(f"{what} is not TOML: {error}.") from error


def dotted(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Flatten nested values to dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= dotted(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return flat

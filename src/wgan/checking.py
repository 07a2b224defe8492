"""Values from files and command lines as the types that they should be, or what is wrong with each, in sentences."""

from reprlib import Repr

from pydantic import TypeAdapter, ValidationError

from wgan.errors import InputError
from wgan.types import T

SHORT = Repr()
"""Values as they are shown: what is nested without end, or very long, would fill the screen or raise."""
SHORT.maxlevel, SHORT.maxstring, SHORT.maxother, SHORT.maxlong = 4, 200, 200, 60
SHORT.maxlist = SHORT.maxtuple = SHORT.maxdict = 20


def checked(kind: type[T], values: object, prefix: str) -> T:
    """An object of a class whose fields are annotated, from plain values; `prefix` begins the name of each in errors.

    Raises:
        InputError: a value is missing, or of another type than its field.
    """
    try:
        made: T = TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        raise InputError(complaints(error, prefix)) from error
    return made


def complaints(error: ValidationError, prefix: str = "") -> str:
    """Pydantic's complaints, a sentence each."""
    sentences = []
    for detail in error.errors():
        place = prefix + ".".join(str(part) for part in detail["loc"])
        if detail["type"] == "missing":
            sentences.append(f"{place} is missing.")
        elif detail["type"] == "value_error":
            sentences.append(str(detail["ctx"]["error"]))
        else:
            message = detail["msg"][:1].lower() + detail["msg"][1:]
            if detail["type"] == "tuple_type":
                message = "write it as a list, like [128, 64]"
            sentences.append(f"{place} = {SHORT.repr(detail['input'])} will not do: {message}.")
    return " ".join(sentences)

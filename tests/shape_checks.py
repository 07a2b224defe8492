"""Calls are checked where their annotations have shapes, and nowhere else: jaxtyping would wrap every function.

Binding the arguments of a call costs it more than most functions do, and mypy checks what has no shape.
"""

from inspect import get_annotations
from typing import Any, TypeVar, get_args

import jaxtyping

_check = jaxtyping.jaxtyped


def has_shape(annotation: Any) -> bool:
    """Whether an annotation says a shape, by itself or within. One in quotes is of a class that is not there yet."""
    if isinstance(annotation, list | tuple):  # of a Callable
        return any(map(has_shape, annotation))
    if isinstance(annotation, TypeVar):
        return has_shape(annotation.__bound__)
    if isinstance(annotation, type) and issubclass(annotation, jaxtyping.AbstractArray):
        return True
    return any(map(has_shape, get_args(annotation)))


def _checked(*, typechecker):
    check = _check(typechecker=typechecker)

    def decorated(checked):
        of = checked.__mro__ if isinstance(checked, type) else [checked]
        known = [annotation for one in of for annotation in get_annotations(one).values()]
        return check(checked) if has_shape(known) else checked

    return decorated


def only_where_there_are_shapes() -> None:
    """Has an effect on what is imported from then on."""
    jaxtyping.jaxtyped = _checked

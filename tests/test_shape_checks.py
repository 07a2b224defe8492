"""Calls are checked where shapes are written, and only there."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import jaxtyping
import pytest
import torch
from jaxtyping import Float
from torch import Tensor

import wgan.types
from shape_checks import has_shape
from wgan.errors import in_short
from wgan.objectives.axes import interpolate
from wgan.types import Samples, Scores


@pytest.mark.parametrize("shape", [Samples, Float[Tensor, "2"] | None, list[Scores], Callable[[Scores], int]])
def test_a_shape_is_found_wherever_it_is(shape):
    assert has_shape(shape)


@pytest.mark.parametrize(
    "other", [int, "Run", Tensor, dict[str, Tensor], Callable[..., float], Callable[[int], None] | None]
)
def test_nothing_else_is_one(other):
    assert not has_shape(other)


def test_no_shape_is_in_quotes():
    """It would not be found."""
    shapes = {name for name, value in vars(wgan.types).items() if has_shape(value)}
    assert {"Samples", "Latents", "Scores", "Conditions"} <= shapes
    for path in (Path(__file__).parents[1] / "src" / "wgan").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
                for part in ast.walk(annotation) if annotation else ():
                    quoted = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
                    assert not shapes & {*re.findall(r"\w+", quoted)}, f"{path}: {quoted}"


def test_a_call_with_other_shapes_is_refused():
    real, one_each = torch.zeros(4, 2), torch.zeros(4)
    assert interpolate(real, real, one_each).shape == (4, 2)
    with pytest.raises(jaxtyping.TypeCheckError):
        interpolate(real, torch.zeros(3, 2), one_each)
    with pytest.raises(jaxtyping.TypeCheckError):
        interpolate(real, real, one_each.double().long())


def test_functions_without_shapes_are_as_they_were():
    assert hasattr(interpolate, "__wrapped__")
    assert not hasattr(in_short, "__wrapped__")

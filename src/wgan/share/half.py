"""A generator for a page: weights in fp16, arithmetic in fp32, and what that costs."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from wgan.errors import InputError
from wgan.runs.best import Step
from wgan.runs.generative import Generative
from wgan.share.onnx import LATENTS, SAMPLES, AsSeen, exported, session_of
from wgan.types.parts import made

CONDITION = "condition"
COMPARED = 64
"""Samples that are compared."""


class HalfCost(NamedTuple):
    """How far weights in fp16 move what a generator makes, in units of the data."""

    difference: float
    """The largest."""
    typical: float
    """The root of the mean square."""
    span: float
    """From the lowest to the highest value that the generator makes in fp32."""


class HalfModel(NamedTuple):
    """An ONNX model that takes `latents`, and `condition` as networks see it, and makes `samples` as networks do."""

    content: bytes
    cost: HalfCost
    asked: list[list[float]]
    """What the first samples were asked for; empty vectors of a generator without a condition."""
    expected: NDArray[np.float32]
    """What PyTorch makes of the latents of seed 0, asked for these: (n, *shape), in units of the data."""


def half_model(source: Generative, *, step: Step | None = None) -> HalfModel:
    """The generator of a source as such a model, compared in onnxruntime with PyTorch's in fp32.

    Raises:
        InputError: torch cannot export it, or what it makes is not finite.
    """
    generator, asked = source.generator(step), source.conditions(COMPARED)
    inputs = (source.latents(COMPARED), *(() if asked is None else (asked,)))
    names = [LATENTS, CONDITION][: len(inputs)]
    exact = made(generator, inputs[0], asked)
    if not exact.isfinite().all():
        raise InputError(f"The generator of {source.path} makes values that are not finite: there is nothing to show.")
    example = tuple(one[:2] for one in inputs)
    content = exported(AsSeen(generator), example, names, str(source.path), half=True).SerializeToString()
    fed = {name: one.numpy() for name, one in zip(names, inputs, strict=True)}
    half = torch.from_numpy(session_of(content).run([SAMPLES], fed)[0])
    stored, rounded = (source.spec.to_stored(one).double().numpy() for one in (exact, half))
    apart = np.abs(rounded - stored)
    cost = HalfCost(float(apart.max()), float(np.sqrt(np.square(apart).mean())), float(np.ptp(stored)))
    vectors = [[] for _ in stored] if asked is None else asked.tolist()
    return HalfModel(content, cost, vectors, stored.astype(np.float32))

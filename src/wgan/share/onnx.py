"""A generator as ONNX: units outside, one graph for any batch, checked in onnxruntime against PyTorch.

The model takes `latents` (n, latent size), float32 standard normals, and one input for each part of a condition, in the
user's terms: `condition/NAME` is the place of the class (n,) int64, zeros and ones for the labels (n, labels) float32,
or a number in its own units (n,) float64. Its output `samples` (n, *shape) has the units and the type of the data.
"""

import importlib.util
import io
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from wgan.errors import InputError, in_short
from wgan.language import say
from wgan.networks.summary import count_parameters
from wgan.runs.best import Step
from wgan.runs.generative import Generative
from wgan.system.files import make_folder, replacing
from wgan.types import Condition, Latents, SampleSpec

if TYPE_CHECKING:
    import onnx

LATENTS, SAMPLES = "latents", "samples"
KEY = "wgan"
"""In the model's metadata; its value is JSON."""
PRODUCER = b"\x12" + bytes([len(KEY)]) + KEY.encode()
"""How the beginning of a file says who made it: field 2 of the format, a text."""
CHECKED = 64
"""Samples that are compared with PyTorch's."""
LARGEST = (1 << 31) - (1 << 20)
"""Bytes of weights: protobuf ends at 2 GiB, and the graph takes some too."""
HALVED_FROM = 256
"""Weights of fewer numbers stay in fp32."""
LIBRARIES = ("onnx", "onnxscript", "onnxruntime")


@dataclass(frozen=True)
class OnnxReport:
    """What was written, and how far it is from PyTorch's generator on `CHECKED` samples."""

    path: Path
    bytes: int
    difference: float
    """The largest, in units of the data."""
    differing: float
    """The share of values that are not the same."""
    span: float
    """From the lowest to the highest value that PyTorch made of these latents."""
    inputs: dict[str, str]
    """The shape and the type of each input."""

    def in_words(self) -> str:
        if not self.difference:
            return say("equal to PyTorch")
        return say(
            "{difference} of {span} at most from PyTorch, {share} of values not the same",
            difference=f"{self.difference:.2g}",
            span=f"{self.span:.4g}",
            share=f"{self.differing:.2%}",
        )


class AsSeen(nn.Module):
    """A generator as it is: latents, and what is asked for as networks see it, to samples in [-1, 1] or points."""

    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, z: Latents, *asked: Tensor) -> Tensor:
        samples: Tensor = self.generator(z, *asked)
        return samples


class InUnits(nn.Module):
    """A generator that is asked in the user's terms, and answers in the units and the type of the data."""

    def __init__(self, generator: nn.Module, spec: SampleSpec) -> None:
        super().__init__()
        self.generator, self.spec = generator, spec

    def forward(self, z: Latents, *asked: Tensor) -> Tensor:
        vectors = () if self.spec.condition is None else (_vectors(self.spec.condition, asked),)
        return self.spec.to_stored(self.generator(z, *vectors))


def _vectors(condition: Condition, asked: tuple[Tensor, ...]) -> Tensor:
    """What networks see of inputs in the user's terms, (n, size)."""
    seen = []
    for part, values in zip(condition.parts, asked, strict=True):
        if part.kind == "class":
            seen.append(torch.eye(part.size, device=values.device)[values])
        elif part.kind == "labels":
            seen.append(values)
        else:
            seen.append(((values - part.centre) / part.spread).float()[:, None])
    return torch.cat(seen, dim=1)


def has_onnx() -> bool:
    """Whether the libraries are installed that `write_onnx` needs."""
    return all(importlib.util.find_spec(name) for name in LIBRARIES)


def require_onnx() -> None:
    """Raises InputError, which says how to install them, if they are not."""
    missing = [name for name in LIBRARIES if not importlib.util.find_spec(name)]
    if missing:
        raise InputError(f'ONNX needs {" and ".join(missing)}, which this Python has not: pip install "wgan[export]"')


def write_onnx(source: Generative, target: Path, *, step: Step | None = None) -> OnnxReport:
    """Write the averaged generator of a run, or of a file of weights, and check what was written.

    Raises:
        InputError: a library is missing, the generator is one of the user's that torch cannot export, or `target` is
            something else than such a model.
    """
    require_onnx()
    _refuse_others(target)
    generator, spec = source.generator(step), source.spec
    module = InUnits(generator, spec).eval()
    model = exported(module, (source.latents(2), *_example(spec.condition, 2)), input_names(spec), str(source.path))
    _describe(model, source)
    make_folder(target.parent)
    with replacing(target) as temporary:
        temporary.write_bytes(model.SerializeToString())
    return _checked(module, target, source)


def _refuse_others(target: Path) -> None:
    """Raise an InputError if a file is there that is no such model."""
    if not target.exists():
        return
    with target.open("rb") as file:
        if PRODUCER not in file.read(64):
            raise InputError(f"{target} is something else, and is not overwritten. Name another file.")


def exported(
    module: AsSeen | InUnits, inputs: tuple[Tensor, ...], names: list[str], of: str, *, half: bool = False
) -> "onnx.ModelProto":
    """An `AsSeen` or `InUnits` as a graph for any number of samples.

    With `half`, weights are kept in fp16 and computed with in fp32. `of` is what an error calls it.

    Raises:
        InputError: torch cannot export it, or it is too large for one file.
    """
    size = 4 * sum(value.numel() for value in module.state_dict().values())
    if size > LARGEST:
        raise InputError(f"{of} has {count_parameters(module):,} weights, and one ONNX file holds 2 GiB at most.")
    any_count = torch.export.Dim("n", min=1, max=1 << 20)
    shapes: dict[str, Any] = {"z": {0: any_count}}
    if len(inputs) > 1:
        shapes["asked"] = tuple({0: any_count} for _ in inputs[1:])
    try:
        with _quietly():
            program = torch.onnx.export(
                module,
                inputs,
                input_names=names,
                output_names=[SAMPLES],
                dynamic_shapes=shapes,
                dynamo=True,
                verbose=False,
            )
    except Exception as error:  # the exporter wraps whatever a network of the user's raised
        reason = in_short(error.__cause__ or error)
        raise InputError(f"torch cannot export the generator of {of} to ONNX: {reason}.") from error
    assert program is not None
    model: onnx.ModelProto = program.model_proto
    _strip(model)
    return _halved(model) if half else model


def input_names(spec: SampleSpec) -> list[str]:
    """The names of a model's inputs, in order."""
    return [LATENTS, *(f"condition/{name}" for name in (spec.condition.names if spec.condition else ()))]


def _example(condition: Condition | None, count: int) -> tuple[Tensor, ...]:
    """Inputs for each part of a condition, of the most usual kind: the first class, no label, the middle number."""
    found: list[Tensor] = []
    for part in condition.parts if condition else ():
        if part.kind == "class":
            found.append(torch.arange(count) % part.size)
        elif part.kind == "labels":
            found.append(torch.arange(count * part.size).reshape(count, part.size).remainder(2).float())
        else:
            found.append(torch.linspace(part.low, part.high, count, dtype=torch.float64))
    return tuple(found)


def _describe(model: "onnx.ModelProto", source: Generative) -> None:
    """Put into the model what its inputs and outputs mean."""
    spec = source.spec
    known: dict[str, Any] = {
        "kind": spec.kind,
        "shape": spec.shape,
        "dtype": spec.dtype,
        "range": None if spec.low is None else (spec.low, spec.high),
        "names": spec.names,
        "latent_size": source.latent_size,
        "condition": [
            {
                "name": part.name,
                "kind": part.kind,
                "names": part.names,
                "range": part.quantiles[:1] + part.quantiles[-1:],
            }
            for part in (spec.condition.parts if spec.condition else ())
        ],
    }
    model.producer_name = KEY
    model.metadata_props.add(key=KEY, value=json.dumps(known))


def _checked(module: nn.Module, target: Path, source: Generative) -> OnnxReport:
    """Compare what onnxruntime makes of the file with what PyTorch makes, of the same inputs."""
    spec = source.spec
    inputs = (source.latents(CHECKED), *_example(spec.condition, CHECKED))
    with torch.no_grad():
        expected = module(*inputs).numpy().astype(np.float64)
    session = session_of(target)
    feed = {name: value.numpy() for name, value in zip(input_names(spec), inputs, strict=True)}
    made: NDArray[np.float64] = np.asarray(session.run(None, feed)[0]).astype(np.float64)
    apart = np.abs(made - expected)
    return OnnxReport(
        target,
        target.stat().st_size,
        float(apart.max()),
        float((apart > 0).mean()),
        float(np.ptp(expected)),
        {one.name: f"({', '.join(map(str, one.shape))}) {one.type}" for one in session.get_inputs()},
    )


def session_of(model: Path | bytes) -> Any:
    """A session of onnxruntime on the CPU, with as many threads as torch has."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    given = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])


def _strip(model: "onnx.ModelProto") -> None:
    """Take out what the exporter notes of where each node came from: lines of code, and places on this machine."""
    _forget(model)
    _strip_graph(model.graph)
    for function in model.functions:
        for of in (function, *function.node):
            _forget(of)


def _strip_graph(graph: "onnx.GraphProto") -> None:
    for of in (graph, *graph.initializer, *graph.value_info, *graph.input, *graph.output):
        _forget(of)
    for node in graph.node:
        _forget(node)
        for attribute in node.attribute:  # the branches and bodies of control flow
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                _strip_graph(inner)


def _forget(of: Any) -> None:
    of.doc_string = ""
    del of.metadata_props[:]


def _halved(model: "onnx.ModelProto") -> "onnx.ModelProto":
    """The same graph with weights in fp16, each followed by a cast to fp32: half the size, and the same operations.

    Tensors with values beyond fp16 stay as they are.
    """
    from onnx import TensorProto, helper, numpy_helper

    graph, casts = model.graph, []
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < HALVED_FROM:
            continue
        if not np.abs(values).max() <= np.finfo(np.float16).max:  # beyond fp16, or not finite
            continue
        name = f"{weight.name}_fp16"
        casts.append(helper.make_node("Cast", [name], [weight.name], to=TensorProto.FLOAT, name=f"{name}_cast"))
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return model


@contextmanager
def _quietly() -> Iterator[None]:
    """Without what the exporter says on its way, of which nothing is for the user."""
    level = logging.getLogger("onnxscript").level, logging.getLogger("torch.onnx").level
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.getLogger("onnxscript").setLevel(logging.ERROR)
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        try:
            yield
        finally:
            logging.getLogger("onnxscript").setLevel(level[0])
            logging.getLogger("torch.onnx").setLevel(level[1])

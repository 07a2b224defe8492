"""One HTML page that holds a generator: it opens from the disk, needs no network, and can be mailed."""

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import numpy as np
import torch
from markupsafe import Markup
from numpy.typing import NDArray

from wgan.data import find_pack
from wgan.diagnosis import Diagnosis, verdict_word
from wgan.errors import InputError
from wgan.language import language, say
from wgan.report import STYLESHEET
from wgan.runs.best import Step, step_of
from wgan.runs.doctor import diagnose
from wgan.runs.generative import Generative
from wgan.runs.run import Run
from wgan.share.directions import Directions, principal_directions
from wgan.share.onnx import LATENTS, SAMPLES, AsSeen, exported, require_onnx, session_of
from wgan.system.files import make_folder, write_text
from wgan.system.text import printable
from wgan.training import Stream
from wgan.types import SampleSpec
from wgan.types.bound import bound

HERE = Path(__file__).parent
TEMPLATES, RUNTIME = HERE / "templates", HERE / "runtime"
SCRIPTS = (
    "randomness.js",
    "drawing.js",
    "page.js",
    "generator.js",
    "latents.js",
    "conditions.js",
    "wall.js",
    "chosen.js",
    "neighbourhood.js",
    "path.js",
    "explore.js",
)
"""In this order, as one script."""
CHECKED = 4
"""Samples that the page compares with PyTorch's when it opens."""
COMPARED = 64
"""Samples that are compared when it is written."""
REAL_BYTES = 8 << 20
"""Of training samples in a page, in fp32."""


class HalfCost(NamedTuple):
    """How far weights in fp16 move what a generator makes, in units of the data."""

    difference: float
    """The largest."""
    typical: float
    """The root of the mean square."""
    span: float
    """From the lowest to the highest value that the generator makes in fp32."""


@dataclass(frozen=True)
class ExploreReport:
    """What was written."""

    path: Path
    bytes: int
    cost: HalfCost
    neighbours: int
    """Training samples in the page."""


def write_explore(
    source: Generative, target: Path, *, step: Step | None = None, neighbours: int = 0, name: str | None = None
) -> ExploreReport:
    """Write a page in which a generator runs.

    The page holds the generator's weights, directions of its latents, the verdict of its run, and nothing of the data:
    with `neighbours`, so many training samples too, as far as they fit. `name` is what the page calls it.

    Raises:
        InputError: a library is missing, torch cannot export the generator, or there are no data to take neighbours of.
    """
    require_onnx()
    name = name or source.name
    generator, asked = source.generator(step).eval(), source.conditions(COMPARED)
    inputs = (source.latents(COMPARED), *(() if asked is None else (asked,)))
    names = [LATENTS, "condition"][: len(inputs)]
    example = tuple(one[:2] for one in inputs)
    model = exported(AsSeen(generator), example, names, str(source.path), half=True).SerializeToString()
    with torch.no_grad():
        exact = bound(generator, asked)(inputs[0])
    made = session_of(model).run([SAMPLES], {name: one.numpy() for name, one in zip(names, inputs, strict=True)})[0]
    stored, rounded = (source.spec.to_stored(one).double().numpy() for one in (exact, torch.from_numpy(made)))
    cost = HalfCost(*_distances(rounded, stored))
    reals = _reals(source, neighbours) if neighbours else None
    parts = {
        "runtime": (RUNTIME / "ort.wasm.bundle.min.mjs.gz").read_bytes(),
        "wasm": (RUNTIME / "ort-wasm-simd-threaded.wasm.gz").read_bytes(),
        "model": _zipped(model),
        "expected": _zipped(stored[:CHECKED].astype(np.float32).tobytes()),
        **({} if reals is None else {"reals": _zipped(reals.tobytes())}),
    }
    count = 0 if reals is None else len(reals)
    check = [[] for _ in range(CHECKED)] if asked is None else asked[:CHECKED].tolist()
    facts = _facts(source, name, step, principal_directions(source, step=step))
    script = "\n".join((TEMPLATES / file).read_text(encoding="utf-8") for file in SCRIPTS)
    page = _environment().render(
        name=name,
        spec=source.spec,
        columns=[_column(source.spec, place) for place in range(source.spec.shape[0])],
        asked=source.spec.condition.parts if source.spec.condition else (),
        diagnosis=_diagnosis(source),
        facts=_known(source, generator, step),
        accuracy=_accuracy(cost),
        privacy=_privacy(count),
        neighbours=count,
        licence=(RUNTIME / "LICENSE").read_text(encoding="utf-8"),
        data=Markup(_json({**facts, "neighbours": count, "check": {"asked": check}})),
        parts={id: Markup(base64.b64encode(content).decode()) for id, content in parts.items()},
        style=Markup("".join(file.read_text(encoding="utf-8") for file in (STYLESHEET, TEMPLATES / "explore.css"))),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    make_folder(target.parent)
    write_text(target, printable(page, kept="\n\t"))
    return ExploreReport(target, target.stat().st_size, cost, count)


def _distances(rounded: NDArray[np.float64], exact: NDArray[np.float64]) -> tuple[float, float, float]:
    apart = np.abs(rounded - exact)
    return float(apart.max()), float(np.sqrt(np.square(apart).mean())), float(np.ptp(exact))


def _facts(source: Generative, name: str, step: Step | None, directions: Directions) -> dict[str, Any]:
    """What the page's script is told."""
    spec = source.spec
    return {
        "name": name,
        "step": step,
        "kind": spec.kind,
        "shape": spec.shape,
        "dtype": spec.dtype,
        "low": spec.low,
        "high": spec.high,
        "centre": spec.centre,
        "spread": spec.spread,
        "names": spec.names,
        "opacity": spec.has_opacity,
        "latent_size": source.latent_size,
        "stream": int(Stream.SAMPLE),
        "condition": [
            {"name": part.name, "kind": part.kind, "names": part.names, "centre": part.centre, "spread": part.spread}
            for part in (spec.condition.parts if spec.condition else ())
        ],
        "directions": [[float(f"{value:.6g}") for value in vector] for vector in directions.vectors.tolist()],
        "shares": directions.shares,
        "words": _words(),
    }


def _words() -> dict[str, str]:
    """What the script says. Its own names in braces are filled in there."""
    return {
        "ready": say("The generator runs in this page: ready in {seconds} s.", seconds="{seconds}"),
        "failed": say("The generator cannot run here. A current browser with WebAssembly is needed."),
        "sample": say("Sample {index} of seed {seed}", index="{index}", seed="{seed}"),
        "between": say("Between two samples"),
        "moved": say("(moved)"),
        "none": say("none"),
        "copy": say("Copy command"),
        "copied": say("Copied"),
        "no_command": say("Between two classes there is nothing that a command can ask for."),
        "plane": say("principal {a} and {b}", a="{a}", b="{b}"),
        "random": say("two at random"),
        "direction": say("Principal direction {k}: {share} of the variance", k="{k}", share="{share}"),
        "checked": say(
            "Here, {count} samples differ from PyTorch's by {difference} at most.",
            count="{count}",
            difference="{difference}",
        ),
    }


def _known(source: Generative, generator: torch.nn.Module, step: Step | None) -> Mapping[str, str]:
    spec = source.spec
    known = {
        say("samples"): str(spec),
        say("parameters"): f"{sum(p.numel() for p in generator.parameters()):,}",
        say("latents"): f"{source.latent_size:,}",
    }
    if isinstance(source, Run):
        known[say("recipe")] = source.config.recipe
        if rows := source.metrics():
            known[say("steps")] = f"{rows[-1]['step'] if step is None else step_of(source, step):,}"
    return known


def _accuracy(cost: HalfCost) -> str:
    return say(
        "Weights are kept in fp16. That moves values by {difference} at most and {typical} typically, of {span} from "
        "the lowest to the highest, in the units of the data.",
        difference=f"{cost.difference:.2g}",
        typical=f"{cost.typical:.1g}",
        span=f"{cost.span:.4g}",
    )


def _privacy(neighbours: int) -> str:
    if neighbours:
        return say("This page contains {count} training samples.", count=f"{neighbours:,}")
    return say("This page contains no training sample, loads nothing and sends nothing.")


def _diagnosis(source: Generative) -> Diagnosis | None:
    """What the run's log says, where there is a run with one."""
    return diagnose(source) if isinstance(source, Run) and source.metrics() else None


def _reals(source: Generative, count: int) -> NDArray[np.float32]:
    """Training samples of a run as networks see them, evenly chosen: (n, *shape)."""
    pack = find_pack(source.provenance.data_digest) if isinstance(source, Run) else None
    if pack is None:
        raise InputError(
            f"The data of {source.path} are not in this machine's cache, so there are no training samples to include. "
            "Pack them again with `wgan data DATA`, or leave --neighbours out."
        )
    train = pack.known
    most = min(count, len(train), REAL_BYTES // (4 * int(np.prod(source.spec.shape))))
    places = train[np.linspace(0, len(train) - 1, max(1, most)).astype(int)]
    return pack.samples_at(places).numpy()


def _column(spec: SampleSpec, place: int) -> str:
    return spec.names[place] if spec.names else f"column {place}"


def _zipped(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


def _json(values: Mapping[str, Any]) -> str:
    """As a script element may hold it: no text in it can end the element."""
    return json.dumps(values, ensure_ascii=True).replace("<", "\\u003c")


def _environment() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals.update({"say": say, "language": language, "verdict_word": verdict_word})
    return environment.get_template("explore.html")

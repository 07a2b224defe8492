"""One HTML page that holds a generator: it opens from the disk, needs no network, and can be mailed."""

import base64
import gzip
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from wgan.data import find_pack
from wgan.diagnosis import Diagnosis, severity_word, verdict_word
from wgan.errors import InputError
from wgan.language import say
from wgan.report.neighbours import evenly
from wgan.report.pages import STYLESHEET, environment, script_of, write_page
from wgan.runs.best import Step, step_of
from wgan.runs.doctor import diagnose
from wgan.runs.exported import newest_step
from wgan.runs.generative import Generative
from wgan.runs.run import Run
from wgan.share.directions import principal_directions
from wgan.share.half import HalfCost, HalfModel, half_model
from wgan.share.onnx import require_onnx
from wgan.share.page_words import page_words
from wgan.training import Stream
from wgan.types import SampleSpec

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
MARK = '<meta name="generator" content="wgan explore">'
"""By which a page is known as one that may be written again."""
HEAD = 4096
"""Bytes of a page in which the mark stands."""
CHECKED = 4
"""Samples that the page compares with PyTorch's when it opens."""
REAL_BYTES = 8 << 20
"""Of training samples in a page, in fp32."""


@dataclass(frozen=True)
class ExploreReport:
    """What was written."""

    path: Path
    bytes: int
    cost: HalfCost
    neighbours: int
    """Training samples in the page."""


def write_explore(
    source: Generative,
    target: Path,
    *,
    step: Step | None = None,
    neighbours: int = 0,
    typed: Sequence[str] = (),
) -> ExploreReport:
    """Write a page in which a generator runs.

    The page holds the generator's weights, directions of its latents, the verdict of its run, and nothing of the data:
    with `neighbours`, so many training samples too, as far as they fit. `typed` are the words that name the generator
    in the commands that the page prints, if its name does not.

    Raises:
        InputError: a library is missing, torch cannot export the generator, there are no data to take neighbours of, or
            `target` is something else.
    """
    require_onnx()
    _refuse_others(target)
    model = half_model(source, step=step)
    reals = _reals(source, neighbours) if neighbours else None
    count = 0 if reals is None else len(reals)
    script, script_hash = script_of([TEMPLATES / name for name in SCRIPTS])
    page = (
        environment(TEMPLATES, severity_word, verdict_word)
        .get_template("explore.html")
        .render(
            mark=Markup(MARK),
            name=source.name,
            spec=source.spec,
            columns=[_column(source.spec, place) for place in range(source.spec.shape[0])],
            asked=source.spec.condition.parts if source.spec.condition else (),
            diagnosis=_diagnosis(source),
            facts=_shown(source, step),
            accuracy=_accuracy(model.cost),
            privacy=_privacy(count),
            neighbours=count,
            licence=(RUNTIME / "LICENSE").read_text(encoding="utf-8"),
            data=Markup(_json(_facts(source, step, typed, count, model.asked[:CHECKED]))),
            parts={name: Markup(base64.b64encode(part).decode()) for name, part in _parts(model, reals).items()},
            style=Markup("".join(file.read_text(encoding="utf-8") for file in (STYLESHEET, TEMPLATES / "explore.css"))),
            script=Markup(script),
            script_hash=script_hash,
        )
    )
    write_page(page, target)
    return ExploreReport(target, target.stat().st_size, model.cost, count)


def _refuse_others(target: Path) -> None:
    """Raise an InputError if a file is there that is no such page."""
    if not target.exists():
        return
    with target.open("rb") as file:
        if MARK.encode() not in file.read(HEAD):
            raise InputError(f"{target} is something else, and is not overwritten. Name another page with --out.")


def _parts(model: HalfModel, reals: NDArray[np.float32] | None) -> dict[str, bytes]:
    """What the page unpacks, compressed."""
    return {
        "runtime": (RUNTIME / "ort.wasm.bundle.min.mjs.gz").read_bytes(),
        "wasm": (RUNTIME / "ort-wasm-simd-threaded.wasm.gz").read_bytes(),
        "model": _zipped(model.content),
        "expected": _zipped(model.expected[:CHECKED].tobytes()),
        **({} if reals is None else {"reals": _zipped(reals.tobytes())}),
    }


def _facts(
    source: Generative, step: Step | None, typed: Sequence[str], neighbours: int, asked: list[list[float]]
) -> dict[str, Any]:
    """What the page's script is told."""
    spec, directions = source.spec, principal_directions(source, step=step)
    return {
        "name": source.name,
        "command": [*typed] or [source.name],
        "step": step_of(source, step) if isinstance(source, Run) and step is not None else step,
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
        "neighbours": neighbours,
        "check": {"asked": asked},
        "words": page_words(),
    }


def _shown(source: Generative, step: Step | None) -> Mapping[str, str]:
    """What the page says of the generator."""
    known = {
        say("samples"): str(source.spec),
        say("parameters"): f"{sum(weight.numel() for weight in source.generator(step).parameters()):,}",
        say("latents"): f"{source.latent_size:,}",
    }
    if isinstance(source, Run):
        at = newest_step(source) if step is None else step_of(source, step)
        known |= {say("recipe"): source.config.recipe, say("steps"): f"{at:,}"}
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
    """Training samples of a run as its networks see them, evenly chosen: (n, *shape)."""
    pack = find_pack(source.provenance.data_digest) if isinstance(source, Run) else None
    if pack is None or not isinstance(source, Run):
        raise InputError(
            f"The data of {source.path} are not in this machine's cache, so there are no training samples to include. "
            "Pack them again with `wgan data DATA`, or leave --neighbours out."
        )
    train, _ = pack.split(source.config.data.holdout)
    most = max(1, min(count, REAL_BYTES // (4 * math.prod(source.spec.shape))))
    return pack.seen_as(replace(source.spec, condition=None)).samples_at(evenly(train, most)).numpy()


def _column(spec: SampleSpec, place: int) -> str:
    return spec.names[place] if spec.names else f"column {place}"


def _zipped(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


def _json(values: Mapping[str, Any]) -> str:
    """As a script element may hold it: no text in it can end the element."""
    return json.dumps(values, ensure_ascii=True, allow_nan=False).replace("<", "\\u003c")

"""One self-contained HTML page about one run, or several side by side. Reads run directories, trains nothing."""

import base64
import io
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jinja2
import torch
from PIL import Image
from torch import nn

from wgan.config import RunConfig, dotted
from wgan.files import make_folder, write_text
from wgan.networks import Layer, count_parameters, layer_table
from wgan.rundir import Run
from wgan.types import DataShape
from wgan.views import curves, thinned

GRIDS = 60
"""The most grids on a page: it should open at once and fit in a mail."""


def write_report(runs: Sequence[Run], target: Path) -> None:
    """Put the page at `target`: grids over time on a slider, curves, settings, layer tables."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "views")
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.undefined = jinja2.StrictUndefined
    page = environment.get_template("report.html").render(
        runs=[_facts(run) for run in runs],
        differing=_differing(runs),
    )
    make_folder(target.parent)
    write_text(target, page)


class Network:
    """A network's layer table and size."""

    def __init__(self, title: str, network: nn.Module, example: torch.Tensor) -> None:
        self.title = title
        self.layers: list[Layer] = layer_table(network, example)
        self.parameters = count_parameters(network)


def networks(config: RunConfig, shape: DataShape) -> list[Network]:
    """The generator and the critic of a configuration; those that were passed from Python cannot be shown."""
    examples = {"generator": torch.zeros(2, config.networks.latent_size), "critic": torch.zeros(2, *shape)}
    return [
        Network(name, getattr(config.networks, name)(shape), example)
        for name, example in examples.items()
        if name not in config.custom
    ]


def _facts(run: Run) -> dict[str, Any]:
    metrics = run.metrics()
    return {
        "name": run.path.resolve().name,
        "recipe": run.config.recipe,
        "grids": [
            {"step": step, "source": _embedded(path)} for step, path in thinned(list(run.samples().items()), GRIDS)
        ],
        "curves": _svg(metrics) if metrics else None,
        "last": metrics[-1] if metrics else None,
        "provenance": asdict(run.provenance),
        "settings": dotted(run.config.to_dict()),
        "networks": networks(run.config, run.shape),
    }


def _embedded(path: Path) -> str:
    """A grid as a data URI: grey ones as they are, coloured ones as WebP, which is a tenth of the size."""
    with Image.open(path) as image:
        if image.mode == "L":
            return _data_uri(path.read_bytes(), "png")
        content = io.BytesIO()
        image.save(content, format="webp", quality=80)
        return _data_uri(content.getvalue(), "webp")


def _data_uri(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _svg(metrics: Sequence[dict[str, Any]]) -> str:
    content = io.BytesIO()
    curves(metrics).savefig(content, format="svg")
    return _data_uri(content.getvalue(), "svg+xml")


def _differing(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """The settings in which the runs are not alike, each with its value in every run."""
    settings = [dotted(run.config.to_dict()) for run in runs]
    keys = dict.fromkeys(key for values in settings for key in values)
    rows = {key: [values.get(key, "") for values in settings] for key in keys}
    return {key: row for key, row in rows.items() if any(value != row[0] for value in row)}

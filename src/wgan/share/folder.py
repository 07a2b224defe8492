"""A folder that holds a generator and nothing private: to be sent, or put on the hub.

generator.safetensors  config.toml  samples.png  README.md
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import tomli_w

from wgan.config import OutputSettings, RunConfig, StartSettings, StopSettings
from wgan.errors import InputError
from wgan.runs import Run
from wgan.runs.best import Step, step_of
from wgan.runs.exported import Exported, earlier_name, exported, exported_from, newest_step
from wgan.runs.generative import spec_values
from wgan.runs.hub import CONFIG, WEIGHTS
from wgan.runs.provenance import Provenance
from wgan.runs.sampling import sheet_of, write_grid
from wgan.runs.weights import save_weights
from wgan.runs.weights_file import metadata_of
from wgan.share.card import Card, card_of
from wgan.share.onnx import OnnxReport, has_onnx, write_onnx
from wgan.share.public import public_name, public_source
from wgan.system.files import write_text
from wgan.system.folders import replacing_folder

SAMPLES, CARD, ONNX = "samples.png", "README.md", "generator.onnx"
FILES = (WEIGHTS, CONFIG, SAMPLES, CARD, ONNX)
"""All that such a folder may hold."""
LICENSE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}")
SHOWN, SEED = 64, 0
"""How many samples the picture shows, and of which seed."""


class Choices(NamedTuple):
    """What the owner of a run says about the folder."""

    license: str | None = None
    data_name: str | None = None
    """What the data are called, if not by the last folder of their place."""
    repository: str | None = None
    """Where on the hub it will lie, `owner/name`, for the commands in the card."""


NOTHING = Choices()


def checked_license(text: str | None) -> str | None:
    """The id of a licence as the hub writes it. An InputError says if it cannot be one."""
    if text is not None and LICENSE.fullmatch(text) is None:
        raise InputError(f"'{text}' is no licence's id. Write it as the hub does: mit, apache-2.0, cc-by-4.0, other.")
    return text


def write_folder(run: Run, target: Path, choices: Choices = NOTHING, *, step: Step | None = None) -> OnnxReport | None:
    """Write the folder whole, in place of an earlier one of the same run. `step` is that of a kept checkpoint.

    The generator lies in it as ONNX too, where the libraries for that are installed: what became of it is returned.

    Raises:
        InputError: `target` holds anything else, or the run has no generator.
    """
    at = None if step is None else step_of(run, step)
    mark = exported_from(run, newest_step(run) if at is None else at)
    refuse_others(target, mark.run, earlier_name(run))
    network = run.generator(at)  # a run without one fails before anything is written
    with replacing_folder(target) as folder:
        save_weights(network, folder / WEIGHTS, metadata_of(run.config, run.spec) | mark.metadata())
        write_text(folder / CONFIG, tomli_w.dumps(public_values(run, choices.data_name)))
        write_grid(run, sheet_of(run, SHOWN, SEED, None), folder / SAMPLES, step=at)
        report = write_onnx(run, folder / ONNX, step=at) if has_onnx() else None
        write_text(folder / CARD, card_of(run, _card(run, mark, choices, folder)))
    return report


def _card(run: Run, mark: Exported, choices: Choices, folder: Path) -> Card:
    return Card(
        data_name=public_name(run, choices.data_name),
        data_source=public_source(run.config, choices.data_name),
        step=mark.step,
        license=choices.license,
        repository=choices.repository,
        onnx=(folder / ONNX).exists(),
    )


def refuse_others(target: Path, *known: str) -> None:
    """Raise an InputError if there is anything but an earlier export of the run that is marked by these names."""
    if target.exists() and not target.is_dir():
        raise InputError(f"{target} is a file. Name another folder with --to.")
    names = sorted(path.name for path in target.iterdir()) if target.exists() else []
    if foreign := [name for name in names if name not in FILES]:
        more = f" and {len(foreign) - 3:,} more" if len(foreign) > 3 else ""
        raise InputError(
            f"{target} holds other files ({', '.join(foreign[:3])}{more}), which an export would replace. Name another "
            "folder with --to, or an empty one."
        )
    there = exported(target / WEIGHTS) if names else None
    if names and (there is None or there.run not in known):
        raise InputError(f"{target} holds the export of another run. Name another folder with --to, or delete it.")


def public_values(run: Run, data_name: str | None = None) -> dict[str, Any]:
    """What config.toml says in such a folder: the run without its machine, its paths and what only resuming needs.

    What was found of the data and the parts before the first step (`wiring`) stays: only the doctor reads it.
    """
    known = {"sample": spec_values(run.spec), "provenance": asdict(_public_provenance(run, data_name))}
    return {**_public_config(run.config, data_name).to_dict(), **known}


def _public_config(config: RunConfig, data_name: str | None) -> RunConfig:
    """Its networks, objective, optimisers, and training: what decides the numbers.

    Engine and device are those of a machine. Where to start from is a path. What ended the run and what it measured may
    name code of the user's own. Minutes are a budget, of which the steps came.
    """
    output = OutputSettings(rows=config.output.rows, columns=config.output.columns, stretch=config.output.stretch)
    default: Mapping[str, Any] = RunConfig.model_fields
    engine = {
        key: default[key].default for key in ("device", "compile", "compile_from", "graphs", "threads", "rank_timeout")
    }
    values: dict[str, Any] = {
        "data": config.data.model_copy(update={"source": public_source(config, data_name)}),
        "training": config.training.model_copy(update={"minutes": None, "epochs": None}),
        "start": StartSettings(),
        "output": output,
        "stop": StopSettings(),
        "ignore": (),
        "chosen": (),
        "custom": {part: told.partition("(")[0].strip() for part, told in config.custom.items()},
    }
    return config.model_copy(update={**engine, **values})


def _public_provenance(run: Run, data_name: str | None) -> Provenance:
    """Versions, and the size of the data and the networks, which say how the numbers came about.

    The machine, its processes and when it ran help nobody. The digest of the data would tell who else has the same
    ones, and have `wgan evaluate` add a line to a folder that is meant to be sent.
    """
    name = public_name(run, data_name)
    return replace(run.provenance, data_name=name, data_digest="", machine="", device="", started="", processes=1)

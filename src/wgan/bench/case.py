"""What a bench measures: a recipe with made-up data of the shape it was written for, and every engine for it.

Speed does not depend on what the pictures show, so they are random pixels, packed as usual.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wgan.config import RunConfig
from wgan.data import Array, Arrays, make_pack, read_pack
from wgan.experiment.build import Loop, batches, build_state
from wgan.experiment.engine_trials import EngineTrials
from wgan.experiment.plan import NO_PARTS, Plan, resolved
from wgan.experiment.preflight import game_of, preflight
from wgan.recipes import recipe
from wgan.recipes.suggest import usual_spec
from wgan.training import Mode, Precision, StepRecord
from wgan.training.engines.engine import with_memory_format
from wgan.types import SampleSpec

SAMPLES = "samples.npy"
MOST_SAMPLES = 4096
MOST_BYTES = 1 << 26
ENDLESS = 2**62


def make_case(name: str, settings: Mapping[str, Any], folder: Path) -> Plan:
    """Write a configuration, samples and their pack into `folder`, for `read_case`.

    Raises:
        InputError: no recipe has that name, or a setting is wrong.
    """
    config = recipe(name).with_settings(settings)
    spec = usual_spec(config)
    with torch.device("meta"):  # refuse an impossible size before anything is written
        config.networks.critic(spec)
    samples = _made_up(spec, config.training.batch_size)
    np.save(folder / SAMPLES, samples)
    pack = make_pack(folder / "pack", Arrays(samples, name="made-up"))
    (folder / "config.toml").write_text(resolved(config, pack, NO_PARTS).to_toml(), encoding="utf-8")
    return read_case(folder)


def read_case(folder: Path) -> Plan:
    """The case that `make_case` wrote into `folder`."""
    text = (folder / "config.toml").read_text(encoding="utf-8")
    return Plan(RunConfig.from_toml(text), read_pack(folder / "pack"))


def _made_up(spec: SampleSpec, batch_size: int) -> Array:
    """Random numbers, as many as have a batch and let batches differ: whole ones as they are stored, or normal ones."""
    random = np.random.default_rng(0)
    count = max(batch_size, min(MOST_SAMPLES, MOST_BYTES // int(np.prod(spec.shape))))
    if spec.dtype == "float32":
        return random.standard_normal((count, *spec.shape), np.float32)
    limits = np.iinfo(spec.dtype)
    return random.integers(limits.min, limits.max, (count, *spec.shape), dtype=spec.dtype, endpoint=True)


def modes(device: torch.device) -> dict[str, Mode]:
    """Every mode that the device may have, by name; the first, which the others are compared with, is plain PyTorch."""
    cuda = device.type == "cuda"
    precisions: tuple[Precision, ...] = ("fp32", "tf32", "bf16") if cuda else ("fp32", "bf16")
    ways = product((False, True), (False, True) if cuda else (False,), precisions)
    every = [with_memory_format(Mode(precision, compiled, graphs), device) for compiled, graphs, precision in ways]
    return {str(mode): mode for mode in every}


def loop_of(case: Plan, device: torch.device) -> Loop:
    """The training loop of a run after its preflight, at its start.

    Raises:
        InputError: these settings cannot be trained.
    """
    state = build_state(case.config, case.pack.spec, NO_PARTS, device)
    game = game_of(case.config.objective, case.config, preflight(case, state))
    real = batches(case.config, case.pack, device)
    return Loop(state, game, case.config, real, conditions=real.conditions)


def training(mode: Mode, case: Plan, device: torch.device) -> Iterator[StepRecord]:
    """Endless steps in that mode.

    Raises:
        Unusable: it cannot be used here; says why.
    """
    loop = loop_of(case, device)
    return loop._replace(engine=EngineTrials(loop).build(mode)).records(ENDLESS)

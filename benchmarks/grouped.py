"""What R3GAN's steps take with our convolutions in groups, and with torch's own, side by side.

    python benchmarks/grouped.py [--recipe r3gan-64] [--batch 256] [--device cuda] [--compiled] [--rounds 5]

Torch differentiates the gradient of its own convolution group by group; ours takes two convolutions for all
(`wgan.networks.grouped`). Steps are those of the recipe on random pictures, by turns. With `--compiled`, the time to
build each engine is told as well, and both are compiled anew.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

import torch
from torch import Tensor

from wgan.diagnosis import Wiring
from wgan.experiment.build import Loop, build_state
from wgan.experiment.parts import Parts
from wgan.experiment.preflight import game_of
from wgan.networks import grouped
from wgan.recipes import recipe
from wgan.training import Engine, Mode, Step, TrainState, build_engine
from wgan.training.engines.engine import with_memory_format
from wgan.training.engines.trials import seconds_by_turns
from wgan.types import SampleSpec, Terms

WAYS = ("ours", "torch's")


def torchs_own(layer: grouped.InGroups, x: Tensor) -> Tensor:
    """The same layer by torch's own convolution."""
    convolved: Tensor = super(grouped.InGroups, layer).forward(x)
    return convolved


@contextmanager
def way(name: str) -> Iterator[None]:
    """Within it, convolutions in groups are ours or torch's."""
    if name == "ours":
        yield
        return
    with mock.patch.object(grouped.InGroups, "forward", torchs_own):
        yield


def _in_way(name: str, engine: Engine, state: TrainState, step: Step) -> Terms:
    with way(name):
        return engine(state, step)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", default="r3gan-64")
    parser.add_argument("--batch", type=int, help="samples (default: the recipe's)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", nargs="+", default=["fp32"])
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    device, config = torch.device(given.device), recipe(given.recipe)
    if given.batch:
        config = config.with_settings({"training.batch_size": given.batch})
    assert config.data.size is not None
    spec = SampleSpec.picture(3, *config.data.size)
    state = build_state(config, spec, Parts(), device)
    real = 2 * torch.rand(config.training.batch_size, *spec.shape, device=device) - 1
    step = Loop(state, game_of(config.objective, config, Wiring()), config, lambda number: real).step(0)
    for precision in given.precision:
        mode, ready = with_memory_format(Mode(precision, compiled=given.compiled), device), []
        with tempfile.TemporaryDirectory() as cache:
            for name in WAYS:
                os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(Path(cache) / name)  # what one compiled, the other has to
                started = time.perf_counter()
                with way(name):
                    engine = build_engine(mode, state, step)
                ready.append((partial(_in_way, name, engine), time.perf_counter() - started))
            engines = [engine for engine, _ in ready]
            found = seconds_by_turns(engines, state, step, rounds=given.rounds, clock=time.perf_counter)
        for name, seconds, (_, built) in zip(WAYS, found, ready, strict=True):
            size = config.training.batch_size
            print(f"{mode}, {name}: {1000 * seconds:.1f} ms a step of {size}; ready after {built:.1f} s", flush=True)


if __name__ == "__main__":
    main()

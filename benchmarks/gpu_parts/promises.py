"""Does it keep its promises on this device? Resuming, data on the device, one process among several, changing devices.

Each promise is a function that returns whether it holds, and what was found in words. Differences of weights are
relative to how far the unbroken run moved them.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.distributed as dist

import wgan
from gpu_parts.cases import device_of, settings
from gpu_parts.right import Pair, drift, weights
from gpu_parts.works import speaking
from wgan.training import (
    Batches,
    Eager,
    Engine,
    Mode,
    Schedule,
    Stepwise,
    TrainState,
    World,
    build_engine,
    plain_engine,
    sync_norms,
    train,
)
from wgan.training.batches import Prefetched, on_device
from wgan.training.steps import Step
from wgan.types import SampleSpec

CHANGED = {"augmentation": "diffaugment", "training.microbatch": 20}
HALF = 10
PICTURES, CLASSES = 256, 10
MOST_NOISE = 0.05
SEVERAL = 2
"""The size that a world of one process claims, since alone it would communicate with nobody."""


class Kept(NamedTuple):
    """Whether a promise holds, and the evidence."""

    holds: bool
    what: str


def run_of(given: dict[str, Any], folder: Path, name: str, *lengths: tuple[int, str]) -> list[torch.Tensor]:
    """Train in several parts, each to a step and on a device; the final weights."""
    recipe = given["recipe"]
    config = wgan.RECIPES[recipe]().with_settings(settings(recipe, small=given["small"]))
    data = folder / "pictures.npy"
    if not data.exists():
        assert config.data.size is not None
        shape = (PICTURES, *config.data.size, config.data.channels or 1)
        np.save(data, np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    asked = {"label": np.arange(PICTURES) % CLASSES} if given.get("asked") else None
    for steps, device in lengths:
        changed = {**settings(recipe, small=given["small"]), "device": device, **given.get("engine", {})}
        run = wgan.train(
            data, recipe=recipe, condition=asked, steps=steps, out=folder / name, settings=changed, progress=False
        )
    saved = run.load_checkpoint()
    tensors = [tensor for player in ("generator", "critic") for tensor in saved[player].values()]
    return [tensor.double() for tensor in tensors if tensor.is_floating_point()]


def compared(found: list[torch.Tensor], expected: list[torch.Tensor], first: list[torch.Tensor], most: float) -> Kept:
    """Whether two runs are the same, up to rounding."""
    if all(torch.equal(a, b) for a, b in zip(found, expected, strict=True)):
        return Kept(True, "bit for bit")
    apart = drift(found, expected, first)
    return Kept(apart <= most, f"{apart:.1e} apart (at most {most:.0e} is held for rounding)")


@contextmanager
def deterministic_algorithms() -> Iterator[None]:
    """Within it, the same step is the same to the last bit.

    Else a GPU adds up in any order, and Adam makes much of it: on an H200, ten steps in fp32 ended 8% apart.
    """
    benchmark = torch.backends.cudnn.benchmark
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)
        torch.backends.cudnn.benchmark = benchmark


def resumed(given: dict[str, Any], *, deterministic: bool) -> Kept:
    """A stopped and resumed run against an unbroken one, and two unbroken runs against each other."""
    device, whole = given["device"], 2 * HALF
    with tempfile.TemporaryDirectory() as place, deterministic_algorithms() if deterministic else nullcontext():
        folder = Path(place)
        first = run_of(given, folder, "first", (1, device))
        unbroken = run_of(given, folder, "unbroken", (whole, device))
        again = run_of(given, folder, "again", (whole, device))
        broken = run_of(given, folder, "broken", (HALF, device), (whole, device))
    noise = compared(again, unbroken, first, 1.0)
    # As far apart as the same run is from itself, and a little more; with deterministic algorithms it is not at all.
    most = 0.0 if deterministic else min(10 * drift(again, unbroken, first), MOST_NOISE)
    kept = compared(broken, unbroken, first, most)
    return Kept(kept.holds, f"resumed and unbroken: {kept.what}; the unbroken run twice: {noise.what}")


def moved(given: dict[str, Any]) -> Kept:
    """A checkpoint continued from the CPU on the device and back, against a run on the CPU."""
    device = given["device"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        first = run_of(given, folder, "first", (1, "cpu"))
        stayed = run_of(given, folder, "stayed", (3 * HALF, "cpu"))
        went = run_of(given, folder, "went", (HALF, "cpu"), (2 * HALF, device), (3 * HALF, "cpu"))
    return compared(went, stayed, first, 0.05)


def resident(given: dict[str, Any]) -> Kept:
    """Batches gathered on the device and batches read ahead are the same, and so are the trained weights."""
    pair, device = Pair(given), device_of(given)
    rows = np.random.default_rng(0).integers(0, 256, (PICTURES, *pair.shape), dtype=np.uint8)
    batches = Batches(
        rows,
        SampleSpec.of(pair.shape),
        np.arange(PICTURES),
        batch_size=pair.batch_size,
        seed=0,
        flip=False,
        device=device,
    )
    ways = {
        "on the device": on_device(rows, SampleSpec.of(pair.shape), batches.indices, device),
        "read ahead": Prefetched(rows, SampleSpec.of(pair.shape), batches.indices, device),
    }
    same = all(torch.equal(*(way(number) for way in ways.values())) for number in range(8))
    found = []
    with deterministic_algorithms():
        for way in ways.values():
            state = pair.state()
            for _ in train(state, pair.game, way, pair.draws(), critic_steps=2, until=HALF, engine=plain_engine()):
                pass
            found.append(weights(state))
    kept = compared(found[0], found[1], weights(pair.state()), 1e-2)
    return Kept(same and kept.holds, f"batches {'the same' if same else 'DIFFER'}; weights: {kept.what}")


def one_of_several(given: dict[str, Any]) -> Kept:
    """A world of one process, whose sums go through the device's library, against no world.

    Statistics of BatchNorm are not: torch's own asks nobody where there is nobody else.
    """
    pair, device = Pair(given), device_of(given)
    backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    with tempfile.NamedTemporaryFile() as meeting, deterministic_algorithms():
        store = dist.FileStore(meeting.name, 1)
        dist.init_process_group(backend, store=store, rank=0, world_size=1)
        world, found = World(0, 1, batch_size=pair.batch_size), []
        world.size = SEVERAL
        numbers = torch.arange(8.0, device=device)
        summed = bool(torch.equal(world.sum(numbers), numbers)) and world.broadcast({"a": 1}) == {"a": 1}
        for engine, synced in ((Stepwise(Mode(), Eager(world=world)), True), (plain_engine(), False)):
            state = pair.state()
            for network in (state.generator, state.critic) if synced else ():
                sync_norms(network, world)
            found.append(pair.trained(engine, state))
        dist.destroy_process_group()
    kept = compared(found[0], found[1], weights(pair.state()), 1e-2)
    sums = "sums and broadcasts are exact" if summed else "sums or broadcasts are WRONG"
    return Kept(summed and kept.holds, f"{sums}; weights, by gradients that were summed: {kept.what}")


def falling_rates(given: dict[str, Any]) -> Kept:
    """A graph's replays read the learning rates of a schedule: weights against those of steps one by one."""
    pair, schedule = Pair(given), Schedule(steps=4 * HALF, learning_rate=0.0)

    def trained(engine: Callable[[TrainState, Step], Engine], schedule: Schedule) -> list[torch.Tensor]:
        state = pair.state()
        chosen = engine(state, pair.given())
        real, draws = pair.batches(), pair.draws()
        for _ in train(state, pair.game, real, draws, critic_steps=2, until=2 * HALF, engine=chosen, schedule=schedule):
            pass
        return weights(state)

    with deterministic_algorithms():
        one_by_one = trained(lambda *_: plain_engine(), schedule)
        constant = trained(lambda *_: plain_engine(), Schedule())
        replayed = trained(lambda state, step: build_engine(Mode(graphs=True), state, step), schedule)
    kept = compared(replayed, one_by_one, weights(pair.state()), 1e-2)
    otherwise = drift(constant, one_by_one, weights(pair.state()))
    return Kept(kept.holds and otherwise > MOST_NOISE, f"{kept.what}; with a constant rate {otherwise:.1e} apart")


PROMISES: dict[str, Callable[[dict[str, Any]], Kept]] = {
    "resume": lambda given: resumed(given, deterministic=False),
    "resume, deterministic algorithms": lambda given: resumed(given, deterministic=True),
    "resume, asked for a class": lambda given: resumed({**given, "asked": True}, deterministic=True),
    "resume, changed pictures in parts": lambda given: resumed(
        {**given, "engine": {**given.get("engine", {}), **CHANGED}}, deterministic=True
    ),
    "CPU to device and back": moved,
    "data on the device or read ahead": resident,
    "a world of one process": one_of_several,
}
ON_CUDA: dict[str, Callable[[dict[str, Any]], Kept]] = {"a graph's falling rates": falling_rates}
"""What only a GPU can be asked."""


def main() -> None:
    with speaking() as (given, say):
        name = given["promise"]
        about = {"promise": name, "recipe": given["recipe"], "engine": given.get("engine_name", "eager fp32")}
        kept = (PROMISES | ON_CUDA)[name](given)
        say("promises", **about, holds=kept.holds, what=kept.what)


if __name__ == "__main__":
    main()

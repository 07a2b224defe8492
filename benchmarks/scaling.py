"""What a second process brings, and what it costs: one thread each, over gloo, on this machine.

    OMP_NUM_THREADS=1 python benchmarks/scaling.py

One process, and two that share its batches, take turns: while some train, the others wait for their turn and take no
processor time. Rounds are short and alternate, and the median of their ratios is told, because a machine that is
shared is faster in one minute than in the next. Processor time tells what is left of the work for each of the two,
and hardly changes with the load; the rest of a step is waiting. The pictures are random. Three minutes at most.
"""

import multiprocessing
import os
import socket
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

from wgan.config import RunConfig
from wgan.experiment.build import build_state
from wgan.experiment.plan import NO_PARTS
from wgan.recipes import recipe
from wgan.training import Batches, Draws, Eager, Mode, Stepwise, joined, sync_norms, train
from wgan.training.steps import Game
from wgan.types import SampleSpec

RECIPES = {"wgan-gp-digits": 40, "wgan-gp-celeba": 1}
"""Steps in a round."""
ROUNDS = 9
PICTURES = 2048


def pictured(config: RunConfig) -> tuple[int, int, int]:
    """(C, H, W) of a recipe for pictures."""
    assert config.data.size is not None
    assert config.data.channels is not None
    return (config.data.channels, *config.data.size)


class Trainer:
    """One recipe on random pictures, in this process: all of it, or its share."""

    def __init__(self, name: str) -> None:
        self.config = recipe(name)
        settings, shape = self.config.training, pictured(self.config)
        cpu = torch.device("cpu")
        self.joining = joined(cpu, settings.batch_size, 60)
        self.world = self.joining.__enter__()
        pictures = np.random.default_rng(0).integers(0, 256, (PICTURES, *shape), dtype=np.uint8)
        self.state = build_state(self.config, SampleSpec.of(shape), NO_PARTS, cpu)
        for network in (self.state.generator, self.state.critic):
            sync_norms(network, self.world)
        indices = np.arange(PICTURES)
        self.batches = Batches(
            pictures,
            SampleSpec.of(shape),
            indices,
            batch_size=settings.batch_size,
            seed=0,
            flip=False,
            device=cpu,
            world=self.world,
        )
        self.draws = Draws(0, settings.batch_size, self.config.networks.latent_size, cpu, self.world)

    def parameters(self, _: int = 1) -> tuple[int, int]:
        """Of the critic and of the generator."""
        critic, generator = (
            sum(p.numel() for p in network.parameters()) for network in (self.state.critic, self.state.generator)
        )
        return critic, generator

    def steps(self, count: int) -> tuple[float, float]:
        """Seconds, and those of the processor, of a step and the agreement after it."""
        settings, until = self.config.training, self.state.step + count
        started, used = time.perf_counter(), time.process_time()
        for _ in train(
            self.state,
            Game(self.config.objective),
            self.batches,
            self.draws,
            critic_steps=settings.critic_steps,
            generator_steps=settings.generator_steps,
            until=until,
            engine=Stepwise(Mode(), Eager(world=self.world)),
        ):
            self.world.all_max(0)
        return (time.perf_counter() - started) / count, (time.process_time() - used) / count

    def sums(self, count: int) -> int:
        """How many sums over the processes a step waits for: of gradients, and those of each BatchNorm."""
        with patch.object(self.world, "sum", wraps=self.world.sum) as summing:
            self.steps(count)
        return summing.call_count // count

    def gradients(self, count: int) -> float:
        """Seconds for the sums of all gradients of a step."""
        settings = self.config.training
        critic, generator = (torch.ones(number) for number in self.parameters())
        flats = [critic] * settings.critic_steps + [generator] * settings.generator_steps
        return timed(lambda: [self.world.sum(flat) for flat in flats], count)

    def agreement(self, count: int) -> float:
        """Seconds for agreeing on whether a signal came."""
        return timed(lambda: self.world.all_max(0), count)

    def drawing(self, count: int) -> float:
        """Seconds for what every process draws of a step, whole batches of it, whatever its share."""
        settings, number = self.config.training, iter(range(10**9))

        def draw() -> None:
            step = next(number)
            for i in range(step * settings.critic_steps, (step + 1) * settings.critic_steps):
                self.batches.indices(i)
                self.draws.critic_latents(i)
                self.draws.noise(i, (1,)).uniform()
            for i in range(step * settings.generator_steps, (step + 1) * settings.generator_steps):
                self.draws.generator_latents(i)

        return timed(draw, count)

    def leave(self, _: int) -> None:
        """End the group of these processes."""
        self.joining.__exit__(None, None, None)


def timed(work: Callable[[], object], count: int) -> float:
    work()
    started = time.perf_counter()
    for _ in range(count):
        work()
    return (time.perf_counter() - started) / count


def serve(orders: Connection, environment: dict[str, str]) -> None:
    """Do what is ordered, (recipe, method, count), and answer."""
    os.environ |= environment
    torch.set_num_threads(1)
    trainers: dict[str, Trainer] = {}
    while (order := orders.recv()) is not None:
        name, method, count = order
        if name not in trainers:
            trainers[name] = Trainer(name)
        orders.send(getattr(trainers[name], method)(count))


class Group:
    """So many processes that train together."""

    def __init__(self, size: int) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as server:
            port = server.getsockname()[1]
        context = multiprocessing.get_context("spawn")
        self._pipes, self._processes = [], []
        for rank in range(size):
            place = {"RANK": str(rank), "WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
            ours, theirs = context.Pipe()
            process = context.Process(target=serve, args=(theirs, place), daemon=True)
            process.start()
            theirs.close()  # so that a process that ended is an EOFError here, and not silence
            self._pipes.append(ours)
            self._processes.append(process)

    def do(self, name: str, method: str, count: int = 1) -> Any:
        """What each of them answers, once all have."""
        for pipe in self._pipes:
            pipe.send((name, method, count))
        return [pipe.recv() for pipe in self._pipes]

    def end(self) -> None:
        """Let them end."""
        for pipe, process in zip(self._pipes, self._processes, strict=True):
            pipe.send(None)
            process.join()


def measure(name: str, count: int, one: Group, two: Group) -> None:
    for group in (one, two):
        group.do(name, "steps", count)  # warms up
    rounds = []
    for i in range(ROUNDS):
        order = (one, two) if i % 2 else (two, one)
        answers = {group: group.do(name, "steps", count) for group in order}
        rounds.append([figure for group in (one, two) for figure in map(max, zip(*answers[group], strict=True))])
    alone, alone_used, shared, shared_used = (1e3 * statistics.median(column) for column in zip(*rounds, strict=True))
    critic, generator = one.do(name, "parameters")[0]
    print(f"{name}: critic {critic:,}, generator {generator:,} parameters; {two.do(name, 'sums')[0]} sums a step")
    print(f"  load {os.getloadavg()[0]:.1f}; medians of {ROUNDS} rounds, their extremes in brackets")
    print(f"  one process    {alone:8.2f} ms a step, of the processor {alone_used:8.2f} ms")
    print(f"  two processes  {shared:8.2f} ms a step, of the processor {shared_used:8.2f} ms in each")
    for what, first, second in (("", 0, 2), (", by processor time", 1, 3)):
        ratios = sorted(figures[first] / figures[second] for figures in rounds)
        print(f"  two are {statistics.median(ratios):.2f} times as fast ({ratios[0]:.2f} to {ratios[-1]:.2f}){what}")
    for what, method, times in (
        ("all gradients summed", "gradients", 20),
        ("the agreement", "agreement", 500),
        ("drawing, in each process", "drawing", 100),
    ):
        milliseconds = 1e3 * max(two.do(name, method, times))
        print(f"  {what:25} {milliseconds:7.3f} ms: {milliseconds / shared:6.2%} of a step of two")
    for group in (one, two):
        group.do(name, "leave")


def main() -> None:
    print(f"{os.cpu_count()} cores, load {', '.join(f'{load:.1f}' for load in os.getloadavg())} at the start")
    one, two = Group(1), Group(2)
    for name, count in RECIPES.items():
        measure(name, count, one, two)
    for group in (one, two):
        group.end()


if __name__ == "__main__":
    main()

"""Whole steps as one CUDA graph: recorded once, then replayed without launching anything from Python."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map_only

from wgan.training.engines.engine import Stepwise
from wgan.training.randomness import RecordingNoise
from wgan.training.state import TrainState
from wgan.training.steps import Step
from wgan.types import Terms

WARM_UP = 3
"""Steps before the recording: libraries choose their kernels and take their memory in the first ones."""


class Graphed:
    """Replays the steps of another engine, after copying what differs between steps to where the graph reads it.

    The optimisers have to be capturable. Batches, latents, noise and the learning rates may change; whatever else a
    schedule changes cannot be replayed.
    """

    def __init__(self, engine: Stepwise, noise: RecordingNoise) -> None:
        self.mode = replace(engine.mode, graphs=True)
        self.recorded, self._noise = engine, noise
        """The engine whose steps are recorded."""
        self._graph: torch.cuda.CUDAGraph | None = None
        self._given: Step
        self._terms = torch.empty(0)
        self._rates: dict[tuple[int, int], Tensor] = {}
        self._names: list[str] = []
        self._steps = self._loads = 0

    def __call__(self, state: TrainState, step: Step) -> Terms:
        """Do the first steps one by one, record the next, and replay it from then on."""
        given = step._replace(batches=[b._replace(noise=self._noise.draw(b.noise)) for b in step.batches])
        if state.loads != self._loads:  # a graph holds addresses, and the optimisers have other tensors now
            self._graph, self._steps, self._loads = None, 0, state.loads
        if self._steps < WARM_UP:
            self._steps += 1
            stream = torch.cuda.Stream()  # one of its own, as torch requires before a recording
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream), self._rates_on_device(state):
                terms = self.recorded(state, given)
            torch.cuda.current_stream().wait_stream(stream)
            return terms
        if self._graph is None:
            with self._rates_on_device(state):
                self._graph = self._record(state, given)
        for group, rate in self._rates.items():
            rate.fill_(_groups(state)[group]["lr"])
        for place, tensor in zip(_tensors(self._given), _tensors(given), strict=True):
            place.copy_(tensor, non_blocking=True)
        self._graph.replay()
        return dict(zip(self._names, self._terms.clone().unbind(), strict=True))  # the next replay overwrites them

    def _record(self, state: TrainState, step: Step) -> torch.cuda.CUDAGraph:
        """Recording changes nothing: the kernels run when the graph is replayed."""
        self._given = tree_map_only(Tensor, torch.clone, step)
        state.critic_optimizer.zero_grad()
        state.generator_optimizer.zero_grad()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):  # a thread may be reading ahead
            terms = self.recorded(state, self._given)
            self._names = list(terms)
            self._terms = torch.stack([term.float() for term in terms.values()])
        return graph

    @contextmanager
    def _rates_on_device(self, state: TrainState) -> Iterator[None]:
        """Within it, updates read the learning rates from the device, where a replay finds those of its own step."""
        groups = _groups(state)
        given = {place: group["lr"] for place, group in groups.items()}
        for place, group in groups.items():
            rate = self._rates.setdefault(place, torch.empty((), device=state.device))
            group["lr"] = rate.fill_(given[place])
        try:
            yield
        finally:
            for place, group in groups.items():
                group["lr"] = given[place]


def _groups(state: TrainState) -> dict[tuple[int, int], dict[str, Any]]:
    """The parameter groups of both optimisers, each by its place."""
    optimizers = (state.critic_optimizer, state.generator_optimizer)
    return {(i, j): group for i, optimizer in enumerate(optimizers) for j, group in enumerate(optimizer.param_groups)}


def _tensors(given: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(given) if isinstance(leaf, Tensor)]

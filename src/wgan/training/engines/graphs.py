"""Whole steps as one CUDA graph: recorded once, then replayed without launching anything from Python."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from wgan.training.engines.engine import Stepwise
from wgan.training.engines.noise import DrawnNoise, RecordingNoise
from wgan.training.state import TrainState
from wgan.training.steps import Batch, Game
from wgan.types import Latents, Terms

WARM_UP = 3
"""How many steps are done before the recording: libraries choose their kernels and take their memory in the first."""


class Graphed:
    """Replays what another engine does in a step. What differs between steps is copied to where the graph reads it.

    The optimisers have to be capturable, and nothing may change but the batches, the latents and the noise: a schedule
    that changes a rate or a penalty cannot be replayed.
    """

    def __init__(self, engine: Stepwise, noise: RecordingNoise) -> None:
        self.mode = replace(engine.mode, graphs=True)
        self.recorded, self._noise = engine, noise
        """The engine whose steps are recorded."""
        self._graph: torch.cuda.CUDAGraph | None = None
        self._batches: list[Batch] = []
        self._z = self._terms = torch.empty(0)
        self._names: list[str] = []
        self._steps = self._loads = 0

    def __call__(self, state: TrainState, game: Game, batches: Sequence[Batch], z: Latents) -> Terms:
        """See `Engine`. The first steps are done one by one, then one is recorded, and all later ones are replayed."""
        given = [batch._replace(noise=self._noise.draw(batch.noise)) for batch in batches]
        if state.loads != self._loads:  # a graph holds addresses, and the optimisers have other tensors now
            self._graph, self._steps, self._loads = None, 0, state.loads
        if self._steps < WARM_UP:
            self._steps += 1
            return self._warm_up(state, game, given, z)
        if self._graph is None:
            self._record(state, game, given, z)
        assert self._graph is not None
        for place, tensor in zip(_tensors(self._batches, self._z), _tensors(given, z), strict=True):
            place.copy_(tensor, non_blocking=True)
        self._graph.replay()
        return dict(zip(self._names, self._terms.clone().unbind(), strict=True))  # the next replay overwrites them

    def _warm_up(self, state: TrainState, game: Game, batches: Sequence[Batch], z: Latents) -> Terms:
        """A step on a stream of its own, as the recording will be: torch asks for that."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            terms = self.recorded(state, game, batches, z)
        torch.cuda.current_stream().wait_stream(stream)
        return terms

    def _record(self, state: TrainState, game: Game, batches: Sequence[Batch], z: Latents) -> None:
        """Recording changes nothing: the kernels run when the graph is replayed."""
        self._batches = [
            Batch(batch.real.clone(), batch.z.clone(), DrawnNoise(*(_copied(drawn) for drawn in _drawn(batch))))
            for batch in batches
        ]
        self._z = z.clone()
        state.critic_optimizer.zero_grad()
        state.generator_optimizer.zero_grad()
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):  # a thread may be reading ahead
            terms = self.recorded(state, game, self._batches, self._z)
            self._names = list(terms)
            self._terms = torch.stack([term.float() for term in terms.values()])


def _copied(drawn: Tensor | None) -> Tensor | None:
    return None if drawn is None else drawn.clone()


def _tensors(batches: Sequence[Batch], z: Latents) -> list[Tensor]:
    """Everything that a step is given."""
    given = [tensor for batch in batches for tensor in (batch.real, batch.z, *_drawn(batch))]
    return [tensor for tensor in (*given, z) if tensor is not None]


def _drawn(batch: Batch) -> DrawnNoise:
    assert isinstance(batch.noise, DrawnNoise)
    return batch.noise

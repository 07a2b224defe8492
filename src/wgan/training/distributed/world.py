"""The processes that torchrun starts to train one run together: each computes a share of every batch.

All hold the same weights. Their run is that of one process, up to the order in which sums are taken.
"""

import atexit
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed import TCPStore
from torch.distributed.rendezvous import rendezvous

from wgan.errors import InputError, TrainingError, in_short

START_SECONDS = 1800
"""How long processes wait for each other before the first step, while the first one packs the data."""


class World:
    """All processes, as one of them sees them. All of them must call the methods, in the same order."""

    def __init__(self, rank: int = 0, size: int = 1, *, batch_size: int = 1, seconds: int = 0) -> None:
        self.rank, self.size, self._seconds = rank, size, seconds
        few, more = divmod(batch_size, size)
        start = rank * few + min(rank, more)
        self.share = slice(start, start + few + (rank < more)) if size > 1 else slice(None)
        """The samples of a batch that are this process's; shares differ by one at most."""
        self.weight = (self.share.stop - start) / batch_size if size > 1 else 1.0
        """The size of that share, relative to the batch."""
        # A group of its own: waiting for a lost process ends sooner than waiting for one that is still packing.
        self.group = dist.new_group(timeout=timedelta(seconds=seconds)) if size > 1 else None
        self._reached: WeakKeyDictionary[nn.Module, list[bool]] = WeakKeyDictionary()

    @property
    def is_main(self) -> bool:
        """Whether this process writes."""
        return self.rank == 0

    def mean(self, values: Tensor) -> Tensor:
        """The mean over a batch, from the means over its shares."""
        return self.sum(values * self.weight) if self.size > 1 else values

    def sum(self, values: Tensor) -> Tensor:
        """The sum over all processes, of a tensor that has the same shape in each."""
        if self.size == 1:
            return values
        return self._all_reduce(values.clone(memory_format=torch.contiguous_format), dist.ReduceOp.SUM)

    def backward(self, loss: Tensor, network: nn.Module) -> None:
        """Compute the gradients of the mean loss over the batch; `loss` is the mean over this process's share.

        Gradients are summed after the whole backward pass, so it does not matter which parameters a penalty reaches. As
        in a single process, a parameter has no gradient if no process has one for it.

        Raises:
            TrainingError: a parameter has a gradient that had none in the first step.
        """
        parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        if self.size == 1:
            loss.backward(inputs=parameters)
            return
        # Weighted before: the gradient that passes through a synced BatchNorm is that of all losses.
        (loss * self.weight).backward(inputs=parameters)
        reached = self._reached.get(network)
        if reached is None:
            mask = self.sum(torch.tensor([float(parameter.grad is not None) for parameter in parameters]))
            reached = self._reached[network] = [count > 0 for count in mask.tolist()]
        gradients = []
        for parameter, there in zip(parameters, reached, strict=True):
            if parameter.grad is None and there:  # only other processes have one
                parameter.grad = torch.zeros_like(parameter)
            if parameter.grad is not None:
                gradients.append(parameter.grad)
        if len(gradients) > sum(reached):
            raise TrainingError(
                "A parameter has a gradient that had none in the first step. Networks that use other parameters in "
                "other steps can be trained by one process only."
            )
        flat = self.sum(torch.cat([gradient.reshape(-1) for gradient in gradients]))
        parts = flat.split([gradient.numel() for gradient in gradients])
        torch._foreach_copy_(gradients, [part.view_as(g) for part, g in zip(parts, gradients, strict=True)])

    def all_max(self, number: int) -> int:
        """The largest of the processes' numbers."""
        if self.size == 1:
            return number
        return int(self._all_reduce(torch.tensor(number), dist.ReduceOp.MAX))

    def require_same(self, text: str, what: str) -> None:
        """Check that all processes were given the same `what`.

        Raises:
            InputError: one was given something else than the first; raised in all of them.
        """
        if other := self.all_max(self.rank if self.broadcast(text) != text else 0):
            raise InputError(f"Process {other} of {self.size} was given other {what} than the first one.")

    def broadcast(self, value: Any) -> Any:
        """The first process's `value`: nested tensors and plain values, sent as data that cannot execute anything."""
        if self.size == 1:
            return value
        buffer = io.BytesIO()
        if self.is_main:
            torch.save(value, buffer)
        with self._reaching():
            length = self.sum(torch.tensor(buffer.tell()))
            content = torch.frombuffer(bytearray(buffer.getvalue().ljust(int(length), b"\0")), dtype=torch.uint8)
            dist.broadcast(content, src=0, group=self.group)
        return torch.load(io.BytesIO(content.numpy().tobytes()), map_location="cpu", weights_only=True)

    def barrier(self, *, patiently: bool = False) -> None:
        """Wait for all processes; `patiently`, for as long as they may take before the first step."""
        if patiently and self.size > 1:
            with self._reaching():
                dist.all_reduce(torch.zeros(1))
        self.all_max(0)

    def _all_reduce(self, values: Tensor, operation: Any) -> Tensor:
        with self._reaching():
            dist.all_reduce(values, operation, group=self.group)
        return values

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:  # torch raises nothing more specific
            raise TrainingError(
                f"Process {self.rank} of {self.size} no longer reaches the others: one ended, or did not answer within "
                f"{self._seconds} seconds (rank_timeout). Its own output says why. Repeat the command to continue from "
                "the last checkpoint; on one machine, torchrun --max-restarts=N repeats it for you."
            ) from error


ALONE = World()
"""The only process of a run."""


def is_follower() -> bool:
    """Whether this is not the first process of its run."""
    return _launched()[0] > 0


def launched_together() -> bool:
    """Whether torchrun has started this process as one of several."""
    return _launched()[1] > 1


def _launched() -> tuple[int, int]:
    """The rank of this process and their number, from the environment that torchrun sets; (0, 1) without it."""
    found = [os.environ.get(name, "") for name in ("RANK", "WORLD_SIZE", "MASTER_PORT")]
    return (int(found[0]), int(found[1])) if all(text.isdecimal() for text in found) else (0, 1)


def restarted() -> bool:
    """Whether torchrun has restarted these processes, with the same command."""
    return os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") != "0"


@contextmanager
def joined(device: torch.device, batch_size: int, seconds: int) -> Iterator[World]:
    """Join the other processes by torchrun's rendezvous; `ALONE` if there are none.

    Raises:
        InputError: there are more processes than samples in a batch.
        TrainingError: the processes do not find each other.
    """
    rank, size = _launched()
    if size == 1:
        yield ALONE
        return
    if size > batch_size:
        raise InputError(f"{size} processes cannot share {batch_size} samples: start fewer, or raise --batch-size.")
    if not dist.is_initialized():
        backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
        try:
            limit = timedelta(seconds=START_SECONDS)
            shared, *_ = next(rendezvous("env://", timeout=limit))
            store = _meeting_point(shared, rank, size)
            dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=limit)
        except (RuntimeError, ValueError) as error:
            raise TrainingError(
                f"Process {rank} of {size} does not find the others: {in_short(error)} "
                "Start them with torchrun; docs/scaling.md has the commands."
            ) from error
        atexit.register(_leave, shared)  # not earlier: processes that part cannot meet again, and one may train twice
    world = World(rank, size, batch_size=batch_size, seconds=seconds)
    try:
        yield world
    finally:
        dist.destroy_process_group(world.group)


def _meeting_point(shared: Any, rank: int, size: int) -> Any:
    """A store for this start alone, which ends with its first process.

    torchrun's own store outlives a restart and keeps the addresses of processes that are gone, which gloo would try or
    wait for (pytorch issue 135712). It passes on only one address, which can be tried again.
    """
    host, key = os.environ["MASTER_ADDR"], "wgan/meeting-point"
    if rank == 0:
        store = TCPStore(host, 0, size, is_master=True, wait_for_workers=False)
        shared.set(key, str(store.port))
        return store
    deadline = time.monotonic() + START_SECONDS
    while True:
        port = int(shared.get(key))
        try:
            return TCPStore(host, port, size, is_master=False, timeout=timedelta(seconds=2))
        except dist.DistError:  # of an earlier start, or not listening yet
            if time.monotonic() > deadline:
                raise


def _leave(shared: Any) -> None:
    """Leave the others; keeps the shared store alive until then, since this process may serve it."""
    if dist.is_initialized():
        dist.destroy_process_group()

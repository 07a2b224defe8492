"""The processes that train one run together, as torchrun starts them: each has a share of every batch.

All hold the same weights, and the run they make is that of one process, up to the order in which sums are taken.
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
"""How long processes wait for each other before the first step: data are packed until then."""


class World:
    """All processes, as one of them sees them. Every method is to be called by all of them, in the same order."""

    def __init__(self, rank: int = 0, size: int = 1, *, batch_size: int = 1, seconds: int = 0) -> None:
        self.rank, self.size, self._seconds = rank, size, seconds
        few, more = divmod(batch_size, size)
        start = rank * few + min(rank, more)
        self.share = slice(start, start + few + (rank < more)) if size > 1 else slice(None)
        """Which samples of a batch are this process's: all get as many, or one more."""
        self.weight = (self.share.stop - start) / batch_size if size > 1 else 1.0
        """Which share of a batch that is."""
        # Of its own, so that waiting for a lost process ends sooner than waiting for one that is still packing.
        self.group = dist.new_group(timeout=timedelta(seconds=seconds)) if size > 1 else None
        self._reached: WeakKeyDictionary[nn.Module, list[bool]] = WeakKeyDictionary()

    @property
    def is_main(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    # -- what is shared out --------------------------------------------------------------------------------------

    def mean(self, values: Tensor) -> Tensor:
        """What `values`, means over the shares of a batch, are over the whole of it."""
        return self.sum(values * self.weight) if self.size > 1 else values

    def sum(self, values: Tensor) -> Tensor:
        """The sum over all processes, of a tensor that has the same shape in each."""
        if self.size == 1:
            return values
        total = values.clone(memory_format=torch.contiguous_format)
        with self._reaching():
            dist.all_reduce(total, group=self.group)
        return total

    def backward(self, loss: Tensor, network: nn.Module) -> None:
        """Compute the gradients of the mean over the batch, of which `loss` is the mean over this process's share.

        They are summed after the whole backward pass, so that it does not matter which parameters a penalty reaches. A
        parameter that no process has a gradient for keeps having none, as in a single process.

        Raises:
            TrainingError: a parameter has a gradient that had none in the first step.
        """
        parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        if self.size == 1:
            loss.backward(inputs=parameters)
            return
        # Weighted here and not after: what passes through a synced BatchNorm is the gradient of everybody's loss.
        (loss * self.weight).backward(inputs=parameters)
        reached = self._reached.get(network)
        if reached is None:
            mask = self.sum(torch.tensor([float(parameter.grad is not None) for parameter in parameters]))
            reached = self._reached[network] = [count > 0 for count in mask.tolist()]
        gradients = [_gradient(parameter) for parameter, there in zip(parameters, reached, strict=True) if there]
        if any(p.grad is not None for p, there in zip(parameters, reached, strict=True) if not there):
            raise TrainingError(
                "A parameter has a gradient that had none in the first step. Networks that use other parameters in "
                "other steps can be trained by one process only."
            )
        flat = self.sum(torch.cat([gradient.reshape(-1) for gradient in gradients]))
        parts = flat.split([gradient.numel() for gradient in gradients])
        torch._foreach_copy_(gradients, [part.view_as(g) for part, g in zip(parts, gradients, strict=True)])

    # -- what is agreed upon -------------------------------------------------------------------------------------

    def all_max(self, number: int) -> int:
        """The largest of the processes' numbers."""
        if self.size == 1:
            return number
        largest = torch.tensor(number)
        with self._reaching():
            dist.all_reduce(largest, dist.ReduceOp.MAX, group=self.group)
        return int(largest)

    def require_same(self, text: str, what: str) -> None:
        """See to it that all processes were given the same.

        Raises:
            InputError: one was given something else than the first; in all of them.
        """
        if other := self.all_max(self.rank if self.broadcast(text) != text else 0):
            raise InputError(f"Process {other} of {self.size} has other {what} than the first one.")

    def broadcast(self, value: Any) -> Any:
        """The first process's `value`: nested tensors and plain values. Sent as data; nothing received can run."""
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
        """For all to come this far; `patiently`, for as long as they may take before the first step."""
        if patiently and self.size > 1:
            with self._reaching():
                dist.all_reduce(torch.zeros(1))
        self.all_max(0)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:  # torch has no better name for it
            raise TrainingError(
                f"Process {self.rank} of {self.size} no longer reaches the others: one ended, or did not answer within "
                f"{self._seconds} seconds (rank_timeout). What that one printed says why. The same command goes on "
                "from the last checkpoint; on one machine, torchrun --max-restarts=N gives it by itself."
            ) from error


ALONE = World()
"""The only process of a run."""


def _gradient(parameter: nn.Parameter) -> Tensor:
    """A parameter's gradient; zeros if only others have one."""
    if parameter.grad is None:
        parameter.grad = torch.zeros_like(parameter)
    return parameter.grad


def is_follower() -> bool:
    """Whether this is not the first process of its run."""
    return _launched()[0] > 0


def _launched() -> tuple[int, int]:
    """The rank of this process and how many there are, by the environment that torchrun makes; (0, 1) without it."""
    found = [os.environ.get(name, "") for name in ("RANK", "WORLD_SIZE", "MASTER_PORT")]
    return (int(found[0]), int(found[1])) if all(text.isdecimal() for text in found) else (0, 1)


def restarted() -> bool:
    """Whether torchrun has started these processes before, and gives the same command once more."""
    return os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") != "0"


@contextmanager
def joined(device: torch.device, batch_size: int, seconds: int) -> Iterator[World]:
    """Find the other processes, by torchrun's rendezvous; alone where it started none.

    Raises:
        InputError: they are more than the samples of a batch.
        TrainingError: one does not come.
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
        atexit.register(_leave, shared)  # not before: processes that part cannot meet again, and one may train twice
    world = World(rank, size, batch_size=batch_size, seconds=seconds)
    try:
        yield world
    finally:
        dist.destroy_process_group(world.group)


def _meeting_point(shared: Any, rank: int, size: int) -> Any:
    """A store of this start's own, which ends with its first process.

    torchrun's store outlives a restart, and with it the addresses of processes that are gone: gloo would try these, or
    wait for ever (pytorch issue 135712). It is used for one address alone, which can be tried again.
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
        except dist.DistError:  # that of an earlier start, or of one that is just beginning
            if time.monotonic() > deadline:
                raise


def _leave(shared: Any) -> None:
    """Part from the others; the shared store, which may be served by this process, is kept until then."""
    if dist.is_initialized():
        dist.destroy_process_group()

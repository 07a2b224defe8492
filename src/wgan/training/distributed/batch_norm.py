"""BatchNorm over the whole batch of a step, which several processes share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from wgan.training.distributed.world import World


class SyncedBatchNorm(nn.SyncBatchNorm):
    """torch's SyncBatchNorm, also for CPUs; an ordinary BatchNorm while `synced` is False.

    Then one process alone may call the network, to measure it for example.
    """

    synced = True

    def __init__(self, norm: _BatchNorm, world: World) -> None:
        """Replaces `norm`: the same parameters and buffers, in the same mode."""
        nn.Module.__init__(self)
        self.__dict__.update(norm.__dict__)
        self.process_group, self._world = world.group, world

    def forward(self, x: Tensor) -> Tensor:
        """Normalise this process's share, (B, C) or (B, C, ...), by the statistics of the whole batch."""
        if not self.synced or not (self.training or self.running_mean is None):
            return _BatchNorm.forward(self, x)
        if x.is_cuda:
            return super().forward(x)
        if x.dtype == torch.bfloat16:  # like torch's own, sums in fp32
            return self.forward(x.float()).bfloat16()
        axes = [axis for axis in range(x.ndim) if axis != 1]
        channels = [-1 if axis == 1 else 1 for axis in range(x.ndim)]
        count = x.new_tensor([x.numel() / x.shape[1]])
        total, count = self._summed(torch.cat([x.sum(axes), count])).tensor_split([-1])
        mean = total / count
        centred = x - mean.view(channels)
        variance = self._summed(centred.square().sum(axes)) / count
        if self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None:
            self.num_batches_tracked += 1
            memory = self.momentum if self.momentum is not None else 1 / float(self.num_batches_tracked)
            self.running_mean.lerp_(mean.detach(), memory)
            self.running_var.lerp_((variance * count / (count - 1)).detach(), memory)
        x = centred * (variance + self.eps).rsqrt().view(channels)
        return x if self.weight is None else x * self.weight.view(channels) + self.bias.view(channels)

    def _summed(self, values: Tensor) -> Tensor:
        total: Tensor = _Sum.apply(values, self._world)  # type: ignore[no-untyped-call]
        return total


class _Sum(torch.autograd.Function):
    """The sum over all processes. Its gradient is a sum too, since each process's loss depends on every share."""

    @staticmethod
    def forward(values: Tensor, world: World) -> Tensor:
        return world.sum(values)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, World], output: Tensor) -> None:
        ctx.world = inputs[1]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _Sum.apply(gradient, ctx.world), None  # type: ignore[no-untyped-call]


def sync_norms(network: nn.Module, world: World) -> None:
    """Replace each BatchNorm in `network` by one over the whole batch, with the same parameters and buffers."""
    if world.size == 1:
        return
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, _BatchNorm):
                setattr(module, name, SyncedBatchNorm(child, world))


@contextmanager
def unsynced(*networks: nn.Module) -> Iterator[None]:
    """Within it, one process may call the networks alone."""
    norms = [module for network in networks for module in network.modules() if isinstance(module, SyncedBatchNorm)]
    for norm in norms:
        norm.synced = False
    try:
        yield
    finally:
        for norm in norms:
            norm.synced = True

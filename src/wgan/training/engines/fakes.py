"""The fakes of all critic updates of a step by one call of the generator, whose weights do not change meanwhile."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from wgan.training.steps import Batch, Step
from wgan.types import Conditions, Latents, Samples

GROUPED = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
"""Layers whose statistics can be taken of each batch by itself; what is derived from them may do something else."""
BY_SAMPLE = ("wgan.networks.", *(f"torch.nn.modules.{name}." for name in (
    "activation", "container", "conv", "flatten", "instancenorm", "linear", "normalization", "padding", "pixelshuffle",
    "upsampling",
)))  # fmt: skip
"""Where the layers come from that treat every sample by itself, in training too."""
NOT_BY_SAMPLE = (nn.RReLU, nn.MultiheadAttention)
"""Those among them that draw random numbers, or may."""


class GroupedBatchNorm(nn.Module):
    """A BatchNorm layer that sees several batches, one after the other, in one tensor, and takes each by itself.

    Its running statistics end where they would end after so many calls: each call keeps 1 - momentum of what there was.
    """

    def __init__(self, norm: _BatchNorm, groups: int) -> None:
        super().__init__()
        self.norm, self.groups = norm, groups

    def forward(self, x: Tensor) -> Tensor:
        """(groups * B, C, ...) to the same."""
        norm = self.norm
        if not norm.training:
            result: Tensor = norm(x)
            return result
        batches = x.float().unflatten(0, (self.groups, -1))  # statistics in single precision, as torch has them
        axes = [1, *range(3, batches.ndim)]
        variance, mean = torch.var_mean(batches, axes, correction=0, keepdim=True)
        channels = 1, 1, -1, *[1] * (batches.ndim - 3)
        result = (batches - mean) * torch.rsqrt(variance + norm.eps)
        if norm.affine:
            result = result * norm.weight.view(channels) + norm.bias.view(channels)
        if norm.track_running_stats:
            count = x.numel() / (self.groups * x.shape[1])
            self._remember(mean.reshape(self.groups, -1), variance.reshape(self.groups, -1) * count / (count - 1))
        return result.flatten(0, 1).to(x.dtype)

    @torch.no_grad()
    def _remember(self, means: Tensor, variances: Tensor) -> None:
        norm = self.norm
        assert norm.momentum
        assert norm.num_batches_tracked is not None
        keeps, places = 1 - norm.momentum, torch.arange(self.groups - 1, -1, -1, device=means.device)
        shares = norm.momentum * keeps ** places.to(means.dtype)
        for held, new in ((norm.running_mean, means), (norm.running_var, variances)):
            assert held is not None
            held.copy_(keeps**self.groups * held + shares @ new)
        norm.num_batches_tracked.add_(self.groups)


def grouped(generator: nn.Module, groups: int) -> nn.Module:
    """A generator with the same weights and buffers, for latents of so many batches in one tensor.

    Raises:
        ValueError: it has a layer of which nobody knows that it treats every sample by itself.
    """
    for layer in generator.modules():
        if not (_can_be_grouped(layer) or _is_by_sample(layer)):
            raise ValueError(f"{type(layer).__name__} may treat the samples of a batch together")
    shared: dict[int, Any] = {id(tensor): tensor for tensor in (*generator.parameters(), *generator.buffers())}
    copied = deepcopy(generator, shared)
    copied.train(generator.training)
    for module in list(copied.modules()):
        for name, child in list(module.named_children()):
            if _can_be_grouped(child):
                setattr(module, name, GroupedBatchNorm(child, groups))
    return copied


def _can_be_grouped(layer: nn.Module) -> TypeGuard[_BatchNorm]:
    return type(layer) in GROUPED and bool(layer.momentum) and _is_plain(layer)  # without, it averages over all batches


def _is_by_sample(layer: nn.Module) -> bool:
    known = f"{type(layer).__module__}.".startswith(BY_SAMPLE) and not isinstance(layer, NOT_BY_SAMPLE)
    return known and not getattr(layer, "track_running_stats", False) and _is_plain(layer)


def _is_plain(layer: nn.Module) -> bool:
    """Whether a layer does what its class says, and nothing more."""
    return not ("forward" in vars(layer) or layer._forward_hooks or layer._forward_pre_hooks)


Make = Callable[[nn.Module, Latents, Conditions | None], Samples]
"""Makes the fakes of latents by a generator."""


class Maker:
    """Makes the fakes of all critic updates of a step: by one call if that is the same, else by one for each.

    Which it is follows from the generator's layers alone, not from what they do with the weights of the moment: a run
    that is resumed has to make its fakes in the same way, and a layer that mixes its batch may begin to do so late.
    """

    def __init__(self, generator: nn.Module, step: Step) -> None:
        """For steps like this one."""
        self._together: nn.Module | None = None
        if len(step.batches) > 1:
            with suppress(Exception):  # a network that cannot be copied, or has unknown layers
                self._together = grouped(generator, len(step.batches)).train(not step.game.evaluation_fakes)

    @property
    def together(self) -> bool:
        """Whether one call makes them all."""
        return self._together is not None

    def __call__(self, generator: nn.Module, batches: Sequence[Batch], make: Make) -> Iterator[Batch]:
        """The batches with their fakes; made when they are asked for, if each has a call of its own."""
        if self._together is None:
            return (batch._replace(fake=make(generator, batch.z, batch.condition)) for batch in batches)
        fakes = make(self._together, *_joined(batches)).chunk(len(batches))
        return (batch._replace(fake=fake) for batch, fake in zip(batches, fakes, strict=True))


def _joined(batches: Sequence[Batch]) -> tuple[Latents, Conditions | None]:
    conditions = [batch.condition for batch in batches if batch.condition is not None]
    return torch.cat([batch.z for batch in batches]), torch.cat(conditions) if conditions else None

"""Convolutions in groups, whose gradient can be differentiated in one piece."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function

META = "meta"
"""The device of tensors without values, for which autocast is not defined."""


class Grouped(Function):
    """A convolution in groups (stride 1) whose second derivative is two convolutions, however many groups there are.

    A penalty differentiates a critic's gradient. For torch's own convolution that takes one call for *each group*
    (torch 2.11 and 2.13, `_convolution_double_backward`): of R3GAN's critic at 64 pixels, whose 11 layers have 1,632
    groups, thousands of calls in a step, between which a GPU waits, and as many operations for a compiler to read.
    Here the gradient of the input is a transposed convolution, and torch knows the *first* derivative of that without
    a loop. The numbers are torch's but for the order of sums (tested, to 1e-12 in double precision). There is no
    forward mode.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, weight: Tensor, padding: tuple[int, ...], groups: int) -> Tensor:
        return _convolved(x, weight, padding, groups)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, weight, ctx.padding, ctx.groups = inputs
        ctx.save_for_backward(x, weight)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        (gradient,), (x, weight) = gradients, ctx.saved_tensors
        of_x, of_weight, *_ = ctx.needs_input_grad
        if not (torch.is_grad_enabled() and of_x):  # it is not differentiated again
            return *_backward(ctx, gradient, x, weight, (of_x, of_weight)), None, None
        into_x = _convolved(gradient, weight, ctx.padding, ctx.groups, transposed=True)
        into_weight = _backward(ctx, gradient, x, weight, (False, True))[1] if of_weight else None
        return into_x, into_weight, None, None


def _convolved(x: Tensor, weight: Tensor, padding: tuple[int, ...], groups: int, *, transposed: bool = False) -> Tensor:
    one = [1] * len(padding)
    return torch.convolution(x, weight, None, one, padding, one, transposed, [0] * len(padding), groups)


def _backward(
    ctx: Any, gradient: Tensor, x: Tensor, weight: Tensor, wanted: tuple[bool, bool]
) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of the input and of the weight, of those that are wanted."""
    one, none = [1] * len(ctx.padding), [0] * len(ctx.padding)
    into_x, into_weight, _ = torch.ops.aten.convolution_backward(
        gradient, x, weight, None, one, ctx.padding, one, False, none, ctx.groups, [*wanted, False]
    )
    return into_x, into_weight


def differentiable(x: Tensor, weight: Tensor, padding: tuple[int, ...], groups: int) -> Tensor:
    """`Grouped` as one call, which a compiler has to leave in its graph (`torch.compiler.allow_in_graph`).

    Else dynamo inlines the forward pass within `torch.func.grad` and drops the backward pass (torch 2.13).
    """
    convolved: Tensor = Grouped.apply(x, weight, padding, groups)  # type: ignore[no-untyped-call]
    return convolved


class InGroups(nn.modules.conv._ConvNd):
    """A convolution of torch's with stride 1 and without a bias, where its gradient may be differentiated."""

    def forward(self, x: Tensor) -> Tensor:
        if not torch.is_grad_enabled():
            convolved: Tensor = super().forward(x)
            return convolved
        weight = self.weight
        device = x.device.type
        if device != META and torch.is_autocast_enabled(device):  # its backward pass has none, and both must be alike
            narrow = torch.get_autocast_dtype(device)
            x, weight = x.to(narrow), weight.to(narrow)
        padding = self.padding
        assert isinstance(padding, tuple)
        return differentiable(x, weight, padding, self.groups)


class Grouped1d(InGroups, nn.Conv1d):
    """`nn.Conv1d` in groups."""


class Grouped2d(InGroups, nn.Conv2d):
    """`nn.Conv2d` in groups."""


class Grouped3d(InGroups, nn.Conv3d):
    """`nn.Conv3d` in groups."""

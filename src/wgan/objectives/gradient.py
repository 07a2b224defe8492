"""The gradient of a score with respect to its input, from which gradient penalties are made; and what stands for it."""

import torch
from torch import Tensor, nn
from torch.func import grad
from torch.linalg import vector_norm
from torch.nn.modules.batchnorm import _NormBase

from wgan.errors import InputError
from wgan.types import Critic, Samples, Scores, Uniforms


def input_gradient(critic: Critic, x: Samples) -> tuple[Samples, Scores]:
    """The gradient of each score with respect to its own input, and the scores.

    Differentiable again, so a loss of it trains the critic. Computed by `autograd.grad`, or within `torch.compile`,
    which cannot trace that with `create_graph=True`, by `torch.func.grad`. Both give the same bits (tested); the first
    takes 5% less of a step and does not import the compiler, which takes 1.3 s.

    Each gradient is that of *one* sample's score only if the critic does not mix samples (no BatchNorm).

    Raises:
        InputError: the critic changes its own buffers when called, which a differentiated function may not.
    """
    if torch.compiler.is_compiling():
        return grad(lambda x: _summed(critic, x), has_aux=True)(x)  # type: ignore[no-any-return]
    modules = critic.modules() if isinstance(critic, nn.Module) else ()
    if any(isinstance(m, _NormBase) and m.training and m.track_running_stats for m in modules):
        raise InputError(
            "The critic changes one of its buffers in its forward pass (BatchNorm with running statistics?), so "
            "its gradient penalty cannot be differentiated. A critic under a penalty may not mix samples either: use "
            "InstanceNorm, LayerNorm or no normalisation."
        )
    differentiable = torch.is_grad_enabled()
    with torch.enable_grad():
        x = x if x.requires_grad else x.detach().requires_grad_()
        total, scores = _summed(critic, x)
        if total.requires_grad:
            (gradient,) = torch.autograd.grad(total, x, create_graph=differentiable, materialize_grads=True)
        else:
            gradient = torch.zeros_like(x)
    return gradient, scores if differentiable else scores.detach()


def _summed(critic: Critic, x: Samples) -> tuple[Tensor, Scores]:
    scores = critic(x)
    return scores.sum(), scores


def gradient_norm(gradient: Samples) -> Uniforms:
    """The Euclidean norm of each sample's gradient over *all* of its axes, (B,)."""
    # vector_norm has derivative 0 at 0, and so does its second derivative: no epsilon is needed (tested).
    norm: Tensor = vector_norm(gradient.flatten(1), dim=1)
    return norm


def slopes(critic: Critic, x: Samples) -> Uniforms:
    """The norm of each score's gradient at its own sample, (B,)."""
    return gradient_norm(input_gradient(critic, x)[0])


def differences(critic: Critic, x: Samples, normal: Samples, sigma: float, scores: Scores | None = None) -> Uniforms:
    """How much each score changes `sigma` standard deviations along standard normal numbers, over `sigma`, (B,).

    |C(x + sigma normal) - C(x)| / sigma, without a derivative with respect to the input (Lin et al. 2025, section 3).
    To first order it is the slope along `normal`, so the mean of its *square* over `normal` is the squared norm of the
    gradient; exactly so for a linear critic. For C(x) = g.x + x.Hx / 2 at x = 0, with a symmetric H, the mean is |g|^2
    + sigma^2 / 4 (2 tr H^2 + (tr H)^2). `scores`, if given, are C(x). A critic that draws random numbers (dropout) adds
    their noise over `sigma`; so does rounding to bf16. A critic with kinks (ReLU) sets a lower end to `sigma` as well:
    a step rarely crosses one, and then the weights' gradient jumps by as much over `sigma`.
    """
    moved: Scores = critic(x + sigma * normal)
    return (moved - (critic(x) if scores is None else scores)).abs() / sigma

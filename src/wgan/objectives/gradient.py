"""The only gradient of a score with respect to its input: what every gradient penalty is made of."""

from torch import Tensor
from torch.func import grad
from torch.linalg import vector_norm

from wgan.errors import InputError
from wgan.types import Critic, Samples, Scores, Uniforms


def input_gradient(critic: Critic, x: Samples) -> tuple[Samples, Scores]:
    """The gradient of each score with respect to its own input, and the scores.

    Differentiable again, so a loss made of it trains the critic. Built on `torch.func`, which
    `torch.compile` can trace (it cannot trace `autograd.grad(create_graph=True)`).

    Each gradient is that of *one* sample's score only if the critic does not mix samples (no BatchNorm).

    Raises:
        InputError: the critic changes its own buffers when called, which a differentiated function may not.
    """

    def total(x: Tensor) -> tuple[Tensor, Tensor]:
        scores = critic(x)
        return scores.sum(), scores

    try:
        gradient, scores = grad(total, has_aux=True)(x)
    except RuntimeError as error:
        if "in-place" not in str(error):
            raise
        raise InputError(
            "The critic changes one of its buffers in its forward pass (BatchNorm with running statistics?), so "
            "its gradient penalty cannot be differentiated. A critic under a penalty may not mix samples either: use "
            "InstanceNorm, LayerNorm or no normalisation."
        ) from error
    return gradient, scores


def gradient_norm(gradient: Samples) -> Uniforms:
    """The Euclidean norm of each sample's gradient over *all* of its axes, (B,)."""
    # vector_norm has derivative 0 at 0, and so does its second derivative: no epsilon is needed (tested).
    norm: Tensor = vector_norm(gradient.flatten(1), dim=1)
    return norm


def slopes(critic: Critic, x: Samples) -> Uniforms:
    """The norm of each score's gradient at its own sample, (B,)."""
    gradient, _ = input_gradient(critic, x)
    return gradient_norm(gradient)

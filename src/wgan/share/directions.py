"""Directions in which a generator's latents change most of what it makes: principal components of its features."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from torch import Tensor, nn

from wgan.errors import InputError
from wgan.runs.asking import drawn
from wgan.runs.best import Step
from wgan.runs.generative import AT_ONCE, Generative
from wgan.types import Conditions, Latents
from wgan.types.bound import bound

MOST = 8
"""Directions that are kept."""
SAMPLES = 2048
WIDEST = 1 << 14
"""Numbers of a feature map that are looked at; larger ones are averaged over places first."""
DEPTH = 3
"""The features are those after this part of the layers: a third."""
PROBED = 3
"""Samples that show which layers there are."""
SEED = 0


class Directions(NamedTuple):
    """Directions of latents, the most important first."""

    vectors: Float[NDArray[np.float32], "K Z"]
    """Of length 1."""
    shares: tuple[float, ...]
    """Of the variance of the features, that of the component which each direction follows."""


@torch.no_grad()
def principal_directions(source: Generative, *, step: Step | None = None) -> Directions:
    """Directions by the principal components of the generator's features (Härkönen et al. 2020, section 2.2).

    As there for generators whose latents have no principal components themselves: components of a layer's features for
    many latents, then the latents' linear regression on the components. Deviations: the layer is a third of the way
    through, not the first, since the components of a linear layer are those of its weights; directions have length 1.
    There are none where all latents give the same features.

    Raises:
        InputError: the features are not finite.
    """
    generator, condition = source.generator(step), source.spec.condition
    z = source.latents(SAMPLES, SEED)
    asked = None if condition is None else condition.to_vectors(drawn(condition, SAMPLES))
    features = _features(generator, z, asked)
    if not np.isfinite(features).all():
        raise InputError(
            f"The generator of {source.path} makes numbers that are not finite: there is nothing to explore."
        )
    if not features.var(axis=0).any():  # it makes the same of all latents
        return Directions(np.empty((0, source.latent_size), np.float32), ())
    count = min(MOST, source.latent_size, features.shape[1])
    components = PCA(count, whiten=True, svd_solver="randomized", random_state=SEED)
    coordinates = components.fit_transform(features)
    # Whitened coordinates are orthonormal but for their number, so regression on them is a product.
    vectors = coordinates.T @ z.numpy() / SAMPLES
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    signs = np.sign(vectors[np.arange(count), np.abs(vectors).argmax(axis=1)])[:, None]
    found = np.divide(vectors * signs, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return Directions(found.astype(np.float32), tuple(map(float, components.explained_variance_ratio_)))


def _features(generator: nn.Module, z: Latents, asked: Conditions | None) -> NDArray[np.float32]:
    """What the layer a third of the way through makes of each latent, (n, features)."""
    called: list[nn.Module] = []

    def note(layer: nn.Module, _: object, made: object) -> None:
        if isinstance(made, Tensor) and made.dim() > 1 and len(made) == PROBED and layer not in called:
            called.append(layer)

    with _hooked(_leaves(generator), note):
        bound(generator, None if asked is None else asked[:PROBED])(z[:PROBED])
    layer = called[len(called) // DEPTH] if called else generator
    kept: list[Tensor] = []
    with _hooked([layer], lambda _, __, made: kept.append(_narrowed(made))):
        for start in range(0, len(z), AT_ONCE):
            part, before = slice(start, start + AT_ONCE), len(kept)
            bound(generator, None if asked is None else asked[part])(z[part])
            del kept[before + 1 :]  # of a layer that is called several times, the first
    return torch.cat(kept).numpy().astype(np.float32)


def _leaves(network: nn.Module) -> list[nn.Module]:
    return [module for module in network.modules() if not [*module.children()]]


@contextmanager
def _hooked(layers: Iterable[nn.Module], hook: Callable[[nn.Module, Any, Any], None]) -> Iterator[None]:
    """In this context the hook is called with each layer, its inputs and what it makes."""
    hooks = [layer.register_forward_hook(hook) for layer in layers]
    try:
        yield
    finally:
        for one in hooks:
            one.remove()


def _narrowed(features: Tensor) -> Tensor:
    """(B, features), averaged over neighbouring places until they are few enough."""
    flat = features.float().flatten(1)
    if flat.shape[1] <= WIDEST or features.dim() < 3:
        return flat[:, :WIDEST]
    channels = features.shape[1]
    return nn.functional.adaptive_avg_pool1d(features.float().flatten(2), max(1, WIDEST // channels)).flatten(1)

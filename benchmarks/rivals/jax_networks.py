"""The tutorials' networks in JAX: MLPs, and DCGAN with InstanceNorm in the critic. From `jax_step.py`.

Layers are dictionaries of arrays; a generator returns what its BatchNorms saw, for their running statistics.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

EPSILON, MOMENTUM = 1e-5, 0.1
"""Of normalisations, as in torch."""

Layers = list[dict[str, Any]]


class Networks(NamedTuple):
    """Two networks: from parameters in torch's order to layers, and from layers to samples and scores."""

    generator_layers: Callable[[list[Any]], Layers]
    critic_layers: Callable[[list[Any]], Layers]
    generate: Callable[[Layers, list[Any], Any], tuple[Any, list[Any]]]
    score: Callable[[Layers, Any], Any]


def networks(facts: dict[str, Any]) -> Networks:
    """The networks of a recipe."""
    return _mlp(facts) if facts["kind"] == "mlp" else _dcgan()


def _leaky(x: Any, leak: float) -> Any:
    import jax.numpy as jnp

    return jnp.where(x > 0, x, leak * x)


def _normalised(x: Any, layer: dict[str, Any], axes: Any, channels: Any) -> tuple[Any, Any, Any]:
    """Normalise over these axes, with a scale and shift of this shape; also returns mean and variance."""
    import jax

    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    scale, shift = layer["scale"].reshape(channels), layer["shift"].reshape(channels)
    return (x - mean) * jax.lax.rsqrt(variance + EPSILON) * scale + shift, mean, variance


def _batch_normalised(x: Any, layer: dict[str, Any], running: Any, axes: tuple[int, ...]) -> tuple[Any, Any]:
    """Normalise over the batch; also returns the new running statistics, with the unbiased variance."""
    import jax

    channels = (1, -1, *[1] * (x.ndim - 2))
    x, mean, variance = _normalised(x, layer, axes, channels)
    count = x.size // x.shape[1]
    now = {"mean": mean.reshape(-1), "variance": variance.reshape(-1) * (count / (count - 1))}
    return x, jax.tree.map(lambda old, new: old + MOMENTUM * (new - old), running, now)


def _mlp(facts: dict[str, Any]) -> Networks:
    import jax.numpy as jnp

    leak = facts["leak"]

    def layers(arrays: list[Any], normalised: int) -> Layers:
        found: Layers = []
        while arrays:
            layer = {"w": arrays.pop(0).T.copy(), "b": arrays.pop(0)}
            if 0 < len(found) < normalised:
                layer |= {"scale": arrays.pop(0), "shift": arrays.pop(0)}
            found.append(layer)
        return found

    def generate(generator: Layers, running: list[Any], z: Any) -> tuple[Any, list[Any]]:
        x, seen = z, []
        for i, layer in enumerate(generator[:-1]):
            x = x @ layer["w"] + layer["b"]
            if "scale" in layer:
                x, now = _batch_normalised(x, layer, running[i - 1], (0,))
                seen.append(now)
            x = _leaky(x, leak)
        return jnp.tanh(x @ generator[-1]["w"] + generator[-1]["b"]), seen

    def score(critic: Layers, x: Any) -> Any:
        x = x.reshape(len(x), -1)
        for layer in critic[:-1]:
            x = _leaky(x @ layer["w"] + layer["b"], leak)
        return (x @ critic[-1]["w"] + critic[-1]["b"])[:, 0]

    hidden = len(facts["generator_widths"])
    return Networks(lambda arrays: layers(arrays, hidden), lambda arrays: layers(arrays, 0), generate, score)


def _dcgan() -> Networks:
    """Kernels of 4: the generator's first makes 4x4 from one pixel, all others halve or double."""
    import jax
    import jax.numpy as jnp

    planes = ("NCHW", "OIHW", "NCHW")

    def convolved(x: Any, w: Any, stride: int, padding: int) -> Any:
        return jax.lax.conv_general_dilated(x, w, (stride,) * 2, [(padding,) * 2] * 2, dimension_numbers=planes)

    def transposed(x: Any, w: Any, stride: int, padding: int) -> Any:
        """Transposed, with torch's (in, out, 4, 4): a convolution of the dilated input with the flipped kernel."""
        turned, around = w.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1], [(3 - padding,) * 2] * 2
        return jax.lax.conv_general_dilated(
            x, turned, (1, 1), around, lhs_dilation=(stride,) * 2, dimension_numbers=planes
        )

    def layers(arrays: list[Any]) -> Layers:
        """Group parameters: after a kernel, one vector is its bias, two are a normalisation's scale and shift."""
        found: Layers = []
        while arrays:
            layer, vectors = {"w": arrays.pop(0)}, []
            while arrays and arrays[0].ndim == 1:
                vectors.append(arrays.pop(0))
            found.append(layer | dict(zip(("scale", "shift") if len(vectors) == 2 else ("b",), vectors, strict=True)))
        return found

    def generate(generator: Layers, running: list[Any], z: Any) -> tuple[Any, list[Any]]:
        x, seen = z[:, :, None, None], []
        for i, layer in enumerate(generator[:-1]):
            x = transposed(x, layer["w"], 1 if i == 0 else 2, 0 if i == 0 else 1)
            x, now = _batch_normalised(x, layer, running[i], (0, 2, 3))
            seen.append(now)
            x = jnp.maximum(x, 0)
        return jnp.tanh(transposed(x, generator[-1]["w"], 2, 1) + generator[-1]["b"][:, None, None]), seen

    def score(critic: Layers, x: Any) -> Any:
        for layer in critic[:-1]:
            x = convolved(x, layer["w"], 2, 1)
            if "scale" in layer:
                x, _, _ = _normalised(x, layer, (2, 3), (-1, 1, 1))
            else:
                x = x + layer["b"][:, None, None]
            x = _leaky(x, 0.2)
        return convolved(x, critic[-1]["w"], 1, 0)[:, 0, 0, 0] + critic[-1]["b"]

    return Networks(layers, layers, generate, score)

"""The random numbers of a step as tensors, which is how they enter a compiled graph or a recorded one."""

from typing import NamedTuple

from wgan.types import Noise, Samples, Uniforms


class DrawnNoise(NamedTuple):
    """The `Noise` of a step whose numbers are drawn already: what enters a graph has to be tensors."""

    uniforms: Uniforms | None
    normals: Samples | None

    def uniform(self) -> Uniforms:
        assert self.uniforms is not None
        return self.uniforms

    def normal(self) -> Samples:
        assert self.normals is not None
        return self.normals


class RecordingNoise:
    """A `Noise` that passes on another's, and notes what an objective asks it for."""

    def __init__(self, noise: Noise) -> None:
        self._noise, self.uniforms, self.normals = noise, False, False

    def uniform(self) -> Uniforms:
        self.uniforms = True
        return self._noise.uniform()

    def normal(self) -> Samples:
        self.normals = True
        return self._noise.normal()

    def draw(self, noise: Noise) -> DrawnNoise:
        """As much of other noise as was asked for of this one."""
        return DrawnNoise(noise.uniform() if self.uniforms else None, noise.normal() if self.normals else None)

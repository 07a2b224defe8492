"""The Fréchet distance between Gaussians fitted to features."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from wgan.metrics.metric import Better
from wgan.metrics.summaries import Moments


@dataclass(frozen=True)
class Frechet:
    """Heusel et al. 2017, eq. 6: the squared 2-Wasserstein distance between Gaussians with the features' moments.

    On Inception's features it is the FID. It grows as the samples become fewer (Chong and Forsyth 2020), so two values
    compare only if their counts are the same, as value and floor here are.
    """

    extractor: str
    summary: ClassVar[type[Moments]] = Moments
    limit: ClassVar[None] = None
    better: ClassVar[Better] = "lower"
    bounds: ClassVar[tuple[float, float]] = (0.0, math.inf)
    fewest: ClassVar[int] = 2

    def compare(self, real: Moments, fake: Moments) -> float:
        """Zero where both moments agree."""
        return frechet_distance(real.mean, real.covariance, fake.mean, fake.covariance)


def frechet_distance(
    mean_a: NDArray[np.float64], cov_a: NDArray[np.float64], mean_b: NDArray[np.float64], cov_b: NDArray[np.float64]
) -> float:
    """|a - b|² + tr(A + B - 2 (A^½ B A^½)^½) (Dowson and Landau 1982).

    By the eigenvalues of symmetric matrices, which a singular covariance (fewer samples than features) does not upset;
    a general matrix root of A B, as in the usual implementations, is then no longer real.
    """
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ cov_b @ root).clip(0)).sum()
    distance = np.square(mean_a - mean_b).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * cross
    return max(float(distance), 0.0)  # rounding leaves equal moments a hair to either side

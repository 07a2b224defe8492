"""The Fréchet distance between Gaussians fitted to features."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wgan.metrics.metric import Metric
from wgan.metrics.summaries import Moments


@dataclass(frozen=True)
class Frechet(Metric[Moments]):
    """Heusel et al. 2017, eq. 6: the squared 2-Wasserstein distance between Gaussians with the features' moments.

    On Inception's features it is the FID. It is larger for fewer samples (Chong and Forsyth 2020): only values of equal
    counts can be compared, as a value and its floor here.
    """

    extractor: str
    summary = Moments
    fewest = 2

    def compare(self, real: Moments, fake: Moments) -> float:
        return frechet_distance(real.mean, real.covariance, fake.mean, fake.covariance)


def frechet_distance(
    mean_a: NDArray[np.float64], cov_a: NDArray[np.float64], mean_b: NDArray[np.float64], cov_b: NDArray[np.float64]
) -> float:
    """|a - b|² + tr(A + B - 2 (A^½ B A^½)^½) (Dowson and Landau 1982).

    Computed from eigenvalues of symmetric matrices, which works for singular covariances (fewer samples than features);
    the usual general matrix root of A B is then no longer real.
    """
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ cov_b @ root).clip(0)).sum()
    distance = np.square(mean_a - mean_b).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * cross
    return max(float(distance), 0.0)  # equal moments can come out slightly negative

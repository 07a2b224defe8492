"""Data with labels for the zoo: bundled digits and MNIST, with labels that are right, exchanged, or owed to copies."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch.utils.data import TensorDataset

from wgan.data import no_progress, open_pack, open_source
from zoo.data import SHARED

Pair = tuple[np.ndarray, np.ndarray]


def _digits() -> Pair:
    """(1797, 8, 8) in 0..255, and their classes."""
    found = load_digits()
    return (found.images * 255 / 16).round().astype(np.uint8), found.target


def _mnist() -> Pair:
    """Ten thousand of MNIST, (10000, 28, 28), and their classes; none where it is not beside the checkout."""
    pack = open_pack(open_source(SHARED / "mnist"), None, None, no_progress)
    assert pack.labels is not None
    return np.array(pack.samples[:10_000])[:, 0], pack.labels[:10_000]


SETS = {"digits": _digits, "mnist": _mnist}


def _set(pictures: np.ndarray, labels: np.ndarray) -> TensorDataset:
    return TensorDataset(torch.from_numpy(pictures), torch.from_numpy(labels.astype(np.int64)))


def labelled(name: str) -> TensorDataset:
    """Pictures with their classes."""
    return _set(*SETS[name]())


def exchanged(name: str) -> TensorDataset:
    """Pictures with the classes of other pictures."""
    pictures, labels = SETS[name]()
    return _set(pictures, np.random.default_rng(0).permutation(labels))


def few_of(name: str, count: int, classes: tuple[int, ...]) -> TensorDataset:
    """So few pictures of these classes, and all of others."""
    pictures, labels = SETS[name]()
    kept = [np.flatnonzero(labels == label)[: count if label in classes else None] for label in range(10)]
    places = np.sort(np.concatenate(kept))
    return _set(pictures[places], labels[places])


def copied(name: str, count: int, times: int) -> TensorDataset:
    """A few pictures, each several times with a little noise, and of a class that was drawn by lot for each."""
    random = np.random.default_rng(0)
    pictures, _ = SETS[name]()
    places = np.repeat(random.permutation(len(pictures))[:count], times)
    lots = np.repeat(random.integers(0, 4, count), times)
    noise = random.integers(-3, 4, (len(places), *pictures.shape[1:]))
    return _set((pictures[places] + noise).clip(0, 255).astype(np.uint8), lots)

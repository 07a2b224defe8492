"""The changes of DiffAugment and ADA, written a second time, one sample after the other."""

import math

import numpy as np


def drawn(random, size, count, probability, translation=0.125, cutout=0.5):
    """For each sample what is changed and by how much: a dict of those changes that are made."""
    sides, found = len(size), []
    uniform = random.random((count, 8 + 2 * sides), np.float32).astype(np.float64)
    for row in uniform:
        made, values = row[:5] < probability, row[5:]
        changes = {}
        for i, (name, low) in enumerate([("brightness", -0.5), ("saturation", 0.0), ("contrast", 0.5)]):
            if made[i]:
                changes[name] = low + values[i] * (2 if name == "saturation" else 1)
        if made[3]:
            most = [math.floor(side * translation + 0.5) for side in size]
            changes["shift"] = [
                math.floor(v * (2 * m + 1)) - m for v, m in zip(values[3 : 3 + sides], most, strict=True)
            ]
        if made[4]:
            windows = [math.floor(side * cutout + 0.5) for side in size]
            changes["window"] = [
                (math.floor(v * (side + 1 - w % 2)) - w // 2, w)
                for v, side, w in zip(values[3 + sides :], size, windows, strict=True)
            ]
        found.append(changes)
    return found


def changed(sample, changes):
    """One sample (C, *size) as NumPy array, after these changes."""
    x = sample.astype(np.float64)
    if x.ndim == 3:
        x = x + changes.get("brightness", 0.0)
        grey = x.mean(0, keepdims=True)
        x = (x - grey) * changes.get("saturation", 1.0) + grey
        x = (x - x.mean()) * changes.get("contrast", 1.0) + x.mean()
    moved = np.zeros_like(x)
    shift = changes.get("shift", [0] * (x.ndim - 1))
    for place in np.ndindex(x.shape[1:]):
        source = tuple(at - by for at, by in zip(place, shift, strict=True))
        if all(0 <= at < side for at, side in zip(source, x.shape[1:], strict=True)):
            moved[:, *place] = x[:, *source]
    if x.ndim == 3 and "window" in changes:
        (top, height), (left, width) = changes["window"]
        moved[:, max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = 0
    return moved

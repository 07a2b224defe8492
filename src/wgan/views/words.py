"""What samples are called where people read of them."""

from wgan.language import say
from wgan.types import SampleSpec


def form(spec: SampleSpec) -> str:
    """Samples in words, as `str(spec)` has them in messages; in Chinese with the word that counts them."""
    channels, size = spec.shape[0], "x".join(map(str, spec.shape[1:]))
    if spec.kind == "points":
        return say("points in {dimensions} dimensions", dimensions=channels)
    if spec.kind == "signal":
        if channels == 1:
            return say("signals of {size} values", size=size)
        return say("{channels}-channel signals of {size} values", channels=channels, size=size)
    if spec.kind == "volume":
        if channels == 1:
            return say("{size} volumes", size=size)
        return say("{size} {channels}-channel volumes", size=size, channels=channels)
    if channels == 1:
        return say("{size} grey pictures", size=size)
    if channels == 3:
        return say("{size} RGB pictures", size=size)
    if spec.has_opacity:
        return say("{size} RGBA pictures", size=size)
    return say("{size} {channels}-channel pictures", size=size, channels=channels)

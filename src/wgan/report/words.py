"""What samples and facts of a run are called on the page."""

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


def fact_word(name: str) -> str:
    """A field of a run's provenance. Programs are called the same everywhere."""
    words = {
        "machine": say("machine"),
        "device": say("device"),
        "started": say("started"),
        "data_name": say("data name"),
        "data_shape": say("data shape"),
        "data_count": say("data count"),
        "data_digest": say("data digest"),
        "train_count": say("train count"),
        "generator_parameters": say("generator parameters"),
        "critic_parameters": say("critic parameters"),
        "processes": say("processes"),
    }
    return words.get(name, name.replace("_", " "))

"""What facts of a run are called on the page."""

from wgan.language import say


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

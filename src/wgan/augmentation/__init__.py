"""Augmentation of what the critic sees, one method per file: good pictures from few.

A critic that sees the same few samples for long learns them by heart, and then tells the generator nothing. So samples
are changed at random, real and fake ones alike, before the critic sees them. The generator does not learn the changes
as long as different distributions stay different under them.

To add one: copy the smallest file here (`none.py`), add a line to the table below and the name to `cli/options.py`, run
`make test`.
"""

from wgan.augmentation.ada import ADA
from wgan.augmentation.diffaugment import DiffAugment
from wgan.augmentation.none import NoAugmentation
from wgan.types import Augmentation

AUGMENTATIONS: dict[str, type[Augmentation]] = {"none": NoAugmentation, "diffaugment": DiffAugment, "ada": ADA}


def augmentation_name(augmentation: Augmentation) -> str:
    """The name in the table of an augmentation's class."""
    return next(name for name, kind in AUGMENTATIONS.items() if type(augmentation) is kind)

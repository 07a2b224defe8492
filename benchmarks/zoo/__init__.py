"""The failure zoo: runs broken on purpose, one cause each, and healthy ones, all made by `wgan.train`.

To add one: a `Specimen` in `broken.py` or `healthy.py`, with the code of the finding that should name it.
"""

from zoo.broken import BROKEN
from zoo.healthy import HEALTHY
from zoo.specimen import SEEDS, Case, Half, Setting, Specimen, cases

ZOO = (*BROKEN, *HEALTHY)

__all__ = ["BROKEN", "HEALTHY", "SEEDS", "ZOO", "Case", "Half", "Setting", "Specimen", "cases"]

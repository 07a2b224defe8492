"""The failure zoo: runs broken on purpose, one cause each, and healthy ones, all made by `wgan.train`.

To add one: a `Specimen` in `mistaken.py`, `missettings.py`, `conditional.py` or `healthy.py`, with the code of
the finding that should name it.
"""

from zoo.conditional import ANSWERING, MISHEARD
from zoo.healthy import HEALTHY as UNASKED
from zoo.missettings import MISSET
from zoo.mistaken import MISTAKEN
from zoo.specimen import SEEDS, Case, Half, Setting, Specimen, cases

BROKEN = (*MISTAKEN, *MISSET, *MISHEARD)
HEALTHY = (*UNASKED, *ANSWERING)
ZOO = (*BROKEN, *HEALTHY)

__all__ = ["BROKEN", "HEALTHY", "SEEDS", "ZOO", "Case", "Half", "Setting", "Specimen", "cases"]

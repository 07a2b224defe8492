"""The parts of the exam: data sets, defects, harmless variations, and what is asked, answered and marked.

To add a defect: a `Defect` in `misset.py`, `miswritten.py` or `misfed.py`, with the codes that would state its cause.
Nobody who adds one looks at the rules first.
"""

from exam_parts.data import DATA
from exam_parts.harmless import HARMLESS
from exam_parts.misfed import MISFED
from exam_parts.misset import MISSET
from exam_parts.miswritten import MISWRITTEN

DEFECTS = (*MISSET, *MISWRITTEN, *MISFED)

__all__ = ["DATA", "DEFECTS", "HARMLESS"]

"""What is in a source, as plain values."""

from typing import Any

import numpy as np

from wgan.data.pack import Pack
from wgan.data.source import Source, plain
from wgan.types import Progress


def data_facts(source: Source, pack: Pack, holdout: float, progress: Progress = plain) -> dict[str, Any]:
    """What a source holds, and what became of it in its pack."""
    survey = source.survey(progress)
    train, held_out = pack.split(holdout)
    return {
        "name": source.name,
        "count": survey.count,
        "sizes": {f"{h}x{w}": count for (h, w), count in survey.sizes.most_common()},
        "modes": dict(survey.modes.most_common()),
        "labels": dict(sorted(survey.labels.items())),
        "skipped": [entry._asdict() for entry in pack.contents.skipped],
        "packed": {"shape": list(pack.shape), "count": len(pack), "folder": str(pack.path)},
        "duplicates": len(pack) - len(np.unique(pack.hashes)),
        "split": {"train": len(train), "held_out": len(held_out)},
    }

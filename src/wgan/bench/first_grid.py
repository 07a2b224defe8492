"""How long a person waits for the first picture: `wgan train`, started anew, until its first grid is there."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wgan.bench.case import Case
from wgan.bench.measure import fresh_environment
from wgan.errors import TrainingError

LOOK_SECONDS = 0.005
GRID = "samples/000000000.png"


def first_grid(folder: Path, case: Case, settings: Mapping[str, Any]) -> float:
    """The seconds from the command to the grid before the first step; packing the case's samples included.

    Raises:
        TrainingError: it ended without a grid.
    """
    run = folder / "run"
    train = [sys.executable, "-m", "wgan", "train", str(case.samples_file), "--recipe", case.config.recipe]
    given = [f"--set={key}={json.dumps(value)}" for key, value in settings.items()]
    command = [*train, "--out", str(run), *given]
    with (folder / "train.log").open("w+") as said:
        start = time.perf_counter()
        with subprocess.Popen(command, stdout=said, stderr=said, env=fresh_environment(folder)) as process:
            try:
                while not (run / GRID).exists():
                    if process.poll() is not None:
                        said.seek(0)
                        lines = said.read().strip().splitlines() or ["It said nothing."]
                        raise TrainingError(f"wgan train ended before its first grid. {lines[-1]}")
                    time.sleep(LOOK_SECONDS)
                return time.perf_counter() - start
            finally:
                process.kill()

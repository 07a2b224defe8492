"""How long a person waits for the first picture: `wgan train`, started anew, until its first grid is there."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wgan.bench.case import samples_file
from wgan.bench.measure import fresh_environment, last_words
from wgan.errors import TrainingError

LOOK_SECONDS = 0.005
GRID = "samples/000000000.png"


def first_grid(folder: Path, recipe: str, settings: Mapping[str, Any]) -> float:
    """The seconds from the command to the grid before the first step, of the case in `folder`.

    Packing its samples, and choosing an engine, are among them.

    Raises:
        TrainingError: it ended without a grid.
    """
    run, said = folder / "run", folder / "train.log"
    train = [sys.executable, "-m", "wgan", "train", str(samples_file(folder)), "--recipe", recipe]
    given = [f"--set={key}={json.dumps(value)}" for key, value in settings.items()]
    command = [*train, "--out", str(run), *given]
    environment = fresh_environment(folder)
    with said.open("w") as output:
        start = time.perf_counter()
        with subprocess.Popen(command, stdout=output, stderr=output, env=environment) as process:
            try:
                while True:
                    ended = process.poll() is not None
                    if (run / GRID).exists():
                        return time.perf_counter() - start
                    if ended:
                        raise TrainingError(f"wgan train ended before its first grid. {last_words(said)}")
                    time.sleep(LOOK_SECONDS)
            finally:
                process.kill()

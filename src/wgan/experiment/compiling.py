"""The process that compiles the steps of a run while the run trains: reads its directory, and writes nothing there."""

import json
import os
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import torch

from wgan.data import find_pack
from wgan.errors import in_short
from wgan.experiment.build import Loop, batches, build_state
from wgan.experiment.engine_trials import EngineTrials
from wgan.experiment.parts import Parts
from wgan.experiment.preflight import game_of
from wgan.runs import Run
from wgan.system.processes import begin
from wgan.training import Mode, Unusable, seconds_by_turns

NICE = 5
"""Added to the process's niceness, so that the run's own steps go first."""
ROUNDS = 5


def compiled(run: Run, mode: Mode) -> dict[str, Any]:
    """Build the compiled engine of a run, which fills torch's cache, and time its steps against plain ones by turns.

    Processor time counts: both are timed while the run trains. The state is that of the run's first step.

    Raises:
        Unusable: the engine does not pass its self-test, or the data are no longer in the cache.
    """
    config, spec = run.config, run.spec
    pack = find_pack(run.provenance.data_digest, spec.condition)
    if pack is None:
        raise Unusable("the data are no longer in the cache")
    if config.threads is not None:  # compiled code is for a number of threads
        torch.set_num_threads(config.threads)
    device = torch.device("cpu")
    state = build_state(config, spec, Parts(), device)
    real = batches(config, pack.seen_as(spec), device)
    game = game_of(config.objective, config, run.wiring)
    loop = Loop(state, game, config, real, conditions=real.conditions)
    trials = EngineTrials(loop)
    engines = trials.build(Mode(mode.precision)), trials.build(mode)
    plain, fused = seconds_by_turns(engines, state, loop.step(0), rounds=ROUNDS, clock=time.process_time)
    from torch._inductor.runtime.cache_dir_utils import cache_dir  # loaded by compiling

    return {"plain": plain, "compiled": fused, "cache": cache_dir()}


def main() -> None:
    """Do what the command line asks for, and print a `Report` as a line of JSON."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    warnings.simplefilter("ignore")
    asked = json.loads(sys.argv[1])
    begin(asked["parent"])
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # so that temporary folders are removed
    if hasattr(os, "nice"):
        os.nice(NICE)
    try:
        found = compiled(Run(Path(asked["run"])), Mode(asked["precision"], compiled=True))
    except Unusable as unusable:
        found = {"why": str(unusable)}
    except Exception as error:  # of whatever kind: the run goes on without
        found = {"why": f"{type(error).__name__}: {in_short(error)}"}
    answer.write(json.dumps(found) + "\n")
    answer.flush()

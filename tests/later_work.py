"""Runs that change to compiled steps, with a real compiler, in the folder that is given; prints what was found as JSON.

For `experiment/test_later.py`, in a process of its own: the type checks that the suite adds to every function cannot be
compiled.
"""

import json
import os
import sys
from pathlib import Path

from helpers import small_experiment, small_run
from wgan.experiment import engine_choice, later
from wgan.experiment.compiled_before import was_compiled
from wgan.experiment.engine_trials import EngineTrials
from wgan.training import Mode

AT = 4
SETTINGS = {"threads": 1, "precision": "fp32"}
MODE = Mode(compiled=True)


def worth_it():
    """Let the shortest run be worth compiling, whatever it gains."""
    engine_choice.FEWEST_STEPS, engine_choice.WORTH_TRYING = 1, 0.0
    engine_choice.WORTH_BUILDING = engine_choice.WORTH_COMPILING = 0.0
    engine_choice.GAINS["compile"], later.WORTH_CHANGING = 0.0, float("-inf")


def trained(running, wait):
    """Train to the end; after step `AT`, wait until the process that compiles has ended."""
    told = []
    for event in running.events():
        told += running.news()
        if event.step == AT - 1 and wait:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    return [*told, *running.news()]


def left_behind(place):
    """Whether a process runs on after a run that compiles was stopped early."""
    with small_experiment(place, **SETTINGS) as running:
        events = running.events()
        next(events)
        assert os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None, "there is one, at work"
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def main(place):
    worth_it()
    left = left_behind(place / "stopped")
    with small_experiment(place / "by-itself", **SETTINGS) as running:
        loop = running.loop(running.world)
        before = was_compiled(loop, MODE)
        assert EngineTrials(loop).compiles_later
        told = trained(running, wait=True)
        run = running.run
    from torch._dynamo.utils import counters

    found = dict(counters["inductor"])
    config = run.config
    small_run(place / "told", compile="on", compile_from=AT, **SETTINGS)
    small_run(place / "killed", stop=AT + 3, compile="on", compile_from=AT, **SETTINGS)
    small_run(place / "killed")
    small_run(place / "plain", compile="off", **SETTINGS)
    return {
        "settings": [config.compile, config.compile_from],
        "told": told,
        "left_behind": left,
        "cache_hits": found.get("fxgraph_cache_hit", 0),
        "cache_misses": found.get("fxgraph_cache_miss", 0),
        "runs": ["by-itself", "told", "killed", "plain"],
        "was_compiled": [before, was_compiled(loop, MODE)],
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))

"""Runs that are killed at random, at every write, and run for long: what they end in, and what they take.

python benchmarks/soak.py [--kills 100] [--steps 10000] [--no-writes] [--seed 0]

One process imports everything and forks trainings, which costs milliseconds instead of three seconds; one in ten is
started by the true command line. One thread each, so that forking is safe.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))  # also where it is run as a module

import numpy as np

from storage.scenario import QUIET, Storage, begin, command, prepare
from storage.snapshot import differences, flatten, lines, snapshot, torn_lines, unfinished
from wgan.cli import main as wgan
from wgan.experiment.train import watch
from wgan.runs.run import Run

print = partial(print, flush=True)

RUN = {
    "training__steps": 60,
    "output__log_every": 3,
    "output__sample_every": 5,
    "output__checkpoint_every": 4,
    "output__evaluate_every": 7,
}
SIGNALS = [signal.SIGKILL] * 6 + [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1]
BOUND_KB = 512
"""More than this for each 1,000 steps would be a leak. Lines are kept, for the verdict: 20 of some kilobytes each."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--no-writes", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    fine = True
    with tempfile.TemporaryDirectory() as folder:
        if given.kills:
            fine &= killed(Path(folder), given.kills, random.Random(given.seed))
        if not given.no_writes:
            fine &= written(Path(folder) / "writes")
        if given.steps:
            fine &= long(Path(folder) / "long", given.steps)
    sys.exit(not fine)


# -- killed at random ---------------------------------------------------------------------------------------------


def killed(folder, kills, chance):
    """Kill runs at random moments until so many kills are done; compare at each, and at each run's end."""
    data = prepare(folder)
    os.environ["WGAN_CACHE"] = str(folder / "cache")
    states = unbroken_states(data, folder / "states")
    started = time.monotonic()
    begun = start(data, folder / "unbroken", on_command_line=False)
    finish(begun)
    took = time.monotonic() - started
    expected = snapshot(folder / "unbroken")
    expected_rows = lines(folder / "unbroken" / "metrics.jsonl")
    cases, torn, before_first, by_signal, within = [], 0, 0, {}, took / 2
    started = time.monotonic()
    while len(cases) < kills:
        run, own = folder / f"run-{len(cases)}", []
        while True:
            on_command_line = (len(cases) + len(own)) % 10 == 9
            process = start(data, run, on_command_line=on_command_line)
            number = chance.choice(SIGNALS)
            time.sleep(chance.uniform(0, within + (5 if on_command_line else 0)))
            code = finish(process, number if len(cases) + len(own) < kills else None)
            if code == 0:
                within *= 0.9  # the machine is less busy than it was
                break
            own.append(at_rest(run, states, expected_rows) + wrong_code(code, number))
            by_signal[number.name] = by_signal.get(number.name, 0) + 1
            before_first += not Run(run).checkpoints()
            within *= 1 if Run(run).checkpoints() else 1.05
        end = differences(snapshot(run), expected) + unfinished(run)
        torn += torn_lines(run)
        cases += [found + end for found in own]
    bad = [case for case in cases if case]
    print(f"unbroken: {took:.1f} s; {len(cases)} kills in {time.monotonic() - started:.0f} s: {by_signal}")
    print(f"before the first checkpoint: {before_first}; on the true command line: about one in ten")
    print(f"{len(cases) - len(bad)} of {len(cases)} equal, {torn} torn lines", *bad[:10], sep="\n")
    return not bad and not torn


def unbroken_states(data, out):
    """The state before the first step, and after every one, of a run that nothing disturbed."""
    every = {**RUN, "output__checkpoint_every": 1, "output__keep_checkpoints": 1}
    experiment = begin(data, out, **every)
    states = {0: state_at(experiment.run)}
    for event in experiment.events():
        states[event.step] = state_at(experiment.run)
    return states


def state_at(run):
    found = {}
    flatten("state", run.load_checkpoint(), found)
    found.pop("state/seconds")
    return found


def start(data, out, *, on_command_line):
    """A process that trains: its id."""
    words = command(data, out, **RUN)
    if on_command_line:
        nowhere = subprocess.DEVNULL
        return subprocess.Popen(words, stdout=nowhere, stderr=nowhere).pid
    process = os.fork()
    if not process:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        sys.argv = ["wgan", *words[3:]]
        try:
            wgan()
            os._exit(0)
        except SystemExit as end:
            os._exit(end.code or 0)
        finally:
            os._exit(99)
    return process


def finish(process, number=None):
    """Send a signal, if there is one, and wait; how the process ended."""
    if number is not None:
        os.kill(process, number)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def at_rest(out, states, expected_rows):
    """What is wrong with what a run would go on from."""
    run = Run(out)
    if not run.checkpoints():
        return []
    step = max(run.checkpoints())
    wrong = [f"at step {step}: {name}" for name in differences(state_at(run), states[step])]
    rows = [row for row in run.metrics() if row["step"] <= step and row["step"] % RUN["output__log_every"] == 0]
    count = step // RUN["output__log_every"]
    told = [{key: value for key, value in row.items() if key != "seconds"} for row in rows]
    return wrong + ([f"lines at step {step}"] if [json.dumps(row) for row in told] != expected_rows[:count] else [])


def wrong_code(code, number):
    """A signal before the program could listen ends it as signals do."""
    return [] if code in (-number, 128 + number) else [f"{number.name} ended it with {code}"]


# -- every write --------------------------------------------------------------------------------------------------


def written(folder):
    """Let every write fail, and kill the process at every one."""
    folder.mkdir()
    storage, bad, silent = Storage(folder), [], 0
    started = time.monotonic()
    for number in range(1, len(storage.writes) + 1):
        told, wrong = storage.after_failure(number)
        silent += not told
        wrong += storage.after_kill(number)
        bad += [(number, storage.writes[number - 1], told, wrong)] if wrong else []
    count = len(storage.writes)
    print(f"{count} writes, each failed and each the last before a kill, in {time.monotonic() - started:.0f} s:")
    print(f"{count - len(bad)} of {count} equal; {silent} failures did no harm and were not told", *bad, sep="\n")
    return not bad


# -- for long -----------------------------------------------------------------------------------------------------


def long(folder, steps):
    """Memory and open files over many steps, with lines, grids, checkpoints and evaluations as often as by default."""
    folder.mkdir()
    data = prepare(folder)
    os.environ["WGAN_CACHE"] = str(folder / "cache")
    often = {"output__log_every": 50, "output__sample_every": 100, "output__checkpoint_every": 500}
    experiment = begin(data, folder / "run", training__steps=steps, output__evaluate_every=1000, **often)
    seen = []

    def events(original=experiment.events):
        for event in original():
            if event.step % 100 == 0:
                seen.append((event.step, resident_kb(), len(os.listdir("/proc/self/fd"))))
            yield event

    experiment.events = events
    started = time.monotonic()
    watch(experiment, QUIET)
    after = np.array([row for row in seen if row[0] > steps // 5 and row[0] < steps])
    slope = np.polyfit(after[:, 0] / 1000, after[:, 1], 1)[0]
    print(f"{steps:,} steps in {time.monotonic() - started:.0f} s; after the first fifth:")
    print(f"memory {after[0, 1] / 1024:.1f} to {after[-1, 1] / 1024:.1f} MB, {slope:+.0f} KB per 1,000 steps", end=" ")
    print(f"(bound: {BOUND_KB}); open files {after[:, 2].min()} to {after[:, 2].max()}")
    return slope < BOUND_KB and after[:, 2].min() == after[:, 2].max()


def resident_kb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


if __name__ == "__main__":
    main()

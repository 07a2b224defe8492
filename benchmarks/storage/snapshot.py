"""Everything in a run that no interruption may change, as plain values that can be compared."""

import hashlib
import json
import warnings
from pathlib import Path

import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from wgan.runs.run import Run

EVERYTHING = {"scalars": 0, "images": 0, "tensors": 0}


def snapshot(path):
    """By name: the tensors of the newest checkpoint, weights, log lines without their time, grids and events."""
    run = Run.open(path)
    found = {}
    flatten("state", run.load_checkpoint(), found)
    found.pop("state/seconds")
    for file in (run.generator_file, run.critic_file, run.evolution_file, *run.samples().values()):
        if file.exists():
            found[file.name] = digest(file.read_bytes())
    # Only the newest: an earlier one may come from an interruption.
    found["checkpoint"] = max(run.checkpoints(), default=None)
    for file in (run.metrics_file, run.comparisons_file, run.evaluations_file):
        found[file.name] = lines(file)
    found["tensorboard"] = events(run.tensorboard_folder)
    return found


def state_of(path):
    """The part of a snapshot that a run resumes from."""
    found = {}
    flatten("state", Run.open(path).load_checkpoint(), found)
    found.pop("state/seconds")
    return found


def differences(one, other):
    """The names of the values that differ."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def torn_lines(path):
    """The number of lines in a run's logs that are not JSON objects, or are incomplete."""
    torn = 0
    for name in ("metrics.jsonl", "comparisons.jsonl", "evaluations.jsonl"):
        file = Path(path) / name
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        torn += bool(text) and not text.endswith("\n")
        for line in text.splitlines():
            try:
                torn += not isinstance(json.loads(line), dict)
            except ValueError:
                torn += 1
    return torn


def unfinished(path):
    """Files with temporary names."""
    return sorted(str(file) for file in Path(path).rglob(".*.tmp*"))


def flatten(prefix, value, found):
    """Add the values in `value` to `found`, with tensors as hashes of their bytes."""
    if isinstance(value, torch.Tensor):
        content = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        found[prefix] = (str(value.dtype), tuple(value.shape), digest(content.numpy().tobytes()))
    elif isinstance(value, dict):
        for key, inner in value.items():
            flatten(f"{prefix}/{key}", inner, found)
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            flatten(f"{prefix}/{place}", inner, found)
    else:
        found[prefix] = value


def lines(file):
    """The lines of a log as text, without their time, so that every bit of the other values counts."""
    if not file.exists():
        return None
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [json.dumps({key: value for key, value in row.items() if key != "seconds"}) for row in rows]


def events(folder):
    """What TensorBoard reads: the steps and values of each tag, in order, except times."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # its reader does not close files
        board = EventAccumulator(str(folder), size_guidance=EVERYTHING).Reload()
        found = {tag: [(event.step, event.value) for event in board.Scalars(tag)] for tag in board.Tags()["scalars"]}
        for tag in board.Tags()["images"]:
            found[tag] = [(image.step, digest(image.encoded_image_string)) for image in board.Images(tag)]
        del board
    return {tag: [step for step, _ in values] if tag == "seconds" else values for tag, values in found.items()}


def digest(content):
    return hashlib.sha256(content).hexdigest()

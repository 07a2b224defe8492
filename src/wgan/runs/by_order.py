"""Weights under another program's names: matched with a network's by order and shape."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

STATISTICS = ("running_mean", "running_var")
COUNT = "num_batches_tracked"
ROLES = ("weight", "bias", *STATISTICS)


class Matched(NamedTuple):
    """A network's whole state, by its own names, and how it was matched in words."""

    weights: Mapping[str, Any]
    note: str


def tensors_in(saved: Mapping[Any, Any], place: str = "", depth: int = 3) -> Iterator[tuple[str, Mapping[str, Tensor]]]:
    """The mapping and those in it that hold tensors by name and nothing else, with their places."""
    if saved and all(isinstance(name, str) and isinstance(value, Tensor) for name, value in saved.items()):
        yield place, saved
    for name, inner in saved.items():
        if depth and isinstance(inner, Mapping):
            yield from tensors_in(inner, f"{place}.{name}" if place else str(name), depth - 1)


def matched(saved: Mapping[str, Tensor], network: nn.Module) -> Matched:
    """The network's state with these tensors in it.

    Layers that hold weights have to follow each other as in the network. Running statistics are left out where the
    network has none, and start anew where the file has none.

    Raises:
        ValueError: names the first tensor that does not fit.
    """
    state = network.state_dict()
    ours = {name: value for name, value in state.items() if _role(name) != COUNT}
    theirs = {name: value for name, value in saved.items() if _role(name) != COUNT}
    known, wanted = (any(_role(name) in STATISTICS for name in names) for names in (theirs, ours))
    note = ""
    if known and not wanted:
        note = "; its running statistics are left out"
    elif wanted and not known and len(theirs) != len(ours):
        note = "; it has no running statistics, which start anew"
    if note:
        _refuse_another_norm(theirs, ours, network)
    kept = [[name for name in names if not (note and _role(name) in STATISTICS)] for names in (theirs, ours)]
    pairs = [*zip_longest(*kept)]
    for number, (name, own) in enumerate(pairs, start=1):
        if name is None or own is None:
            more = f"the network's {own} has no counterpart" if name is None else f"{name} has none in the network"
            raise ValueError(f"{number - 1} of its tensors fit by order and shape, and {more}")
        if theirs[name].shape != ours[own].shape:
            sizes = f"{tuple(theirs[name].shape)}, and the network's {own} is {tuple(ours[own].shape)}"
            raise ValueError(f"its tensor {number}, {name}, is {sizes}")
        if {_role(name), _role(own)} <= {*ROLES} and _role(name) != _role(own):
            raise ValueError(f"its tensor {number} is {name}, and the network's is {own}")
    weights = {**state, **{own: theirs[name] for name, own in pairs}}
    first = " is ".join(pairs[0])
    how = f"{len(pairs)} of {len(ours)} tensors matched by order and shape; names differ ({first})"
    return Matched(weights, how + note)


def _refuse_another_norm(theirs: Mapping[str, Tensor], ours: Mapping[str, Tensor], network: nn.Module) -> None:
    """Raise where a layer with running statistics, a BatchNorm, would become a normalisation of another kind."""
    own = [name for name in ours if _role(name) not in STATISTICS]
    names = [name for name in theirs if _role(name) not in STATISTICS]
    for name, mine in zip(names, own, strict=False):
        layer = network.get_submodule(mine.rpartition(".")[0])
        if f"{name.rpartition('.')[0]}.{STATISTICS[0]}" in theirs and not isinstance(layer, _BatchNorm):
            kind = type(layer).__name__
            raise ValueError(f"its {name.rpartition('.')[0]} is a BatchNorm, and the network's {mine} of a {kind}")


def _role(name: str) -> str:
    return name.rpartition(".")[2]

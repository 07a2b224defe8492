"""How fast is it? One recipe with every engine, beside the tutorial's step and the JAX one, by turns.

All begin at once, so that what compiles does so side by side; then each trains for a moment while the others wait. A
row is said anew after each round: the later one holds. Shares are of what this machine was measured to do: of its
matrix products, by the operations of a plain step; and of its memory's bandwidth, by the bytes that the operations of a
plain step read and write. A compiled step moves fewer, so its share is what a plain one would need to be as fast.
"""

import math
import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from gpu_parts.cases import case, device_of, settings
from gpu_parts.right import modes
from gpu_parts.works import speaking
from rivals.given import facts_of, packed, pictures, write_inputs
from rivals.turns import Contender, Lost
from wgan.bench.case import Case
from wgan.bench.count import counted
from wgan.config import RunConfig
from wgan.objectives import WGANGP
from wgan.training import PLAIN, Mode

PICTURES = 2000
COMPARED = 5
"""Steps after which losses are compared with those of plain fp32: a CUDA graph replays its fourth one first."""
TURN_SECONDS = 0.25
FACTS_SECONDS = 10.0
LEAST_ROUNDS = 3
MOST_ROUNDS = 15
TUTORIAL = "tutorial's step, eager fp32"
JAX = "JAX, jit fp32"
PLAIN_NAME = str(Mode())
FEW = (
    Mode(),
    Mode("tf32", channels_last=True),
    Mode("bf16", channels_last=True),
    Mode("bf16", graphs=True, channels_last=True),
    Mode("bf16", compiled=True, channels_last=True),
    Mode("bf16", compiled=True, graphs=True, channels_last=True),
)
"""What matters of a GPU's engines, where there is no time for all."""
HAVE_RIVALS = ("wgan-gp-mnist", "wgan-gp-celeba")
"""Whose networks the tutorials have."""


class Moved(TorchDispatchMode):
    """Within it, the bytes of all that operations read and write are counted."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        """Do it, and count it; what only looks at memory in another way moves none."""
        out = func(*args, **(kwargs or {}))
        if not func.is_view:
            tensors = [leaf for leaf in tree_leaves((args, kwargs, out)) if isinstance(leaf, torch.Tensor)]
            self.bytes += sum(tensor.numel() * tensor.element_size() for tensor in tensors)
        return out


def needs(config: RunConfig, data: str, device: torch.device) -> tuple[int, int]:
    """The operations, and the bytes moved, of one plain step."""
    whole = Case(config, packed(config, data))
    steps = whole.steps(whole.state(device), PLAIN)
    operations = counted(lambda: next(steps))
    with Moved() as moved:
        next(steps)
    return operations, moved.bytes


def engine_name(mode: Mode) -> str:
    """As `rivals.our_step` reads it."""
    words = ["compiled" if mode.compiled else "eager", mode.precision]
    return " ".join(words + ["graphs"] * mode.graphs + ["channels-last"] * mode.channels_last)


def begun(given: dict[str, Any], folder: Path, config: RunConfig, data: str) -> dict[str, Contender]:
    """A process for each way to do the steps; the first ones matter most."""
    name, device = given["recipe"], given["device"]
    common = {"threads": given["threads"], "device": device}
    changed = settings(name, small=given["small"]) | given.get("settings", {})
    ours = {**common, "recipe": name, "data": data, "settings": changed, "apart": given["apart"]}
    known = [mode for mode in modes(device_of(given)) if not (given["small"] and mode.compiled)]
    known = [mode for mode in known if mode in FEW or not given["few"]]
    found = {str(mode): Contender("our_step", {**ours, "engine": engine_name(mode)}) for mode in known}
    if name in HAVE_RIVALS and not given["small"]:
        pack = packed(config, data)
        write_inputs(config, pack, COMPARED, folder / "inputs.npz")
        rival = {**common, "inputs": str(folder / "inputs.npz"), "facts": facts_of(config, pack)}
        found[TUTORIAL] = Contender("eager_step", rival)
        found[JAX] = Contender("jax_step", rival)
    return found


def main() -> None:
    with speaking() as (given, say), ExitStack() as stack:
        until = time.monotonic() + given["seconds"]
        folder, name = Path(stack.enter_context(tempfile.TemporaryDirectory())), given["recipe"]
        config = case(name, small=given["small"]).with_settings(given.get("settings", {}))
        data = pictures(config, PICTURES, folder / "pictures.npy")
        given["apart"] = isinstance(config.objective, WGANGP)
        contenders = begun(given, folder, config, data)
        for contender in contenders.values():
            stack.callback(contender.end, at_once=True)
        about = {"recipe": name, "batch_size": config.training.batch_size, "images": config.training.images_per_step}
        try:
            about["operations"], about["bytes_moved"] = needs(config, data, device_of(given))
        except Exception as error:  # speed can be told without it
            say("problems", work=f"fast {name}", what=f"operations are not counted: {error}")
        rounds = Rounds(contenders, about, given["ceilings"], say)
        rounds.wait(until - 0.35 * given["seconds"])
        rounds.take(until - 0.1 * given["seconds"])


class Rounds:
    """Contenders by turns, and what is said of them."""

    def __init__(
        self, contenders: dict[str, Contender], about: dict[str, Any], ceilings: dict[str, float], say: Any
    ) -> None:
        self._contenders, self._about, self._ceilings, self._say = contenders, about, ceilings, say
        self._times: dict[str, list[float]] = {}
        self._facts: dict[str, dict[str, Any]] = {}
        self._losses: dict[str, list[list[float]]] = {}
        self._counts: dict[str, int] = {}

    def wait(self, until: float) -> None:
        """For all that are ready in time; the others are told of and left out. Each is looked at, and warmed up."""
        for who, contender in self._contenders.items():
            try:
                self._begin(who, contender, until)
            except (Lost, ValueError) as lost:
                self._lose(who, str(lost))

    def _begin(self, who: str, contender: Contender, until: float) -> None:
        def asked(do: str, count: int) -> Any:
            left = until - time.monotonic()
            if left <= 0:
                raise Lost("it was not ready in time")
            return contender.ask(do, count, seconds=left)

        if not contender.is_ready(until - time.monotonic()):
            raise Lost("it was not ready in time")
        contender.answer()
        losses, count = asked("losses", COMPARED), 1
        while (seconds := asked("steps", count)[0] * count) < TURN_SECONDS / 2:
            count *= 2
        self._counts[who], self._losses[who] = max(1, round(TURN_SECONDS / (seconds / count))), losses
        self._times[who] = []

    def _lose(self, who: str, why: str) -> None:
        """It is told why, and ended, or it would go on while the others are measured."""
        self._times.pop(who, None)
        self._contenders[who].end(at_once=True)
        self._say("fast", **self._about, who=who, unusable=why)

    def take(self, until: float) -> None:
        """Rounds for as long as there is time, a few in any case; last, what a step needs."""
        for i in range(MOST_ROUNDS):
            if i >= LEAST_ROUNDS and time.monotonic() > until:
                break
            names = list(self._times)
            for who in names[i % max(len(names), 1) :] + names[: i % max(len(names), 1)]:
                try:
                    self._times[who].append(self._contenders[who].ask("steps", self._counts[who])[0])
                except Lost as lost:
                    self._lose(who, str(lost))
            for who in self._times:
                self._say("fast", **self._row(who))
        for who in list(self._times):
            try:
                self._facts[who] = self._contenders[who].ask("facts", 1, seconds=FACTS_SECONDS)
                self._say("fast", **self._row(who))
            except (Lost, ValueError):  # its times are known all the same
                continue

    def _row(self, who: str) -> dict[str, Any]:
        times, plain = self._times[who], self._times.get(PLAIN_NAME, [])
        step = statistics.median(times)
        row = {
            **self._about,
            "who": who,
            "step_seconds": step,
            "least": min(times),
            "most": max(times),
            "rounds": len(times),
            "images_per_second": self._about["images"] / step,
            **self._facts.get(who, {}),
        }
        if plain and len(plain) == len(times):
            row["times_as_fast"] = statistics.median(a / b for a, b in zip(plain, times, strict=True))
        precision = next((word for word in ("tf32", "bf16") if word in who), "fp32")
        if "operations" in self._about and precision in self._ceilings:
            row["share_of_products"] = self._about["operations"] / step / self._ceilings[precision]
            row["share_of_bandwidth"] = self._about["bytes_moved"] / step / self._ceilings["bandwidth"]
        if PLAIN_NAME in self._losses:
            row["losses_apart"] = _apart(self._losses[who][-1], self._losses[PLAIN_NAME][-1])
        return row


def _apart(some: list[float], others: list[float]) -> float:
    """By how much two losses differ, relative to the larger of the loss and one."""
    differences = [abs(a - b) / max(1.0, abs(b)) for a, b in zip(some, others, strict=True)]
    return max(differences) if all(map(math.isfinite, differences)) else math.nan


if __name__ == "__main__":
    main()

"""How fast is it? Recipes with every engine, beside the tutorial's step and the JAX one, by turns.

All begin at once, so that what compiles does so side by side; then each of a recipe trains for a moment while the
others wait. A row is said anew after each round: the later one holds. Shares are of what this machine was measured to
do: of its matrix products, by the operations of a plain step; and of its memory's bandwidth, by the bytes that the
operations of a plain step read and write. A compiled step moves fewer, so its share is what a plain one would need to
be as fast.
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
from rivals.turns import Contender, Lost, begun, rotated
from wgan.bench.case import loop_of
from wgan.bench.parts import counted
from wgan.config import RunConfig
from wgan.experiment.plan import Plan
from wgan.objectives import WGANGP
from wgan.training import Mode

PICTURES = 2000
COMPARED = 5
"""Steps after which losses are compared with plain fp32; the fourth is the first that a CUDA graph replays."""
TURN_SECONDS = 0.25
FACTS_SECONDS = 10.0
LEAST_ROUNDS = 3
MOST_ROUNDS = 15
TUTORIAL = "tutorial's step, eager fp32"
JAX = "JAX, jit fp32"
PLAIN_NAME = str(Mode())
CHOSEN = (
    Mode(),
    Mode("tf32", channels_last=True),
    Mode("bf16", channels_last=True),
    Mode("bf16", graphs=True, channels_last=True),
    Mode("bf16", compiled=True),
    Mode("bf16", compiled=True, graphs=True),
)
"""The engines that matter, where there is no time for all."""
HAVE_RIVALS = ("wgan-gp-mnist", "wgan-gp-celeba")
"""The recipes whose networks the tutorials have."""


class Moved(TorchDispatchMode):
    """Within it, the bytes that operations read and write are counted."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        """Run an operation, and count it; a view moves nothing."""
        out = func(*args, **(kwargs or {}))
        if not func.is_view:
            tensors = [leaf for leaf in tree_leaves((args, kwargs, out)) if isinstance(leaf, torch.Tensor)]
            self.bytes += sum(tensor.numel() * tensor.element_size() for tensor in tensors)
        return out


def needs(config: RunConfig, data: str, device: torch.device) -> tuple[int, int]:
    """The operations, and the bytes moved, of one plain step."""
    steps = loop_of(Plan(config, packed(config, data)), device).records(2)
    operations = counted(lambda: next(steps))
    with Moved() as moved:
        next(steps)
    return operations, moved.bytes


def engine_name(mode: Mode) -> str:
    """The name of a mode for `rivals.our_step`."""
    words = ["compiled" if mode.compiled else "eager", mode.precision]
    return " ".join(words + ["graphs"] * mode.graphs + ["channels-last"] * mode.channels_last)


def contenders(given: dict[str, Any], folder: Path, config: RunConfig, data: str) -> dict[str, Contender]:
    """A process for each engine and rival, the most important first."""
    name, device = given["recipe"], given["device"]
    common = {"threads": given["threads"], "device": device}
    changed = settings(name, small=given["small"]) | given.get("settings", {})
    ours = {**common, "recipe": name, "data": data, "settings": changed, "apart": given["apart"]}
    known = [mode for mode in modes(device_of(given)) if not (given["small"] and mode.compiled)]
    known = [mode for mode in known if mode in CHOSEN or not given["few"]]
    found = {str(mode): begun("our_step", {**ours, "engine": engine_name(mode)}) for mode in known}
    if name in HAVE_RIVALS and not given["small"]:
        pack = packed(config, data)
        write_inputs(config, pack, COMPARED, folder / "inputs.npz")
        rival = {**common, "inputs": str(folder / "inputs.npz"), "facts": facts_of(config, pack)}
        found[TUTORIAL] = begun("eager_step", rival)
        found[JAX] = begun("jax_step", rival)
    return found


def main() -> None:
    with speaking() as (given, say), ExitStack() as stack:
        until = time.monotonic() + given["seconds"]
        ready = [prepared({**given, "recipe": name}, stack, say) for name in given["recipes"]]
        for rounds in ready:
            rounds.wait(until - 0.25 * given["seconds"])
        for i, rounds in enumerate(ready):
            rounds.take(time.monotonic() + 0.7 * (until - time.monotonic()) / (len(ready) - i))


def prepared(given: dict[str, Any], stack: ExitStack, say: Any) -> "Rounds":
    """A recipe's contenders, begun; they end with `stack`."""
    folder, name = Path(stack.enter_context(tempfile.TemporaryDirectory())), given["recipe"]
    config = case(name, small=given["small"]).with_settings(given.get("settings", {}))
    data = pictures(config, PICTURES, folder / "pictures.npy")
    given["apart"] = isinstance(config.objective, WGANGP)
    found = contenders(given, folder, config, data)
    for contender in found.values():
        stack.callback(contender.end)
    about = {"recipe": name, "batch_size": config.training.batch_size, "images": config.training.images_per_step}
    try:
        about["operations"], about["bytes_moved"] = needs(config, data, device_of(given))
    except Exception as error:  # speed can be told without it
        say("problems", work=f"fast {name}", what=f"operations are not counted: {error}")
    return Rounds(found, about, given["ceilings"], say)


class Rounds:
    """Contenders that take turns, and the rows about them."""

    def __init__(
        self, contenders: dict[str, Contender], about: dict[str, Any], ceilings: dict[str, float], say: Any
    ) -> None:
        self._contenders, self._about, self._ceilings, self._say = contenders, about, ceilings, say
        self._times: dict[str, list[float]] = {}
        self._facts: dict[str, dict[str, Any]] = {}
        self._losses: dict[str, list[list[float]]] = {}
        self._counts: dict[str, int] = {}

    def wait(self, until: float) -> None:
        """Warm up all that are ready in time; report the others and leave them out."""
        for who, contender in self._contenders.items():
            try:
                self._begin(who, contender, until)
            except (Lost, ValueError) as lost:
                self._lose(who, str(lost))

    def _begin(self, who: str, contender: Contender, until: float) -> None:
        contender.until = until
        contender.ready()
        self._facts[who] = {"start_seconds": contender.start_up, "build_seconds": contender.set_up}
        self._losses[who] = contender.ask("losses", COMPARED)
        self._counts[who] = max(1, round(TURN_SECONDS / contender.warm_up(TURN_SECONDS / 2)))
        self._times[who] = []
        contender.until = math.inf

    def _lose(self, who: str, why: str) -> None:
        """Report and end it, or it would run while the others are measured."""
        self._times.pop(who, None)
        self._contenders[who].end()
        self._say("fast", **self._about, who=who, unusable=why)

    def take(self, until: float) -> None:
        """Take turns until the time is up, for at least `LEAST_ROUNDS`; then ask what a step needs."""
        for i in range(MOST_ROUNDS):
            if i >= LEAST_ROUNDS and time.monotonic() > until:
                break
            for who in rotated(list(self._times), i):
                try:
                    self._times[who].append(self._contenders[who].steps(self._counts[who]).wall)
                except Lost as lost:
                    self._lose(who, str(lost))
            for who in self._times:
                self._say("fast", **self._row(who))
        for who in list(self._times):
            try:
                self._contenders[who].until = time.monotonic() + FACTS_SECONDS
                self._facts[who] |= self._contenders[who].ask("facts")
                self._say("fast", **self._row(who))
            except (Lost, ValueError):  # its times are known
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
    """The difference of two losses, relative to the larger of the loss and one."""
    differences = [abs(a - b) / max(1.0, abs(b)) for a, b in zip(some, others, strict=True)]
    return max(differences) if all(map(math.isfinite, differences)) else math.nan


if __name__ == "__main__":
    main()

"""How fast is it? One recipe with every engine, beside the tutorial's step and the JAX one, by turns.

All begin at once, so that what compiles does so side by side; then each trains for a moment while the others wait. A
row is said anew after each round: the later one holds. Shares are of what this machine was measured to do: of its
matrix products, by the operations of a plain step; and of its memory's bandwidth, by the bytes that the operations of a
plain step read and write. A compiled step moves fewer, so its share is what a plain one would need to be as fast.
"""

import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
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
COMPARED = 3
"""Steps whose losses are compared with those of plain fp32."""
TURN_SECONDS = 0.25
LEAST_ROUNDS = 3
MOST_ROUNDS = 15
TUTORIAL = "tutorial's step, eager fp32"
JAX = "JAX, jit fp32"
PLAIN_NAME = str(Mode())
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
        rounds.wait(until - 0.3 * given["seconds"])
        rounds.take(until)


class Rounds:
    """Contenders by turns, and what is said of them."""

    def __init__(
        self, contenders: dict[str, Contender], about: dict[str, Any], ceilings: dict[str, float], say: Any
    ) -> None:
        self._contenders, self._about, self._ceilings, self._say = contenders, about, ceilings, say
        self._times: dict[str, list[float]] = {}
        self._facts: dict[str, dict[str, Any]] = {}
        self._counts: dict[str, int] = {}

    def wait(self, until: float) -> None:
        """For all that are ready in time; the others are told of and left out. Then a warm-up, and a look at each."""
        started = time.monotonic()
        for who, contender in self._contenders.items():
            try:
                if not contender.is_ready(until - time.monotonic()):
                    raise Lost(f"not ready within {time.monotonic() - started:.0f} s")
                contender.answer()
                first = contender.ask("losses", COMPARED)
                contender.ask("steps", 3)
                count = 1
                while (seconds := contender.ask("steps", count)[0] * count) < TURN_SECONDS / 2:
                    count *= 2
                self._counts[who] = max(1, round(TURN_SECONDS / (seconds / count)))
                self._facts[who] = {"losses": first, **contender.ask("facts", 1)}
                self._times[who] = []
            except (Lost, ValueError) as lost:
                contender.end(at_once=True)  # or it would go on compiling while the others are measured
                self._say("fast", **self._about, who=who, unusable=str(lost).partition(": ")[2] or str(lost))

    def take(self, until: float) -> None:
        """Rounds for as long as there is time."""
        names = list(self._times)
        if not names:
            return
        for i in range(MOST_ROUNDS):
            if i >= LEAST_ROUNDS and time.monotonic() > until:
                return
            for who in names[i % len(names) :] + names[: i % len(names)]:
                self._times[who].append(self._contenders[who].ask("steps", self._counts[who])[0])
            for who in names:
                self._say("fast", **self._row(who))

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
            **{key: value for key, value in self._facts[who].items() if key != "losses"},
        }
        if plain and len(plain) == len(times):
            row["times_as_fast"] = statistics.median(a / b for a, b in zip(plain, times, strict=True))
        precision = next((word for word in ("tf32", "bf16") if word in who), "fp32")
        if "operations" in self._about and precision in self._ceilings:
            row["share_of_products"] = self._about["operations"] / step / self._ceilings[precision]
            row["share_of_bandwidth"] = self._about["bytes_moved"] / step / self._ceilings["bandwidth"]
        if PLAIN_NAME in self._facts:
            row["losses_apart"] = _apart(self._facts[who]["losses"], self._facts[PLAIN_NAME]["losses"])
        return row


def _apart(some: list[list[float]], others: list[list[float]]) -> float:
    """By how much the losses of the first step differ, relative to the larger of the loss and one."""
    with suppress(IndexError):
        return max(abs(a - b) / max(1.0, abs(b)) for a, b in zip(some[0], others[0], strict=True))
    return float("nan")


if __name__ == "__main__":
    main()

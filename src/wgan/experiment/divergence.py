"""Divergence: at which step, in which layer and on which batch a number became infinite, NaN or too large."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from wgan.errors import InputError, in_short
from wgan.experiment.adapting import adapt
from wgan.experiment.build import Loop, build_state
from wgan.experiment.plan import Parts
from wgan.experiment.preflight import game_of
from wgan.runs.checkpoints import load_state
from wgan.runs.run import Run
from wgan.runs.weights import fitting
from wgan.runs.writer import RunWriter
from wgan.system.interruption import Interruption
from wgan.training import UNBOUNDED, Diverged, TrainState, choose_device, plain_engine, unsynced
from wgan.types import Conditions, Objective


class Culprit(NamedTuple):
    """The first number of a step that is not finite, or too large."""

    player: Literal["generator", "critic"]
    layer: str
    """The name of a module or a weight in its network."""
    kind: Literal["output", "gradient", "weight"]

    def __str__(self) -> str:
        if self.kind == "output":
            return f"the output of the {self.player}" + (f"'s layer {self.layer}" if self.layer else "")
        weight = f"{self.layer} of the {self.player}"
        return f"the gradient of {weight}" if self.kind == "gradient" else f"{weight}, after its update"


class Replay(NamedTuple):
    """A step that was repeated under observation."""

    step: int
    """The number of its generator update."""
    terms: dict[str, float]
    culprit: Culprit | None
    """None if every number stayed within bounds this time, as can happen on a device that sums in any order."""


def replay(
    run: str | Path | Run,
    *,
    generator: nn.Module | None = None,
    critic: nn.Module | None = None,
    objective: Objective | None = None,
) -> Replay:
    """Repeat the step in which a run diverged, from the record it left. The data are not needed.

    Pass the parts again that were passed from Python.

    Raises:
        InputError: the run did not diverge, or another part was passed.
    """
    opened = run if isinstance(run, Run) else Run.open(run)
    if not opened.divergence_file.is_file():
        raise InputError(f"{opened.path} has no step to replay: it did not diverge.")
    record = load_state(opened.divergence_file)
    config, parts = opened.config, Parts(generator, critic, objective)
    if (given := parts.signatures()) != config.custom:
        raise InputError(f"{opened.path} was trained with parts of your own, {config.custom}; you passed {given}.")
    state = build_state(config, opened.spec, parts, choose_device(config.device))
    with fitting(opened.path):
        state.load_state_dict(record["state"])
    game = game_of(config.objective if objective is None else objective, config, opened.wiring)
    asked = record.get("conditions", {}).get  # of older runs and those without a condition there are none
    return observed_step(Loop(state, game, config, record["real"].__getitem__, conditions=asked))


def observed_step(loop: Loop) -> Replay:
    """Do the next step, and find its first number that is not finite or too large.

    The step runs eagerly, in the run's precision: compiled code cannot be watched.
    """
    state, precision = loop.state, loop.config.precision

    def conditions(number: int) -> Conditions | None:
        asked = loop.conditions(number)
        return None if asked is None else asked.to(state.device)

    eager = loop._replace(
        batches=lambda number: loop.batches(number).to(state.device),
        conditions=conditions,
        engine=plain_engine("fp32" if precision == "auto" else precision, loop.config.training.microbatch),
    )
    with _watching(state) as seen:
        terms = next(eager.records(state.step + 1)).terms
    return Replay(state.step, {name: float(value) for name, value in terms.items()}, next(iter(seen), None))


@contextmanager
def _watching(state: TrainState) -> Iterator[list[Culprit]]:
    """Yields a list of culprits, which grows in the order in which they appear."""
    seen: list[Culprit] = []

    def look(culprit: Culprit, *arguments: object) -> None:
        tensor = arguments[-1]  # of a hook, what came out, or the gradient
        if isinstance(tensor, Tensor) and tensor.is_floating_point() and beyond(tensor):
            seen.append(culprit)

    def look_at_weights(player: Literal["generator", "critic"], *_: object) -> None:
        for name, parameter in getattr(state, player).named_parameters():
            look(Culprit(player, name, "weight"), parameter)

    with ExitStack() as hooks:
        for player in ("critic", "generator"):
            network: nn.Module = getattr(state, player)
            for name, module in network.named_modules():
                hook = module.register_forward_hook(partial(look, Culprit(player, name, "output")))
                hooks.callback(hook.remove)
            for name, parameter in network.named_parameters():
                if parameter.requires_grad:
                    hook = parameter.register_hook(partial(look, Culprit(player, name, "gradient")))
                    hooks.callback(hook.remove)
            optimizer: torch.optim.Optimizer = getattr(state, f"{player}_optimizer")
            hooks.callback(optimizer.register_step_post_hook(partial(look_at_weights, player)).remove)
        yield seen


def beyond(tensor: Tensor) -> bool:
    """Whether a number in it is not finite, or too large for training to recover. Waits for the device."""
    return not bool((tensor.detach().abs() <= UNBOUNDED).all())  # not so for NaN either


def write_failure(writer: RunWriter, diverged: Diverged, what: str, culprit: Culprit | None = None) -> None:
    """Write what ended a run, as far as it is known."""
    found = culprit._asdict() if culprit else {}
    writer.failure({"step": diverged.step, "what": what, "term": diverged.term, **found})


def take_down(writer: RunWriter, diverged: Diverged, loop: Loop, interruption: Interruption) -> str:
    """Find the layer in which a step diverged, write it down, and return it in a sentence or two.

    The state is that of the newest checkpoint. The steps from there to the one in question are repeated, since a step
    is a function of the state and its number, and what adapts follows the lines that were written. If that fails, the
    message says why.
    """

    def done_again() -> Replay | None:
        """Train to the step before, save what a replay needs, and replay; None if a signal arrived."""
        lines = {line["step"]: line for line in writer.run.metrics()}
        for record in loop.records(diverged.step - 1):
            adapt(loop.config, loop.state, lines.get(record.step, {}))
            if interruption.signal is not None:
                return None
        critic_steps = loop.config.training.critic_steps
        numbers = range((diverged.step - 1) * critic_steps, diverged.step * critic_steps)
        real = {number: loop.batches(number).cpu() for number in numbers}
        asked = {number: given.cpu() for number in numbers if (given := loop.conditions(number)) is not None}
        writer.divergence({"state": loop.state.state_dict(), "real": real, "conditions": asked})
        return observed_step(loop._replace(batches=real.__getitem__, conditions=asked.get))

    culprit = None
    try:
        with unsynced(loop.state.generator, loop.state.critic):
            found = done_again()
        culprit = found.culprit if found else None
        why = "Repeated, the step stayed within bounds." if found else "A signal arrived before it could be repeated."
        why = f"In that step, the first bad number was in {culprit}." if culprit else why
    except Exception as error:  # a user's module, memory for the whole batch, a full disk
        why = f"The step could not be repeated ({type(error).__name__}: {in_short(error)})."
    what = f"{diverged} {why}"
    write_failure(writer, diverged, what, culprit)
    return what

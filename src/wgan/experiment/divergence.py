"""Divergence: at which step, in which layer and on which batch the numbers of a run left every bound."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from wgan.config import RunConfig
from wgan.errors import InputError, in_short
from wgan.experiment.build import new_state, records
from wgan.experiment.plan import Parts
from wgan.experiment.preflight import game_of
from wgan.runs.checkpoints import load_state
from wgan.runs.run import Run
from wgan.runs.weights import fitting
from wgan.runs.writer import RunWriter
from wgan.system.interruption import Interruption
from wgan.training import UNBOUNDED, Diverged, Engine, TrainState, choose_device, plain_engine, unsynced
from wgan.training.steps import Game
from wgan.types import Objective, Samples


class Culprit(NamedTuple):
    """What was the first to be no finite number, or one beyond every bound, within a step."""

    player: Literal["generator", "critic"]
    layer: str
    """Of a module or a weight, as the network names it."""
    kind: Literal["output", "gradient", "weight"]

    def __str__(self) -> str:
        if self.kind == "output":
            return f"the output of the {self.player}" + (f"'s layer {self.layer}" if self.layer else "")
        weight = f"{self.layer} of the {self.player}"
        return f"the gradient of {weight}" if self.kind == "gradient" else f"{weight}, after its update"


class Replay(NamedTuple):
    """A step, done once more under observation."""

    step: int
    """The number of the generator update that it ends with."""
    terms: dict[str, float]
    culprit: Culprit | None
    """None if every number stayed within bounds this time, as it may on a device that sums in any order."""


def replay(
    run: str | Path | Run,
    *,
    generator: nn.Module | None = None,
    critic: nn.Module | None = None,
    objective: Objective | None = None,
) -> Replay:
    """Do the step again in which a run diverged, from the record it left; the data are not needed.

    Parts that were passed from Python are to be passed again.

    Raises:
        InputError: the run did not diverge, or another part was passed.
    """
    opened = run if isinstance(run, Run) else Run.open(run)
    if not opened.divergence_file.is_file():
        raise InputError(f"{opened.path} has no record of a step to replay: its numbers stayed within bounds.")
    record = load_state(opened.divergence_file)
    config, parts = opened.config, Parts(generator, critic, objective)
    if (given := parts.signatures()) != config.custom:
        raise InputError(f"{opened.path} was trained with parts of your own, {config.custom}; given are {given}.")
    state = new_state(config, opened.spec, parts, choose_device(config.device))
    with fitting(opened.path):
        state.load_state_dict(record["state"])
    return observed_step(state, game_of(objective or config.objective, config, opened.wiring), config, record["real"])


def observed_step(state: TrainState, game: Game, config: RunConfig, real: Mapping[int, Samples]) -> Replay:
    """Do the next step, and see where its numbers leave every bound first; `real` are its batches by number.

    Done one operation after the other, in the run's precision: what is compiled cannot be watched.
    """
    device = next(state.critic.parameters()).device
    engine = plain_engine("fp32" if config.precision == "auto" else config.precision)

    def batch(number: int) -> Samples:
        return real[number].to(device)

    with _watching(state) as seen:
        step = records(state, game, batch, config, until=state.step + 1, engine=engine)
        terms = next(step).terms
    return Replay(state.step, {name: float(value) for name, value in terms.items()}, next(iter(seen), None))


@contextmanager
def _watching(state: TrainState) -> Iterator[list[Culprit]]:
    """What leaves every bound while the state makes a step, in the order in which it happens."""
    seen: list[Culprit] = []

    def look(culprit: Culprit, tensor: object) -> None:
        if isinstance(tensor, Tensor) and tensor.is_floating_point() and beyond(tensor):
            seen.append(culprit)

    def look_at_weights(player: Literal["generator", "critic"], *_: object) -> None:
        for name, parameter in getattr(state, player).named_parameters():
            look(Culprit(player, name, "weight"), parameter)

    with ExitStack() as hooks:
        for player in ("critic", "generator"):
            network: nn.Module = getattr(state, player)
            for name, module in network.named_modules():
                output = partial(look, Culprit(player, name, "output"))
                hook = module.register_forward_hook(lambda module, arguments, result, output=output: output(result))
                hooks.callback(hook.remove)
            for name, parameter in network.named_parameters():
                if parameter.requires_grad:
                    hook = parameter.register_hook(partial(look, Culprit(player, name, "gradient")))
                    hooks.callback(hook.remove)
            optimizer: torch.optim.Optimizer = getattr(state, f"{player}_optimizer")
            hooks.callback(optimizer.register_step_post_hook(partial(look_at_weights, player)).remove)
        yield seen


def beyond(tensor: Tensor) -> bool:
    """Whether a number in it is not finite, or so large that no training comes back from it. Waits for the device."""
    return not bool((tensor.detach().abs() <= UNBOUNDED).all())  # not so for NaN either


def write_failure(
    writer: RunWriter, diverged: Diverged, what: str | None = None, culprit: Culprit | None = None
) -> None:
    """Put on disk what ended a run, as far as it is known."""
    row = {"step": diverged.step, "what": what or str(diverged), "term": diverged.term}
    writer.failure({**row, **(culprit._asdict() if culprit else {})})


def take_down(
    writer: RunWriter,
    diverged: Diverged,
    state: TrainState,
    game: Game,
    config: RunConfig,
    batches: Callable[[int], Samples],
    engine: Engine,
    interruption: Interruption,
) -> str:
    """Find out where a step left every bound, and write it down; returns it in a sentence or two.

    `state` is that of the newest checkpoint. From there, the steps up to the one in question are done again: they are a
    function of the state and of their numbers. Whatever keeps that from being done is told, and changes nothing else.
    """

    def done_again() -> Replay | None:
        """Train to the step before, keep what is needed to replay the one after, and do so; None if a signal came."""
        for _ in records(state, game, batches, config, until=diverged.step - 1, engine=engine):
            if interruption.signal is not None:
                return None
        critic_steps = config.training.critic_steps
        numbers = range((diverged.step - 1) * critic_steps, diverged.step * critic_steps)
        real = {number: batches(number).cpu() for number in numbers}
        writer.divergence({"state": state.state_dict(), "real": real})
        return observed_step(state, game, config, real)

    culprit = None
    try:
        with unsynced(state.generator, state.critic):
            found = done_again()
        culprit = found.culprit if found else None
        why = "Done again, the step stayed within bounds." if found else "A signal came before it could be done again."
        why = f"In that step, the first number beyond bounds was in {culprit}." if culprit else why
    except Exception as error:  # the user's own modules, memory for the whole batch, a full disk
        why = f"The step could not be done again ({type(error).__name__}: {in_short(error)})."
    what = f"{diverged} {why}"
    write_failure(writer, diverged, what, culprit)
    return what

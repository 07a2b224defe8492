"""Trials: engines built and timed on the first batches of a run."""

import math
from dataclasses import replace

from wgan.config import RunConfig
from wgan.data import Pack
from wgan.errors import in_short
from wgan.experiment.build import batches, draws
from wgan.training import (
    ALONE,
    Batch,
    Engine,
    Game,
    Mode,
    TrainState,
    Unusable,
    World,
    arrange,
    build_engine,
    seconds_per_step,
)

TRIAL_SECONDS = 0.5


class EngineTrials:
    """Builds engines, and tries them on the first batches of a run, whose state stays as it is."""

    def __init__(
        self,
        state: TrainState,
        game: Game,
        config: RunConfig,
        pack: Pack,
        world: World = ALONE,
        *,
        trusted: bool = False,
    ) -> None:
        """`trusted` says that the run has had its engine."""
        self._state, self._config, self._world, self._trusted = state, config, world, trusted
        self._game = replace(game, objective=config.schedule.objective(game.objective, state.step))
        self.device = next(state.critic.parameters()).device
        real, drawn = batches(config, pack, self.device, world), draws(config, self.device, world)
        numbers = range(config.training.critic_steps)
        self._batches = [Batch(real(n), drawn.critic_latents(n), drawn.noise(n, pack.shape)) for n in numbers]
        self._z = drawn.generator_latents(0)

    @property
    def alone(self) -> bool:
        """Whether one process trains: several would measure, and choose, each something else."""
        return self._world.size == 1

    @property
    def steps_left(self) -> int:
        """How many steps the run has before it."""
        return self._config.training.steps - self._state.step

    def build(self, mode: Mode) -> Engine:
        """The engine of that mode, after its self-test.

        Raises:
            Unusable: it cannot be used for this run here; says why.
        """
        schedule = self._config.schedule
        if mode.graphs and schedule.changes:
            raise Unusable("a graph repeats the rates that it was recorded with, and the schedule changes them")
        if mode.compiled and schedule.penalty_weight != 1:
            raise Unusable("what is compiled for one penalty weight is compiled anew for another, at each step")
        return build_engine(
            mode, self._state, self._game, self._batches, self._z, world=self._world, trusted=self._trusted
        )

    def seconds(self, engine: Engine, enough: float = math.inf) -> float:
        """How long a generator update and the critic updates before it take; more than `enough` is not measured well.

        Raises:
            Unusable: a step fails.
        """
        try:
            return seconds_per_step(
                engine, self._state, self._game, self._batches, self._z, budget=TRIAL_SECONDS, enough=enough
            )
        except Exception as error:  # torch has many, and a run that can be trained in another way should be
            raise Unusable(f"a step fails ({type(error).__name__}: {in_short(error)})") from error

    def settle(self, engine: Engine) -> None:
        """Arrange the state for the engine that was chosen, whatever was tried after it."""
        arrange(self._state, engine.mode)

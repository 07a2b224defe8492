"""Settings that change during training, as functions of the step: there is no state to save."""

import math
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass, replace
from typing import Any, ClassVar, Literal

from wgan.errors import InputError
from wgan.training.state import TrainState
from wgan.types import Fraction, NonNegative, NonNegativeCount, Objective, Penalised

LEAST = 1e-30
"""A penalty weight that counts for nothing."""
Shape = Literal["linear", "cosine"]
SHAPES: dict[Shape, Callable[[float], float]] = {
    "linear": lambda passed: passed,
    "cosine": lambda passed: (1 - math.cos(math.pi * passed)) / 2,
}
"""How much of a change is done when this share of its steps has passed, both from 0 to 1."""


@dataclass(frozen=True)
class Schedule:
    """Changes settings over the first `steps` steps; with `steps` 0, nothing changes.

    `learning_rate` (of both players) and `penalty_weight` are factors: the value at the end, relative to the start.
    `beta2` is the second beta of Adam at the end. With `growing_average`, the half-life of the averaged generator grows
    from nothing to that of `training.ema_decay`. The shape is "linear" (Gulrajani et al. 2017 let the rate fall to 0)
    or "cosine", half a wave (Huang et al. 2024, who change all of these).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    steps: NonNegativeCount = 0
    shape: Shape = "linear"
    learning_rate: NonNegative = 1.0
    penalty_weight: NonNegative = 1.0
    beta2: Fraction | None = None
    growing_average: bool = False

    @property
    def changes(self) -> bool:
        """Whether any setting ends at another value than it starts at."""
        return self.learning_rate != 1 or self.growing_average or self.changes_more_than_rates

    @property
    def changes_more_than_rates(self) -> bool:
        """Whether any setting of an update does but its learning rate."""
        return (self.penalty_weight, self.beta2) != (1.0, None)

    @property
    def stops(self) -> bool:
        return self.steps > 0 and self.learning_rate == 0

    def apply(self, state: TrainState, step: int) -> None:
        """Set the optimisers for the update after `step`."""
        if not self.steps:
            return
        for optimizer in (state.generator_optimizer, state.critic_optimizer):
            for group in optimizer.param_groups:
                start = group.setdefault("initial_lr", group["lr"])
                group["lr"] = self._between(start, start * self.learning_rate, step)
                if self.beta2 is not None and "betas" in group:
                    beta1, beta2 = group.setdefault("initial_betas", group["betas"])
                    group["betas"] = (beta1, self._between(beta2, self.beta2, step))

    def average_decay(self, end: float, step: int) -> float:
        """The decay of the averaged generator after the update after `step`; `end` is its last one, and below 1."""
        if not self.steps or not self.growing_average or not end:
            return end
        half_life = self._between(0.0, -math.log(2) / math.log(end), step)
        return 0.5 ** (1 / half_life) if half_life else 0.0

    def objective(self, objective: Objective, step: int) -> Objective:
        """The objective for the update after `step`.

        Raises:
            InputError: the penalty is to change, but the objective has none.
        """
        if not self.steps or self.penalty_weight == 1:
            return objective
        if not isinstance(objective, Penalised) or not is_dataclass(objective):
            raise InputError(
                f"{type(objective).__name__} has no penalty_weight to change: leave schedule.penalty_weight at 1."
            )
        start = objective.penalty_weight
        end = max(start * self.penalty_weight, LEAST)  # at 0 an objective may leave its terms out, and lines need them
        changed: Objective = replace(objective, penalty_weight=self._between(start, end, step))
        return changed

    def _between(self, start: float, end: float, step: int) -> float:
        passed = min(step / self.steps, 1.0)
        return start + (end - start) * SHAPES[self.shape](passed)

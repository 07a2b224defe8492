"""Everything that training changes, in one object: two networks, their optimisers, the averaged generator, a count."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from wgan.training.optimizers import OptimizerSettings


class TrainState:
    """The state after `step` generator updates."""

    def __init__(
        self,
        generator: nn.Module,
        critic: nn.Module,
        generator_optimizer: OptimizerSettings,
        critic_optimizer: OptimizerSettings,
        *,
        ema_decay: float,
        device: torch.device,
    ) -> None:
        self.generator = generator.to(device).train()
        self.critic = critic.to(device).train()
        self.ema = deepcopy(self.generator).eval().requires_grad_(False)
        self.generator_optimizer = generator_optimizer.build(generator.parameters(), device)
        self.critic_optimizer = critic_optimizer.build(critic.parameters(), device)
        self.ema_decay = ema_decay
        self.step = 0
        self.channels_last = False
        """How its networks lie in memory."""
        self.loads = 0
        """How often a saved state was put in its place: its optimisers have other tensors then."""

    def advance(self) -> None:
        """Count a generator update and fold it into the average."""
        self.step += 1
        # Short memory at first, so that the average leaves its random start behind.
        update_average(self.ema, self.generator, min(self.ema_decay, self.step / (self.step + 10)))

    def scale_rates(self, factor: float) -> None:
        """Multiply both learning rates, those that a schedule starts from included."""
        for optimizer in (self.generator_optimizer, self.critic_optimizer):
            for group in optimizer.param_groups:
                for name in ("lr", "initial_lr"):
                    if name in group:
                        group[name] *= factor

    def is_finite(self) -> bool:
        """Whether every number in its networks is. Waits for the device."""
        networks = (self.generator, self.critic, self.ema)
        return all(bool(tensor.isfinite().all()) for network in networks for tensor in _tensors(network))

    def state_dict(self) -> dict[str, Any]:
        """Tensors and plain values only: what `torch.load(weights_only=True)` reads."""
        parts = {name: getattr(self, name).state_dict() for name in _PARTS}
        return {"step": self.step, **parts}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Become the saved state."""
        for name in _PARTS:
            part = getattr(self, name)
            if isinstance(part, torch.optim.Optimizer):
                _load_optimizer(part, saved[name])
            else:
                part.load_state_dict(saved[name])
        self.step = saved["step"]
        self.loads += 1


def _load_optimizer(optimizer: torch.optim.Optimizer, saved: Mapping[str, Any]) -> None:
    """Become the saved state, but compute as before: another device, or another layout, may have written it."""
    capturable = [group.get("capturable") for group in optimizer.param_groups]
    optimizer.load_state_dict(dict(saved))
    for group, can in zip(optimizer.param_groups, capturable, strict=True):
        if can is not None:
            group["capturable"] = can
    fit_optimizer(optimizer)


def fit_optimizer(optimizer: torch.optim.Optimizer) -> None:
    """Lay out what it remembers of each weight as the weight is: fused updates pair numbers by their places.

    Counts of steps are where its implementation wants them.
    """
    for group in optimizer.param_groups:
        on_device = group.get("capturable") or group.get("fused")
        for parameter in group["params"]:
            remembered = optimizer.state.get(parameter, {})
            for name, value in remembered.items():
                if not isinstance(value, Tensor):
                    continue
                if name == "step":
                    remembered[name] = value.to(parameter.device if on_device else "cpu")
                elif value.shape == parameter.shape and value.stride() != parameter.stride():
                    remembered[name] = torch.empty_like(parameter.detach()).copy_(value)


_PARTS = ("generator", "critic", "ema", "generator_optimizer", "critic_optimizer")


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move `average` towards `network`: decay · average + (1 - decay) · network, buffers included.

    Buffers too, so that the averaged weights meet the BatchNorm statistics of the same past; counts are copied.
    """
    # parameters() and buffers() name a tensor that is used twice once; state_dict() would name it twice.
    pairs = zip(_tensors(average), _tensors(network), strict=True)
    floats: list[tuple[Tensor, Tensor]] = []
    counts: list[tuple[Tensor, Tensor]] = []
    for pair in pairs:
        (floats if pair[0].is_floating_point() else counts).append(pair)
    if floats:
        torch._foreach_lerp_([a for a, _ in floats], [n for _, n in floats], 1 - decay)
    for a, n in counts:
        a.copy_(n)


def _tensors(network: nn.Module) -> Iterator[Tensor]:
    return chain(network.parameters(), network.buffers())

"""Everything that training changes: two networks, their optimisers, the averaged generator, a count of steps."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from wgan.training.optimizers import OptimizerSettings


class TrainState:
    """The state after `step` steps."""

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
        self.ema_decay, self.device = ema_decay, device
        self.step = 0
        self.augmented = 0.0
        """The probability of the changes that an augmentation adapts."""
        self.channels_last = False
        """Whether its networks have that memory format."""
        self.loads = 0
        """How often a state was loaded; each time, the optimisers get other tensors."""

    def advance(self, decay: float | None = None) -> None:
        """Count a step and fold its generator into the average, with another decay than its own if one is given."""
        self.step += 1
        # A short memory at first, to forget the random start.
        decay = self.ema_decay if decay is None else decay
        update_average(self.ema, self.generator, min(decay, self.step / (self.step + 10)))

    def scale_rates(self, factor: float) -> None:
        """Multiply both learning rates, including those that a schedule starts from."""
        for optimizer in (self.generator_optimizer, self.critic_optimizer):
            for group in optimizer.param_groups:
                for name in ("lr", "initial_lr"):
                    if name in group:
                        group[name] *= factor

    def is_finite(self) -> bool:
        """Whether every number in its networks is finite. Waits for the device."""
        networks = (self.generator, self.critic, self.ema)
        return all(bool(tensor.isfinite().all()) for network in networks for tensor in _tensors(network))

    def state_dict(self) -> dict[str, Any]:
        """Tensors and plain values only: what `torch.load(weights_only=True)` reads."""
        parts = {name: getattr(self, name).state_dict() for name in _PARTS}
        return {"step": self.step, "augmented": self.augmented, **parts}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        for name in _PARTS:
            part = getattr(self, name)
            if not isinstance(part, torch.optim.Optimizer):
                part.load_state_dict(saved[name])
                continue
            # Another device, or another memory format, may have written it: compute as before.
            capturable = [group.get("capturable") for group in part.param_groups]
            part.load_state_dict(dict(saved[name]))
            for group, can in zip(part.param_groups, capturable, strict=True):
                if can is not None:
                    group["capturable"] = can
            fit_optimizer(part)
        self.step = saved["step"]
        self.augmented = float(saved.get("augmented", 0.0))  # older checkpoints have none
        self.loads += 1


def fit_optimizer(optimizer: torch.optim.Optimizer) -> None:
    """Give its state the memory format of the weights, since fused updates pair numbers by their places.

    Counts of steps go to the device where its implementation expects them.
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
    """Move `average` towards `network`: decay · average + (1 - decay) · network.

    Buffers too, so that the averaged weights get the BatchNorm statistics of the same past; counts are copied.
    """
    # parameters() and buffers() name a tensor that is used twice once; state_dict() would name it twice.
    pairs = list(zip(_tensors(average), _tensors(network), strict=True))
    floats = [pair for pair in pairs if pair[0].is_floating_point()]
    counts = [pair for pair in pairs if not pair[0].is_floating_point()]
    if floats:
        torch._foreach_lerp_([a for a, _ in floats], [n for _, n in floats], 1 - decay)
    for a, n in counts:
        a.copy_(n)


def _tensors(network: nn.Module) -> Iterator[Tensor]:
    return chain(network.parameters(), network.buffers())

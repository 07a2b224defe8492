"""Parts that are passed as Python objects, made ready to be copied and trained."""

import hashlib
import inspect
from copy import deepcopy
from dataclasses import is_dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from wgan.errors import InputError
from wgan.networks.summary import count_parameters
from wgan.types import Objective, SampleSpec
from wgan.types.sample_spec import AXES, Kind


class Parts(NamedTuple):
    """Parts passed as Python objects; None where the configuration's are used."""

    generator: nn.Module | None = None
    critic: nn.Module | None = None
    objective: Objective | None = None

    def signatures(self) -> dict[str, str]:
        """What a configuration records of the parts that were passed: enough to recognise them."""
        return {name: _signature(part) for name, part in self._asdict().items() if part is not None}

    def kind(self, latent_size: int) -> Kind | None:
        """The kind of samples that a passed generator makes; None if none was passed, or it has other inputs."""
        if self.generator is None:
            return None
        generator = deepcopy(_bare(self.generator)).eval()
        try:
            with torch.no_grad(), torch.random.fork_rng(devices=[]):
                made = generator(torch.zeros(2, latent_size))
        except Exception:  # of whatever kind: the wiring is examined later, in words
            return None
        axes = made.dim() - 1 if isinstance(made, Tensor) else 0
        return next((kind for kind, sides in AXES.items() if sides == axes), None)

    def ready(self, spec: SampleSpec, latent_size: int, seed: int) -> "Parts":
        """The same parts, whose networks can be copied, and whose lazy parameters have a shape.

        `DataParallel` is taken off: a process of ours has one device. Lazy modules see a batch of
        zeros, and draw their weights by the seed.

        Raises:
            InputError: a lazy network does not accept its input, or a network takes a condition and the run has none,
                or the other way about.
        """
        generator, critic = (None if network is None else _bare(network) for network in (self.generator, self.critic))
        for who, network in (("generator", generator), ("critic", critic)):
            if network is not None:
                _check_inputs(network, who, spec)
        asked = [] if spec.condition is None else [torch.zeros(2, spec.condition.size)]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            if generator is not None:
                _materialize(generator, "generator", torch.zeros(2, latent_size), *asked)
            if critic is not None:
                _materialize(critic, "critic", torch.zeros(2, *spec.shape), *asked)
        return Parts(generator, critic, self.objective)


def _check_inputs(network: nn.Module, who: str, spec: SampleSpec) -> None:
    """Raise unless a network takes as many inputs as this run gives it."""
    first = {"generator": "z", "critic": "x"}[who]
    if spec.condition is not None and not _takes(network, 2):
        size, names = spec.condition.size, ", ".join(spec.condition.names)
        raise InputError(
            f"This run has a condition ({names}), and the {who} takes one input: write forward({first}, condition), "
            f"where condition is (B, {size}), or ask for nothing."
        )
    if spec.condition is None and not _takes(network, 1) and _takes(network, 2):
        raise InputError(
            f"The {who} takes two inputs, and this run has no condition to give it: name one, such as "
            f'settings={{"data.condition": ["label"]}}, or write forward({first}).'
        )


def _takes(network: nn.Module, count: int) -> bool:
    """Whether `forward` can be called with so many inputs, as far as its signature says."""
    try:
        inspect.signature(network.forward).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:  # of a function that has none
        return True
    return True


def _signature(part: object) -> str:
    if isinstance(part, nn.Module):
        shapes = repr([(name, tuple(value.shape)) for name, value in part.state_dict().items()])
        digest = hashlib.blake2b(shapes.encode(), digest_size=4).hexdigest()
        return f"{type(part).__name__} ({count_parameters(part):,} parameters, {digest})"
    return repr(part) if is_dataclass(part) else type(part).__name__


def _bare(network: nn.Module) -> nn.Module:
    if isinstance(network, nn.DataParallel | nn.parallel.DistributedDataParallel):
        network = network.module
    for module in network.modules():
        for name, value in list(vars(module).items()):
            # The old weight_norm and spectral_norm keep the newest weight as such an attribute, and make another one
            # at each call. A tensor with a history cannot be copied.
            if isinstance(value, Tensor) and value.grad_fn is not None:
                setattr(module, name, value.detach())
    return network


def _materialize(network: nn.Module, who: str, *given: Tensor) -> None:
    if not any(is_lazy(tensor) for tensor in (*network.parameters(), *network.buffers())):
        return
    training = network.training
    try:
        with torch.no_grad():
            network.eval()(*given)  # not to change what BatchNorm remembers
        network.train(training)
    except (RuntimeError, TypeError, ValueError) as error:
        shapes = " and ".join(str(tuple(one.shape)) for one in given)
        raise InputError(f"The {who} has lazy parameters, and does not accept {shapes}: {error}") from error

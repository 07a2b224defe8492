"""Why the generator's loss rises while its pictures improve: one player of a DCGAN stands still, the other is trained.

    python benchmarks/anime_players.py FOLDER OUT [--size 32]

It needs the networks that `anime_collapse.py FOLDER OUT pace --steps 2000` keeps at every 500 steps. Three tables:

    the matrix   the loss of each kept generator before each kept critic of the same run
    the critic   trained on before each generator, which stands still: the generator's loss, and the divergence of
                 real and fake that the critic bounds from below (at most log 2 = 0.693)
    the generator  trained on before the critic of its own step, which stands still
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from wgan.data import open_pack, open_source
from wgan.networks import DCGAN
from wgan.objectives import GAN
from wgan.training import Stream, latents

PAIR = DCGAN(generator_width=16, critic_width=16, critic_norm="batch", norm_first=True, bias=False)
BATCH, MORE, SHOWN = 64, 400, 100
NAME = "dcgan-d2l-0.005-0"
Players = dict[int, tuple[nn.Module, nn.Module]]


def players(out: Path, size: int) -> Players:
    """Generator and critic by the step at which they were kept."""
    found = {}
    for path in sorted((out / f"{size}").glob(f"{NAME}-*.pt"), key=lambda path: int(path.stem.split("-")[-1])):
        state = torch.load(path, weights_only=True)
        generator, critic = PAIR.generator((3, size, size)), PAIR.critic((3, size, size))
        generator.load_state_dict(state["generator"])
        critic.load_state_dict(state["critic"])
        found[int(path.stem.split("-")[-1])] = generator, critic
    return found


def fakes(generator: nn.Module, index: int, count: int = BATCH) -> Tensor:
    made: Tensor = generator(latents(0, Stream.EVALUATION, index, count, PAIR.latent_size))
    return made


@torch.no_grad()
def generator_loss(generator: nn.Module, critic: nn.Module) -> float:
    """Over 512 fakes, in batches as in training."""
    losses = [GAN().generator_loss(critic, made, made).value for made in (fakes(generator, i) for i in range(8))]
    return float(torch.stack(losses).mean())


def train_critic(generator: nn.Module, critic: nn.Module, real: Tensor) -> list[tuple[float, float]]:
    """(generator's loss, bound of the divergence) before the critic is trained on, and every `SHOWN` updates."""
    optimizer = torch.optim.Adam(critic.parameters(), 1e-3, (0.5, 0.999))
    order, lines, bounds = np.random.default_rng(0), [], [float("nan")]
    for update in range(MORE + 1):
        if update % SHOWN == 0:
            lines.append((generator_loss(generator, critic), float(np.mean(bounds))))
            bounds = []
        batch = real[order.choice(len(real), BATCH, replace=False)]
        loss = GAN().critic_loss(critic, batch, fakes(generator, 100 + update).detach(), None)  # type: ignore[arg-type]
        bounds.append(float(loss.terms["js"].detach()))
        optimizer.zero_grad()
        loss.value.backward()
        optimizer.step()
    return lines


def train_generator(generator: nn.Module, critic: nn.Module) -> list[float]:
    """The generator's loss before it is trained on, and every `SHOWN` updates."""
    optimizer = torch.optim.Adam(generator.parameters(), 1e-3, (0.5, 0.999))
    lines = []
    for update in range(MORE + 1):
        if update % SHOWN == 0:
            lines.append(generator_loss(generator, critic))
        made = fakes(generator, 1000 + update)
        loss = GAN().generator_loss(critic, made, made).value
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", type=int, default=32)
    given = parser.parse_args()
    pack = open_pack(open_source(given.folder), (given.size, given.size), 3)
    real, kept = pack.samples_at(np.arange(len(pack))), players(given.out, given.size)
    print("The generator's loss. Columns: the critic of step", *kept)
    for step, (generator, _) in kept.items():
        print(f"generator of {step:5}", *(f"{generator_loss(generator, critic):7.2f}" for _, critic in kept.values()))
    print(f"\nOnly the critic is trained: the generator's loss (bound of the divergence), every {SHOWN} updates")
    for step in kept:
        generator, critic = players(given.out, given.size)[step]
        lines = train_critic(generator, critic, real)
        print(f"generator of {step:5}", *(f"{loss:7.2f} ({bound:.3f})" for loss, bound in lines), flush=True)
    print(f"\nOnly the generator is trained: its loss, every {SHOWN} updates")
    for step in kept:
        print(
            f"critic of {step:5}", *(f"{loss:7.2f}" for loss in train_generator(*players(given.out, given.size)[step]))
        )


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print(__doc__)  # it needs pictures that do not come with the program
    else:
        main()

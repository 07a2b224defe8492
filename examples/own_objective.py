"""Train with an objective of your own in twenty lines: least squares with any targets (Mao et al. 2017, eq. 2)."""

from dataclasses import dataclass

import wgan


@dataclass(frozen=True)
class LeastSquares:
    """The critic's score should be `real` for real data and `fake` for fakes; the generator wants `real`."""

    real: float = 1.0
    fake: float = 0.0

    def critic_loss(self, critic, real, fake, noise):
        loss = (critic(real) - self.real).square().mean() + (critic(fake) - self.fake).square().mean()
        return wgan.Loss(loss, {"critic_loss": loss})

    def generator_loss(self, critic, real, fake):
        loss = (critic(fake) - self.real).square().mean()
        return wgan.Loss(loss, {"generator_loss": loss})

    def constrain(self, critic):
        pass


def main(steps: int = 2000, out: str = "runs/least-squares") -> wgan.Run:
    return wgan.train("digits", recipe="wgan-gp-digits", objective=LeastSquares(), steps=steps, out=out)


if __name__ == "__main__":
    print(main().path)

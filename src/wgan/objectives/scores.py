"""The scores of real and fake samples, which most losses are made of."""

from wgan.types import Critic, Samples, Scores


def score_both(critic: Critic, real: Samples, fake: Samples) -> tuple[Scores, Scores]:
    """What the critic says of each, as if called twice; a critic that can do both at once is asked to."""
    together = getattr(critic, "score_both", None)
    if together is None:
        return critic(real), critic(fake)
    scores: tuple[Scores, Scores] = together(real, fake)
    return scores

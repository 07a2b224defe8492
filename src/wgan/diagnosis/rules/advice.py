"""What to type, for the run at hand: relative to its own settings, and only settings that it has."""

from wgan.diagnosis.setup import Setup


def rates(setup: Setup, times: float, *players: str) -> tuple[str, ...]:
    """The learning rates of players, so many times what they are."""
    return tuple(
        f"{player}_optimizer.learning_rate={getattr(setup, player).learning_rate * times:.3g}" for player in players
    )


def lower_rates(setup: Setup) -> tuple[str, ...]:
    """A tenth of both rates."""
    return rates(setup, 0.1, "generator", "critic")


def independent_scores(setup: Setup) -> tuple[str, ...]:
    """A critic that does not mix samples, if this one does and its networks have the choice."""
    if "critic" in setup.custom or setup.critic_norm != "batch":
        return ()
    return ("networks.critic_norm=layer",)


def wgan_gp(setup: Setup) -> tuple[str, ...]:
    """The objective that most runs can fall back on, with a critic that suits it; not in place of the user's own."""
    if "objective" in setup.custom or (setup.wiring.mixes_samples and not independent_scores(setup)):
        return ()
    if setup.game is not None and setup.wasserstein and not setup.clip:  # it is that objective, perhaps without penalty
        return () if setup.game.penalty_weight else ("objective.penalty_weight=10",)
    return ("objective=wgan-gp", *independent_scores(setup))

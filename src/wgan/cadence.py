"""When a run does what: functions of its configuration and of the step, so that all of its processes agree."""

from wgan.config import RunConfig


def logs_at(config: RunConfig, step: int) -> bool:
    """Whether a line of the log is due."""
    return _due(config, step, config.output.log_every)


def samples_at(config: RunConfig, step: int) -> bool:
    """Whether a grid is."""
    return _due(config, step, config.output.sample_every)


def evaluates_at(config: RunConfig, step: int) -> bool:
    """Whether metrics are."""
    wanted = bool(config.output.metrics or config.output.best_by)
    return wanted and _due(config, step, config.output.evaluate_every)


def saves_at(config: RunConfig, step: int) -> bool:
    """Whether a checkpoint is, and not only because this step turns out to be the best."""
    return _due(config, step, config.output.checkpoint_every)


def reads_at(config: RunConfig, step: int) -> bool:
    """Whether terms are read from the device, and found to be numbers or not."""
    return logs_at(config, step) or evaluates_at(config, step) or saves_at(config, step)


def _due(config: RunConfig, step: int, every: int) -> bool:
    """At the last step, everything is."""
    return step % every == 0 or step == config.training.steps

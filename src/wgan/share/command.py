"""The command that trains a run like this one."""

import json
import shlex
from typing import Any

from wgan.config import ENGINE, RunConfig, differences, parse_settings
from wgan.errors import InputError
from wgan.recipes import RECIPES, recipe

LEFT_OUT = {"recipe", "chosen", "device", *ENGINE, "rank_timeout", "on_divergence"}
"""What follows from the rest, or is chosen on each machine."""
SECTIONS_LEFT_OUT = ("start.", "output.", "stop.", "custom")
KEYS_LEFT_OUT = {"data.source", "training.minutes", "training.epochs"}
FLAGS = {"training.steps": "--steps", "training.seed": "--seed"}


def train_command(config: RunConfig, source: str | None) -> str | None:
    """The `wgan train` of a configuration on `source`, or on DATA; None if no command says all of it."""
    if config.custom or config.start.generator or config.start.critic or config.recipe not in RECIPES:
        return None
    base = recipe(config.recipe)
    try:
        named = {key: value for key, value in _differing(base, config).items() if key.endswith(".name")}
        settings = {**named, **_differing(base.with_settings(named), config)}
        settings |= {key: config.to_dict()["training"][key.partition(".")[2]] for key in FLAGS}
        texts = {key: f"{key}={_typed(value)}" for key, value in settings.items()}
        if _differing(base.with_settings(parse_settings(texts.values())), config):
            return None
    except InputError:
        return None
    flags = [part for key, flag in FLAGS.items() for part in (flag, str(settings[key]))]
    others = [part for key, text in texts.items() if key not in FLAGS for part in ("--set", text)]
    return shlex.join(["wgan", "train", source or "DATA", "--recipe", config.recipe, *flags, *others])


def _differing(base: RunConfig, config: RunConfig) -> dict[str, Any]:
    """The settings that decide the numbers and are others than in `base`, by dotted key."""
    return {
        key: new
        for key, (_, new) in differences(base, config).items()
        if key not in LEFT_OUT | KEYS_LEFT_OUT and not key.startswith(SECTIONS_LEFT_OUT)
    }


def _typed(value: Any) -> str:
    """A value as `--set` reads it: TOML, of which one line of JSON is a part."""
    if isinstance(value, str) and value.replace("-", "").isalnum() and not value[0].isdigit():
        return value
    return json.dumps(value, ensure_ascii=False)

"""The recipes as plain values: their settings, their networks and what they are for."""

import inspect
from typing import Any

from wgan.networks import Network, networks
from wgan.recipes import RECIPES, recipe
from wgan.recipes.suggest import usual_spec


def catalogue_facts() -> dict[str, Any]:
    """All recipes."""
    entries = []
    for name, function in RECIPES.items():
        config, summary = function(), _description(name).partition("\n")[0]
        sizes = {n.title: {"parameters": n.parameters} for n in networks(config.networks, usual_spec(config))}
        entries.append({"name": name, "summary": summary, "steps": config.training.steps, **sizes})
    return {"recipes": entries}


def recipe_facts(name: str) -> dict[str, Any]:
    """One recipe: its settings, and its networks for the data it was written for."""
    config = recipe(name)
    spec = usual_spec(config)
    return {
        "name": name,
        "description": _description(name),
        "data_shape": list(spec.shape),
        "settings": config.to_dict(),
        **{network.title: _network_facts(network) for network in networks(config.networks, spec)},
    }


def _network_facts(network: Network) -> dict[str, Any]:
    return {
        "parameters": network.parameters,
        "fixed_parameters": network.fixed,
        "megabytes": network.megabytes,
        "layers": [layer._asdict() for layer in network.layers],
    }


def _description(name: str) -> str:
    return inspect.getdoc(RECIPES[name]) or ""

"""`wgan recipes`: the recipes, or one in full."""

from collections.abc import Iterator
from typing import Annotated

import typer

from wgan.cli.options import AsJson
from wgan.cli.output import Facts, print_facts


def recipes(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One recipe.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """List the recipes; with NAME, its settings, layer tables and parameter counts."""
    from wgan.recipes.catalogue import catalogue_facts, recipe_facts

    if name is None:
        print_facts(catalogue_facts(), catalogue_lines, as_json=as_json)
    else:
        print_facts(recipe_facts(name), recipe_lines, as_json=as_json)


def catalogue_lines(facts: Facts) -> Iterator[str]:
    """All recipes for people, one a line."""
    width = max(len(entry["name"]) for entry in facts["recipes"])
    for entry in facts["recipes"]:
        yield f"{entry['name']:{width}}  {entry['summary']}"
    yield ""
    yield "One of them in full: wgan recipes NAME. Train it: wgan train DATA --recipe NAME."


def recipe_lines(facts: Facts) -> Iterator[str]:
    """One recipe for people: its description, settings and layer tables."""
    from wgan.system.validation import dotted
    from wgan.types import SampleSpec

    spec = SampleSpec.of(tuple(facts["data_shape"]))
    yield facts["name"]
    yield ""
    yield from facts["description"].splitlines()
    yield ""
    yield "Settings (change them with --set KEY=VALUE):"
    settings = dotted(facts["settings"])
    width = max(map(len, settings))
    yield from (f"  {key:{width}}  {value}" for key, value in settings.items())
    for title in ("generator", "critic"):
        network = facts[title]
        yield ""
        yield f"{title.capitalize()}: {network['parameters']:,} parameters, for {spec}"
        for layer in network["layers"]:
            shape = "x".join(map(str, layer["output"])) or "1"
            yield f"  {layer['name']:>4}  {layer['kind']:16} {shape:>12} {layer['parameters']:>12,}"
        yield from (f"  {line}" for line in memory_lines(network))


def memory_lines(network: Facts) -> Iterator[str]:
    """What a network takes, in words."""
    mb, trained, fixed = network["megabytes"], network["parameters"], network["fixed_parameters"]
    yield f"parameters: {mb['parameters']:.2f} MB; {trained:,} trained, {fixed:,} fixed"
    backward = f"forward and backward {mb['forward_backward']:.2f} MB"
    yield f"a sample in fp32: input {mb['input']:.2f} MB, forward {mb['forward']:.2f} MB, {backward}"

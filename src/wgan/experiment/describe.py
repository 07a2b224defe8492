"""What is in data before anything is trained on them: `wgan data`, and `describe` in Python."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from rich.console import Console

from wgan.augmentation import augmentation_name
from wgan.data import Pack, open_pack
from wgan.data.survey import data_facts
from wgan.errors import InputError
from wgan.experiment.affordable import affordable
from wgan.experiment.plan import choose
from wgan.recipes.suggest import Reasons
from wgan.system import html
from wgan.training import Stream, random_numbers
from wgan.types import Augmentation, Progress, Samples
from wgan.views import contact_sheet, embedded, short
from wgan.views.notebook import terminal_on

STRIP = {"picture": (20, 10), "volume": (6, 6), "signal": (10, 5)}
"""How many samples a notebook shows, and in how many columns, by their kind; of points, a cloud."""
WIDTH, CLOUD = 640, 320
"""The widest that a strip of samples and a cloud of points are shown, in pixels."""
SHOWN = 0.5
"""The probability of each change that a sheet shows of ada, whose own follows the critic."""
CONDITIONS = 10
"""The most things to ask for that a notebook shows."""
NOTES = 5
"""The most notes, and the most skipped files, that a notebook shows."""


@dataclass(frozen=True)
class Description:
    """What is in a data set, and how `train` would see it. In a notebook it shows a table and some samples."""

    facts: Mapping[str, Any]
    """As `wgan data --json` prints them."""
    pack: Pack
    augmentation: Augmentation
    """The one that `train` would use."""

    def __repr__(self) -> str:
        return f"Description({self.facts['name']}: {len(self.pack):,} {self.pack.spec})"

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values."""
        return dict(self.facts)

    @property
    def changes(self) -> dict[str, Any] | None:
        """What a changed sheet shows: the augmentation's name, and the probability of each change; None without one."""
        if not self.augmentation.changes:
            return None
        name = augmentation_name(self.augmentation)
        return {"augmentation": name, "probability": self.augmentation.probability(SHOWN)}

    def sheet(self, *, changed: bool = False) -> Image.Image:
        """A picture of up to 100 samples, or 2,000 points, evenly chosen; `changed` as a critic sees them.

        Raises:
            InputError: points are to be changed.
        """
        if not changed:
            return contact_sheet(self.pack)
        if not self.pack.spec.is_spatial:
            raise InputError("Points cannot be shifted or cut: leave the augmentation out.")

        def change(samples: Samples) -> Samples:
            probability = self.augmentation.probability(SHOWN)
            random = random_numbers(0, Stream.CRITIC_VIEWS)
            numbers = self.augmentation.draw(random, self.pack.shape, len(samples), probability)
            return self.augmentation(samples, torch.from_numpy(numbers))

        return contact_sheet(self.pack, change=change)

    @html.shown
    def _repr_html_(self) -> str:
        strip = contact_sheet(self.pack, *STRIP.get(self.pack.spec.kind, ()))
        notes = [*self.facts["notes"], *(f"skipped {one['name']}: {one['reason']}" for one in self.facts["skipped"])]
        return html.block(
            html.title(self.facts["name"], f"{len(self.pack):,} {self.pack.spec}"),
            html.picture(
                embedded(strip), f"samples of {self.facts['name']}", WIDTH if self.pack.spec.is_spatial else CLOUD
            ),
            html.table(self._rows()),
            *map(html.line, notes[:NOTES]),
            *([html.line(f"and {len(notes) - NOTES:,} more")] if len(notes) > NOTES else ()),
        )

    def _rows(self) -> Iterator[tuple[str, str]]:
        facts = self.facts
        yield "kind", facts["kind"]
        yield "shape", f"{' × '.join(map(str, facts['packed']['shape']))} of {facts['packed']['dtype']}"
        if facts["values"]:
            yield "values", f"{short(facts['values']['low'])} to {short(facts['values']['high'])}"
        yield "split", f"{facts['split']['train']:,} to train on, {facts['split']['held_out']:,} held out"
        if facts["labels"]:
            yield "labels", ", ".join(f"{name} ({count:,})" for name, count in facts["labels"].items())
        if facts["names"]:
            yield "columns", ", ".join(facts["names"])
        if facts["columns"]:
            yield (
                "conditions",
                "; ".join(map(_in_short, facts["columns"][:CONDITIONS]))
                + (f"; and {len(facts['columns']) - CONDITIONS:,} more" if len(facts["columns"]) > CONDITIONS else ""),
            )
        if facts["duplicates"]:
            yield "duplicates", f"{facts['duplicates']:,}"
        if facts["skipped"]:
            yield "skipped", f"{len(facts['skipped']):,}"
        yield "recipe", facts["recipe"]


def _in_short(column: Mapping[str, Any]) -> str:
    """What could be asked for, in a few words."""
    missing = f", {column['missing']:,} missing" if column["missing"] else ""
    if column["kind"] == "number":
        return f"{column['name']} ({short(column['low'])} to {short(column['high'])}{missing})"
    return (
        f"{column['name']} ({len(column['names']):,} {'classes' if column['kind'] == 'class' else 'labels'}{missing})"
    )


def describe(data: Any, *, settings: Mapping[str, Any] | None = None, progress: bool = True) -> Description:
    """What is in data, packed as `train` would; `data` and `settings` are those of `train`.

    Raises:
        InputError: the data cannot be read, or a setting is unknown or out of range.
    """
    return described(data, settings or {}, terminal_on(Console(quiet=not progress)).counted)


def described(data: Any, settings: Mapping[str, Any], progress: Progress) -> Description:
    """The same, with another display of its progress."""
    chosen: Mapping[str, Any] = {}
    because = Reasons()
    with suppress(InputError):  # of a run that is there; what is wrong with the data is said below
        chosen, because = affordable(data, settings, progress=progress)
    config, source, why = choose(data, None, {**settings, **chosen}, progress)
    wanted, reasons = config.data, [*why, *because]
    pack = open_pack(source, wanted.size, wanted.channels, progress, range=wanted.range)
    facts = data_facts(source, pack, wanted.holdout, progress)
    facts |= {"recipe": config.recipe, "why": "; ".join(reasons) or None, "reasons": reasons}
    return Description(facts, pack, config.augmentation)

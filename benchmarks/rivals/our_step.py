"""Our training loop with one of its engines, as `wgan train` runs it, with loading, random numbers and averaging."""

from collections.abc import Iterator
from typing import Any, cast

from rivals.counted import counted

ENGINES = ("eager fp32", "eager bf16", "compiled fp32", "compiled bf16")
"""The engines of a CPU; GPUs also have tf32, and "graphs" as a third word."""


class Ours:
    """A recipe on data, with optional settings."""

    def __init__(self, given: dict[str, Any]) -> None:
        import torch

        from rivals.given import packed
        from wgan.experiment.build import batches, build_state
        from wgan.experiment.plan import NO_PARTS
        from wgan.recipes import recipe
        from wgan.training import Game

        self.device = torch.device(given["device"])
        self.config = recipe(given["recipe"]).with_settings(given.get("settings", {}))
        self.pack = packed(self.config, given["data"])
        self.state = build_state(self.config, self.pack.spec, NO_PARTS, self.device)
        self.batches = batches(self.config, self.pack, self.device)
        self.game = Game(self.config.objective, given.get("apart", True))  # most critics score each sample by itself
        self.records = self._records(given["engine"])

    def _records(self, engine: str) -> Iterator[Any]:
        from wgan.experiment.build import Loop
        from wgan.experiment.engine_trials import EngineTrials
        from wgan.training import Mode, Precision

        words = engine.split()
        mode = Mode(
            precision=cast(Precision, words[1]),
            compiled=words[0] == "compiled",
            graphs="graphs" in words,
            channels_last="channels-last" in words,
        )
        loop = Loop(self.state, self.game, self.config, self.batches)
        return loop._replace(engine=EngineTrials(loop).build(mode)).records(10**9)

    def losses(self, steps: int) -> list[list[float]]:
        """The last critic loss and the generator's loss of each step."""
        rows = [next(self.records).terms for _ in range(steps)]
        return [[float(row[name]) for name in ("critic_loss", "generator_loss")] for row in rows]

    def steps(self, count: int) -> None:
        """Train; terms stay on the device, as between two lines of a log."""
        import torch

        for _ in range(count):
            next(self.records)
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def facts(self) -> dict[str, int]:
        """Launches and memory of a step."""
        return counted(lambda: next(self.records), self.device)


begin = Ours

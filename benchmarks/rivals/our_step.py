"""Our training loop with one of its engines, as `wgan train` runs it: batches from a pack, draws, average and all."""

from collections.abc import Iterator
from typing import Any, cast

from rivals.counted import counted
from rivals.served import serve

ENGINES = ("eager fp32", "eager bf16", "compiled fp32", "compiled bf16")
"""Those of a CPU, by name; on a GPU there are also tf32, and graphs as a third word."""


class Ours:
    """A recipe on data, with settings changed if there are any."""

    def __init__(self, given: dict[str, Any]) -> None:
        import torch

        from rivals.given import packed
        from wgan.experiment.build import batches, new_state
        from wgan.experiment.plan import NO_PARTS
        from wgan.recipes import recipe
        from wgan.training import Game

        self.device = torch.device(given["device"])
        self.config = recipe(given["recipe"]).with_settings(given.get("settings", {}))
        self.pack = packed(self.config, given["data"])
        self.state = new_state(self.config, self.pack.spec, NO_PARTS, self.device)
        self.batches = batches(self.config, self.pack, self.device)
        self.game = Game(self.config.objective, given.get("apart", True))  # most critics score each sample by itself
        self.records = self._records(given["engine"])

    def _records(self, engine: str) -> Iterator[Any]:
        """The one place where the engine is chosen."""
        from wgan.experiment.build import records
        from wgan.experiment.engine_trials import EngineTrials
        from wgan.training import Mode, Precision

        words = engine.split()
        mode = Mode(
            precision=cast(Precision, words[1]),
            compiled=words[0] == "compiled",
            graphs="graphs" in words,
            channels_last="channels-last" in words,
        )
        built = EngineTrials(self.state, self.game, self.config, self.pack).build(mode)
        return records(self.state, self.game, self.batches, self.config, until=10**9, engine=built)

    def losses(self, steps: int) -> list[list[float]]:
        """The last critic loss and the generator's, for each of so many steps."""
        rows = [next(self.records).terms for _ in range(steps)]
        return [[float(row[name]) for name in ("critic_loss", "generator_loss")] for row in rows]

    def steps(self, count: int) -> None:
        """Terms stay on the device, as they do between two lines of a log."""
        import torch

        for _ in range(count):
            next(self.records)
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def facts(self) -> dict[str, int]:
        """Launches and memory of a step."""
        return counted(lambda: next(self.records), self.device)


if __name__ == "__main__":
    serve(Ours)

"""Our training loop with one of its engines, as `wgan train` runs it: batches from a pack, draws, average and all."""

from collections.abc import Iterator
from typing import Any

from rivals.served import serve

ENGINES = ("eager fp32",)
"""Those that there are, by name."""


class Ours:
    """A recipe on data, with settings changed if there are any."""

    def __init__(self, given: dict[str, Any]) -> None:
        import torch

        from wgan.assembly import NO_PARTS, batches, new_state
        from wgan.data import open_pack, open_source
        from wgan.recipes import recipe

        self.device = torch.device(given["device"])
        self.config = recipe(given["recipe"]).with_settings(given.get("settings", {}))
        size, channels = self.config.data.size, self.config.data.channels
        self.pack = open_pack(open_source(given["data"]), size, channels)
        self.state = new_state(self.config, self.pack.shape, NO_PARTS, self.device)
        self.batches = batches(self.config, self.pack, self.device)
        self.records = self._records(given["engine"])

    def _records(self, engine: str) -> Iterator[Any]:
        """The one place where the engine is chosen."""
        from wgan.assembly import records

        if engine not in ENGINES:
            raise ValueError(f"No engine '{engine}' here, only {', '.join(ENGINES)}.")
        return records(self.state, self.config.objective, self.batches, self.config, until=10**9)

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


if __name__ == "__main__":
    serve(Ours)

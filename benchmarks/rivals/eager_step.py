"""The tutorial's step in plain eager fp32 PyTorch, on weights and batches that are given. Started by `../steps.py`.

The batches lie ready on the device: nothing is loaded or drawn, and no average is kept. That is less work than ours do.
"""

from typing import Any

from rivals.counted import counted


class Eager:
    """The tutorial's networks and updates."""

    def __init__(self, given: dict[str, Any]) -> None:
        import numpy as np
        import torch

        from rivals.tutorial import Players

        content = np.load(given["inputs"])
        self.torch, self.device, self.at = torch, torch.device(given["device"]), 0
        if self.device.type == "cuda":  # torch's own default rounds convolutions to tf32
            torch.backends.cuda.matmul.fp32_precision = torch.backends.cudnn.conv.fp32_precision = "ieee"
        dtype = torch.float64 if given.get("float64") else torch.float32
        names = ("real", "z", "alpha", "last")
        self.inputs = {name: torch.from_numpy(content[name]).to(self.device, dtype) for name in names}
        networks = {name: network.to(self.device, dtype) for name, network in built(given["facts"]).items()}
        for name, network in networks.items():
            for i, parameter in enumerate(network.parameters()):
                parameter.data.copy_(torch.from_numpy(content[f"{name}.{i}"]).view_as(parameter))
        facts = given["facts"]
        self.players = Players(
            networks["generator"], networks["critic"], facts["rate"], facts["betas"], as_published=False
        )

    def losses(self, steps: int) -> list[list[float]]:
        """The last critic loss and the generator's loss of each step."""
        return [[loss.item() for loss in self._step()] for _ in range(steps)]

    def steps(self, count: int) -> None:
        """Both losses are read once a step; tutorials read them more often."""
        for _ in range(count):
            for loss in self._step():
                loss.item()
        if self.device.type == "cuda":
            self.torch.cuda.synchronize()

    def facts(self) -> dict[str, int]:
        """Launches and memory of a step."""
        return counted(self._step, self.device)

    def _step(self) -> tuple[Any, Any]:
        at = self.at % len(self.inputs["last"])
        self.at += 1
        for batch in zip(*(self.inputs[name][at] for name in ("real", "z", "alpha")), strict=True):
            critic_loss = self.players.update_critic(*batch)
        return critic_loss, self.players.update_generator(self.inputs["last"][at])


def built(facts: dict[str, Any]) -> dict[str, Any]:
    """The tutorials' networks, of the sizes in question."""
    if facts["kind"] == "mlp":
        from rivals.tutorial_mnist import Critic, Generator

        return {
            "generator": Generator(facts["latent_size"], facts["generator_widths"], facts["shape"], facts["leak"]),
            "critic": Critic(facts["critic_widths"], facts["shape"], facts["leak"]),
        }
    from rivals import tutorial_faces as faces

    return {
        "generator": faces.Generator(facts["latent_size"], facts["generator_width"] // 2),
        "critic": faces.Critic(facts["critic_width"]),
    }


begin = Eager

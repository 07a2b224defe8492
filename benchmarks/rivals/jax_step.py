"""The step of WGAN-GP in JAX, compiled as a whole, on given weights and batches. Started by `../steps.py`.

Five critic updates, the generator's and the average are one compiled function whose buffers are given back to it. JAX,
optax and NumPy are all it needs: it runs in a Python of its own and is no dependency of anything here.
"""

from functools import partial
from typing import Any

from rivals.jax_networks import Layers, Networks, networks


class Jax:
    """A tutorial's two networks, of either kind."""

    def __init__(self, given: dict[str, Any]) -> None:
        import jax
        import numpy as np

        jax.config.update("jax_default_matmul_precision", "float32")  # on a GPU it would be less
        jax.config.update("jax_enable_x64", bool(given.get("float64")))
        dtype, facts = np.float64 if given.get("float64") else np.float32, given["facts"]
        content = {name: values.astype(dtype) for name, values in np.load(given["inputs"]).items()}
        inputs = {name: content[name] for name in ("z", "alpha", "last", "real")}
        self.jax, self.at, self.inputs = (
            jax,
            0,
            [jax.device_put({name: values[i] for name, values in inputs.items()}) for i in range(len(content["last"]))],
        )
        both = networks(facts)
        generator = both.generator_layers(_parameters(content, "generator"))
        critic = both.critic_layers(_parameters(content, "critic"))
        self.state, step = compiled(both, generator, critic, facts)
        self.step = step.lower(self.state, self.inputs[0]).compile()  # before it says that it is ready

    def losses(self, steps: int) -> list[list[float]]:
        """The last critic loss and the generator's loss of each step."""
        return [[float(loss) for loss in self._step()] for _ in range(steps)]

    def steps(self, count: int) -> None:
        """Train, and wait for the last step."""
        for _ in range(count):
            self._step()
        self.jax.block_until_ready(self.state)

    def facts(self) -> dict[str, int]:
        """Not counted."""
        return {}

    def _step(self) -> Any:
        batch = self.inputs[self.at % len(self.inputs)]
        self.at += 1
        self.state, losses = self.step(self.state, batch)
        return losses


def _parameters(content: Any, name: str) -> list[Any]:
    """The parameters of a network, in torch's order."""
    return [content[f"{name}.{i}"] for i in range(sum(key.startswith(f"{name}.") for key in content))]


def compiled(both: Networks, generator: Layers, critic: Layers, facts: dict[str, Any]) -> tuple[Any, Any]:
    """The first state, and the function from a state and a step's batches to the next state and the losses."""
    import jax
    import jax.numpy as jnp
    import optax

    weight, decay = facts["penalty_weight"], facts["ema_decay"]
    generate, score = both.generate, both.score
    optimizer = optax.adam(facts["rate"], *facts["betas"], eps=1e-8)

    def critic_loss(critic: Any, real: Any, fake: Any, alpha: Any) -> Any:
        fake = fake.reshape(real.shape)
        between = fake + alpha.reshape(-1, *[1] * (real.ndim - 1)) * (real - fake)
        gradient = jax.grad(lambda x: score(critic, x).sum())(between)
        slope = jnp.linalg.norm(gradient.reshape(len(real), -1), axis=1)
        scores = score(critic, jnp.concatenate([real, fake]))
        return scores[len(real) :].mean() - scores[: len(real)].mean() + weight * ((slope - 1) ** 2).mean()

    def generator_loss(generator: Any, critic: Any, running: Any, z: Any) -> tuple[Any, Any]:
        fake, running = generate(generator, running, z)
        return -score(critic, fake).mean(), running

    @partial(jax.jit, donate_argnums=0)
    def step(state: Any, batch: Any) -> tuple[Any, Any]:
        generator, critic, running = state["generator"], state["critic"], state["running"]
        critic_memory, generator_memory = state["critic_memory"], state["generator_memory"]
        for i in range(len(batch["real"])):
            fake, running = generate(generator, running, batch["z"][i])
            of_critic, slope = jax.value_and_grad(critic_loss)(critic, batch["real"][i], fake, batch["alpha"][i])
            change, critic_memory = optimizer.update(slope, critic_memory)
            critic = optax.apply_updates(critic, change)
        (of_generator, running), slope = jax.value_and_grad(generator_loss, has_aux=True)(
            generator, critic, running, batch["last"]
        )
        change, generator_memory = optimizer.update(slope, generator_memory)
        generator, count = optax.apply_updates(generator, change), state["count"] + 1
        keep = jnp.minimum(decay, count / (count + 10))
        average = jax.tree.map(lambda old, new: old + (1 - keep) * (new - old), state["average"], (generator, running))
        return {
            "generator": generator, "critic": critic, "running": running, "average": average, "count": count,
            "generator_memory": generator_memory, "critic_memory": critic_memory,
        }, (of_critic, of_generator)  # fmt: skip

    generator, critic = jax.tree.map(jnp.array, (generator, critic))
    running = [
        {"mean": jnp.zeros_like(layer["shift"]), "variance": jnp.ones_like(layer["shift"])}
        for layer in generator
        if "scale" in layer
    ]
    return {
        "generator": generator, "critic": critic, "running": running, "count": jnp.zeros((), jnp.float32),
        "average": jax.tree.map(jnp.copy, (generator, running)),
        "generator_memory": optimizer.init(generator), "critic_memory": optimizer.init(critic),
    }, step  # fmt: skip


begin = Jax

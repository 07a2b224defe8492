"""What is inside the networks, against their tensors."""

import numpy as np
import pytest
from safetensors.torch import load_file

from helpers import small_run
from wgan.report.weights import critic_weights, layers


def test_the_share_of_clipped_weights_is_counted(tmp_path):
    run = small_run(tmp_path / "run", objective="wgan", objective__clip=0.05)
    weights = np.concatenate([tensor.numpy().ravel() for tensor in load_file(str(run.critic_file)).values()])
    found = critic_weights(run)
    assert found.total == weights.size == run.provenance.critic_parameters
    assert found.bound == 0.05
    assert found.at_bound == pytest.approx((np.abs(weights) == np.float32(0.05)).mean(), abs=0.005)
    assert found.at_bound == pytest.approx(run.metrics()[-1]["at_clip"])
    assert found.svg.count('class="bound"') == 2
    assert found.beyond == 0


def test_weights_without_a_bound_are_drawn_but_for_the_furthest(tmp_path):
    found = critic_weights(small_run(tmp_path / "run", training__steps=2))
    assert found.bound is None
    assert 'class="bound"' not in found.svg
    assert 0 <= found.beyond < 1e-3


def test_each_layer_is_a_strip_in_the_scale_of_its_network():
    rows = [{"step": step, "layers": {"critic": {"a": 1.0, "b": 10.0**-step}}} for step in range(1, 5)]
    rows.insert(0, {"step": 0})
    (critic,) = layers(rows)
    assert [(name, newest) for name, _, newest in critic.strips] == [("a", "1"), ("b", "1e-4")]
    assert (critic.network, critic.low, critic.high, critic.first, critic.last) == ("critic", "1e-4", "1", 1, 4)
    assert critic.strips[0][1].count("<rect") == 1
    assert critic.strips[1][1].count("<rect") == 4
    assert layers([{"step": 1}]) == []

"""Players in other precisions, among several processes too."""

import torch
from torch import nn

from wgan.training import World
from wgan.training.distributed.batch_norm import SyncedBatchNorm
from wgan.training.precision import InPrecision


def test_a_synced_norm_sums_in_single_precision():
    """One process sees the whole batch: what it makes of it is torch's own BatchNorm, in bf16 too."""
    torch.manual_seed(0)
    own, x = nn.BatchNorm1d(5), torch.randn(64, 5)
    synced = SyncedBatchNorm(nn.BatchNorm1d(5), World())
    for norm in (own, synced):
        with torch.autocast("cpu", torch.bfloat16):
            made = norm(x.bfloat16())
        assert made.dtype == torch.bfloat16
    torch.testing.assert_close(synced(x.bfloat16()), own(x.bfloat16()), rtol=0.02, atol=0.02)
    torch.testing.assert_close(synced.running_mean, own.running_mean)
    torch.testing.assert_close(synced.running_var, own.running_var, rtol=1e-3, atol=1e-5)


def test_a_player_computes_in_bf16_and_answers_in_fp32():
    torch.manual_seed(0)
    network, x = nn.Linear(300, 7), torch.randn(16, 300)
    plain, rounded = network(x), InPrecision(network, "bf16")(x)
    assert rounded.dtype == torch.float32
    assert 1e-4 < (plain - rounded).norm() / plain.norm() < 1e-2

"""Several processes that train one run together, and BatchNorm over the batch they share."""

from wgan.training.distributed.batch_norm import sync_norms as sync_norms, unsynced as unsynced
from wgan.training.distributed.world import (
    ALONE as ALONE,
    World as World,
    is_follower as is_follower,
    joined as joined,
    restarted as restarted,
)

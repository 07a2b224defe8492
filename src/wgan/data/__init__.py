"""Data: what a sample is, the sources samples come from, and the pack they are decoded into once."""

from wgan.data.cache import cache_folder as cache_folder
from wgan.data.pack import Pack as Pack, read_pack as read_pack
from wgan.data.packing import find_pack as find_pack, make_pack as make_pack, open_pack as open_pack
from wgan.data.pixels import (
    as_samples as as_samples,
    to_bytes as to_bytes,
    to_samples as to_samples,
    to_unit_range as to_unit_range,
)
from wgan.data.shape import form as form, target_shape as target_shape
from wgan.data.source import Sample as Sample, Skipped as Skipped, Source as Source, Survey as Survey, plain as plain
from wgan.data.sources import FAMILIES as FAMILIES, NAMED as NAMED, open_source as open_source
from wgan.data.sources.archives import Archives as Archives
from wgan.data.sources.arrays import Arrays as Arrays
from wgan.data.sources.digits import Digits as Digits
from wgan.data.sources.folder import Folder as Folder
from wgan.data.sources.idx import Idx as Idx
from wgan.data.sources.stacked import Stacked as Stacked, unstacked as unstacked
from wgan.data.sources.toy import MIXTURES as MIXTURES, Mixture as Mixture, Toy as Toy
from wgan.system.pictures import Array as Array

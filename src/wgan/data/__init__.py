"""Data: sources of samples, and the packs that samples are decoded into."""

from wgan.data.cache import cache_folder
from wgan.data.pack import Pack, read_pack
from wgan.data.packing import find_pack, make_pack, open_pack
from wgan.data.source import Beside, Skipped, Source, Survey, no_progress
from wgan.data.sources import FAMILIES, NAMED, columns_from, open_source
from wgan.data.sources.archives import Archives
from wgan.data.sources.arrays import Arrays
from wgan.data.sources.digits import Digits
from wgan.data.sources.folder import Folder
from wgan.data.sources.stacked import Stacked, unstacked
from wgan.data.sources.toy import MIXTURES, Toy
from wgan.data.survey import target_spec
from wgan.system.pictures import Array

from ._version import __version__ as __version__
from .config import RunConfig as RunConfig
from .errors import InputError as InputError, TrainingError as TrainingError, WganError as WganError
from .evaluation import evaluate as evaluate
from .experiment import train as train
from .experiment.describe import describe as describe
from .experiment.divergence import replay as replay
from .language import set_language as set_language
from .networks import DCGAN as DCGAN, MLP as MLP, ResNet as ResNet, SmallConv as SmallConv
from .objectives import (
    DRAGAN as DRAGAN,
    GAN as GAN,
    LSGAN as LSGAN,
    R1 as R1,
    R3GAN as R3GAN,
    WGAN as WGAN,
    WGANGP as WGANGP,
    WGANLP as WGANLP,
    Composed as Composed,
    Hinge as Hinge,
    gradient_norm as gradient_norm,
    input_gradient as input_gradient,
    interpolate as interpolate,
    slopes as slopes,
)
from .recipes import RECIPES as RECIPES
from .runs import Run as Run, load as load
from .runs.doctor import diagnose as diagnose
from .sweeps import sweep as sweep
from .types import Loss as Loss

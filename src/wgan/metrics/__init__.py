"""Metrics: how far samples are from the data, one definition per file; a name never changes its definition.

To add one: copy the smallest file here (`diversity.py`), add a line to the table below and a section to
`docs/metrics.md`, and run `make test`: the contract tests read the table.
"""

from dataclasses import replace
from typing import Any

from wgan.errors import unknown
from wgan.metrics.asked_summaries import Answers, Differences, Groups
from wgan.metrics.class_balance import ClassBalance
from wgan.metrics.class_coverage import ClassCoverage
from wgan.metrics.class_diversity import ClassDiversity
from wgan.metrics.class_frechet import ClassFrechet
from wgan.metrics.columns import Columns, Correlations
from wgan.metrics.condition_accuracy import ConditionAccuracy
from wgan.metrics.condition_error import ConditionError
from wgan.metrics.coverage import Coverage
from wgan.metrics.density import Density
from wgan.metrics.diversity import Diversity
from wgan.metrics.energy import Energy
from wgan.metrics.exact_wasserstein import ExactWasserstein
from wgan.metrics.extractors import EXTRACTORS, AskedExtractor, DataInfo, Extractor
from wgan.metrics.extractors.reader import has_names
from wgan.metrics.frechet import Frechet
from wgan.metrics.groups import GroupMetric
from wgan.metrics.metric import Better, Metric, SummarySpec, better_word
from wgan.metrics.mmd import MMD
from wgan.metrics.modes import MIXTURE_SAMPLES, STACKED_SAMPLES, HighQuality, Modes, ReverseKL
from wgan.metrics.own import Function, OwnMetric, name_of, own_metric
from wgan.metrics.precision import Precision
from wgan.metrics.recall import Recall
from wgan.metrics.sliced_wasserstein import SlicedWasserstein
from wgan.metrics.summaries import AllRows, Counts, Moments, Summary
from wgan.system.own_code import is_own

METRICS: dict[str, Metric[Any]] = {
    "frechet": Frechet("features"),
    "mmd": MMD("features"),
    "energy": Energy("features"),
    "sliced_wasserstein": SlicedWasserstein("patches"),
    "w1": ExactWasserstein(1),
    "w2": ExactWasserstein(2),
    "precision": Precision("features"),
    "recall": Recall("features"),
    "density": Density("features"),
    "coverage": Coverage("features"),
    "diversity": Diversity("features"),
    "columns": Columns("samples"),
    "correlations": Correlations("samples"),
    "classifier_frechet": Frechet("classifier"),
    "class_coverage": ClassCoverage(),
    "class_balance": ClassBalance(),
    "condition_accuracy": ConditionAccuracy(),
    "condition_error": ConditionError(),
    "class_frechet": ClassFrechet(),
    "class_diversity": ClassDiversity(),
    "modes": Modes("mixture", MIXTURE_SAMPLES),
    "high_quality": HighQuality("mixture", MIXTURE_SAMPLES),
    "reverse_kl": ReverseKL("mixture", MIXTURE_SAMPLES),
    "stacked_modes": Modes("stacked", STACKED_SAMPLES),
    "stacked_kl": ReverseKL("stacked", STACKED_SAMPLES),
    "fid": Frechet("inception"),
    "kid": MMD("inception"),
}
"""`fid` and `kid` are those of the literature, on Inception; `frechet` and `mmd` are the same on random features."""


TABLE = 3
"""Points with so many columns are likely a table, as those are whose columns have names."""


def known_metric(name: str) -> str:
    """The name itself. If no metric has it, an InputError offers the nearest name.

    A name `module:function` is taken as it is: nothing is imported to see whether it is there.
    """
    if name not in METRICS and not is_own(name):
        raise unknown("metric", name, METRICS)
    return name


def metric_of(named: str | Function) -> tuple[str, Metric[Any]]:
    """A metric by its name, `module:function` or the function itself; and the name that its values have.

    This runs the user's code: call it only with what the user named in this command.

    Raises:
        InputError: there is no such metric.
    """
    if isinstance(named, str) and known_metric(named) in METRICS:
        return named, METRICS[named]
    found = own_metric(named)
    if found.name in METRICS:  # a function of the user's that is called like one of ours
        found = replace(found, name=f"own:{found.name}")
    return found.name, found


def usual_metrics(info: DataInfo) -> tuple[str, ...]:
    """The metrics that suit the data and need no download."""
    spec = info.spec
    names = ["frechet", "mmd"] if spec.is_spatial else ["w1", "w2"]
    names += ["sliced_wasserstein", "precision", "recall", "density", "coverage", "diversity"]
    if not spec.is_spatial and (spec.names or spec.shape[0] >= TABLE):
        names += ["columns", "correlations"] if spec.shape[0] > 1 else ["columns"]
    if info.stacked:
        names += ["stacked_modes", "stacked_kl"]
    elif info.classifier is not None:
        names += ["classifier_frechet", "class_coverage", "class_balance"]
    if spec.condition is not None:
        names += ["condition_accuracy"] if has_names(spec.condition) else []
        names += ["condition_error"] if spec.condition.has_numbers else []
        names += ["class_frechet", "class_diversity"]
    if info.mixture is not None:
        names += ["modes", "high_quality", "reverse_kl"]
    return tuple(names)

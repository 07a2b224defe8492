"""Every rule from both sides: what it is about is found, and what is nearly so is not."""

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from diagnosis.rows import ANSWERED, DIGIT, FAR, FLOORS, HEARD, LINE, NEAR, SETUP, comparison, log, rows, setup
from wgan.config import parse_setting
from wgan.diagnosis import Leak, Log, PlayerSettings, Severity, Wiring, before_training, examine
from wgan.objectives import GAN, WGAN, WGANGP, Composed, axes
from wgan.recipes import RECIPES
from wgan.runs.doctor import setup_of
from wgan.system.validation import dotted
from wgan.types import SampleSpec

WGAN_CLIP = axes(WGAN(clip=0.01))


def codes(facts, written=None):
    return {finding.code: finding for finding in examine(facts, written or Log()).findings}


def few(count):
    """A condition of which one class has so few."""
    counts = (count, *(180,) * 9)
    return replace(DIGIT, parts=(replace(DIGIT.parts[0], counts=counts),))


def leak(nearest, other, noise=0.05):
    return Leak("digit", nearest, other, noise, 0.9)


BEFORE = {
    "critic-mixes-samples": (
        setup(wiring={"mixes_samples": True}),
        setup(wiring={"mixes_samples": True, "penalised": False}),
    ),
    "generator-gets-no-gradient": (setup(wiring={"reaches_generator": False}), setup()),
    "wrong-sign": (setup(wiring={"prefers_real": False}), setup()),
    "penalty-norm-axis": (setup(wiring={"whole_slope": False}), setup()),
    "bounded-critic": (setup(wiring={"bounded_scores": True}), setup()),
    "critic-unconstrained": (
        setup(axes(WGANGP(penalty_weight=0.0)), {"penalised": False}),
        setup(axes(GAN()), {"penalised": False}),
    ),
    "clip-too-small": (setup(axes(WGAN(clip=1e-5))), setup(axes(WGAN(clip=1e-3)))),
    "clip-too-large": (setup(axes(WGAN(clip=10.0))), setup(axes(WGAN(clip=0.1)))),
    "data-outside-generator-range": (setup(wiring={"data_low": -2.0}), setup(wiring={"data_low": -1.01})),
    "data-not-normalised": (
        setup(wiring={"data_high": 255.0, "generator_high": math.inf}),
        setup(wiring={"data_high": 4.1, "generator_high": math.inf}),
    ),
    "batch-too-small": (setup(batch_size=3), setup(batch_size=4, wiring={"batch_norm": False})),
    "clipped-cross-entropy": (setup(Composed("non-saturating", penalty_weight=0.0, clip=0.01)), setup(WGAN_CLIP)),
    "penalty-on-cross-entropy": (
        setup(Composed("non-saturating", "one-centred", ("line",))),
        setup(Composed("non-saturating", "one-centred", ("around-real",))),  # that is DRAGAN
    ),
    "summed-loss": (
        setup(Composed(reduction="sum"), critic=PlayerSettings("sgd", 1e-3, 0.0)),
        setup(Composed(reduction="sum")),  # Adam divides by the gradient's size
    ),
    "learning-rate-too-high": (
        setup(critic=PlayerSettings("adam", 0.1, 0.0)),
        setup(critic=PlayerSettings("sgd", 0.1, 0.0)),
    ),
    "critic-too-slow": (
        setup(critic=PlayerSettings("adam", 1e-5, 0.0)),
        setup(axes(GAN()), critic=PlayerSettings("adam", 1e-5, 0.0)),  # there, a slow discriminator keeps the balance
    ),
    "momentum-too-high": (
        setup(critic=PlayerSettings("adam", 1e-4, 0.99)),
        setup(critic=PlayerSettings("adam", 1e-4, 0.9)),
    ),
    "momentum-with-clipping": (
        setup(WGAN_CLIP, critic=PlayerSettings("adam", 1e-4, 0.9)),
        setup(WGAN_CLIP, critic=PlayerSettings("rmsprop", 5e-5, 0.0)),
    ),
    "dataset-too-small": (setup(train_count=64), setup(train_count=1617)),
    "critic-ignores-samples": (setup(wiring={"uses_fake": False}), setup()),
    "penalty-without-gradient": (setup(wiring={"penalty_reaches": False}), setup()),
    "penalty-rewards-slopes": (setup(wiring={"steep_cost": -10.0}), setup(wiring={"steep_cost": -1e-5})),
    "penalty-too-strong": (
        setup(wiring={"slope_cost": 1000.0, "steep_cost": 1000.0}),
        setup(wiring={"slope_cost": 450.0, "steep_cost": 150.0}),  # R3GAN's for 256x256
    ),
    "penalty-too-weak": (
        setup(wiring={"slope_cost": 1e-4}),
        setup(axes(GAN()), wiring={"slope_cost": 1e-4, "penalised": False}),
    ),
    "generator-ignores-latents": (setup(wiring={"listens": False}), setup()),
    "dead-critic": (setup(wiring={"hears": False}), setup()),
    "dead-units": (setup(wiring={"critic_dead": 0.75}), setup(wiring={"critic_dead": 0.25})),
    "frozen-weights": (setup(wiring={"generator_frozen": 0.5}), setup(wiring={"generator_frozen": 0.001})),
    "noisy-critic": (setup(wiring={"score_noise": 5.0}), setup(wiring={"score_noise": 1.0})),
    "latent-too-small": (
        setup(latent_size=2, wiring={"data_dimension": 12.0}),
        setup(latent_size=8, wiring={"data_dimension": 12.0}),
    ),
    "network-too-small": (
        setup(latent_size=64, wiring={"data_dimension": 12.0, "generator_rank": 1.0}),
        setup(latent_size=2, wiring={"data_dimension": 2.0, "generator_rank": 2.0, "critic_rank": 2.0}),
    ),
    "condition-ignored": (setup(wiring={"critic_asked": False}), setup()),
    "class-starved": (setup(condition=few(108)), setup(condition=few(112))),  # nine tenths are trained on
    "condition-leaks": (setup(wiring={"leaks": (leak(0.9, 0.1),)}), setup(wiring={"leaks": (leak(0.9, 0.6),)})),
    "data-all-alike": (setup(wiring={"data_variety": 1e-3}), setup(wiring={"data_variety": 0.3})),
    "data-repeated": (setup(wiring={"data_copies": 50.0}), setup(wiring={"data_copies": 1.2})),
    "data-narrow": (setup(wiring={"data_width": 0.01}), setup(wiring={"data_width": 1.0})),
    "data-outliers": (setup(wiring={"data_extreme": 600.0}), setup(wiring={"data_extreme": 5.0})),
}


@pytest.mark.parametrize("code", BEFORE)
def test_what_can_be_told_before_the_first_step(code):
    ill, nearly = BEFORE[code]
    assert code in codes(ill)
    assert code not in codes(nearly)


def layers(**norms):
    named = {player: {"0.weight": first, "5.weight": last} for player, (first, last) in norms.items()}
    return {"layers": LINE["layers"] | named}


def swing(place):
    return 0.5 if place // 4 % 2 else 0.05


PLAIN = setup(axes(GAN()), {"penalised": False})
WHILE = {
    "generator-not-updating": (setup(rates_vanish_at=4000), {"generator_update": 0.0}, {"generator_update": 1e-4}),
    "dead-critic": (setup(), {"score_spread": 0.0, "slope": 0.0}, {"slope": 1e-3}),
    "updates-too-large": (setup(), {"critic_update": 0.5}, {"critic_update": 0.35}),  # of two updates
    "exploding-gradients": (setup(), layers(critic=(1e6, 3.0)), layers(critic=(50.0, 3.0))),
    "vanishing-gradients": (
        setup(),
        layers(generator=(1e-9, 1.0)),
        layers(generator=(1e-3, 1.0)),
    ),
    "ineffective-penalty": (setup(), {"gradient_norm": 3.0}, {"gradient_norm": 1.3}),
    "mode-collapse": (setup(), {"diversity": 0.1}, {"diversity": 0.6}),
    "discriminator-won": (
        PLAIN,
        {"held_out_accuracy": 1.0, "energy_distance": 0.6},
        {"held_out_accuracy": 1.0, "energy_distance": 0.1},
    ),
    "negative-distance": (
        setup(),
        {"train_distance": -0.5, "accuracy": 0.2},
        {"train_distance": -0.01, "accuracy": 0.49},
    ),
    "clipped-to-corners": (setup(WGAN_CLIP), {"at_clip": 0.95}, {"at_clip": 0.6}),
    "memorised": (setup(), {"memorised": 0.9}, {"memorised": 0.3}),
    "critic-overfitting": (
        setup(),
        {"held_out_distance": 0.05, "held_out_accuracy": 0.53},
        {"held_out_distance": 0.2, "held_out_accuracy": 0.6},
    ),
    "oscillation": (setup(), {"energy_distance": swing}, {"energy_distance": lambda place: 0.05 + swing(place) / 50}),
    "past-its-best": (
        setup(),
        {"compared": lambda share: NEAR | {"frechet": 9 + 40 * abs(share - 0.3)}},
        {"compared": lambda share: NEAR | {"frechet": 9 + 2 * abs(share - 0.3)}},
    ),
    "steep-critic": (
        setup(game=None),
        {"slope": 50.0, "compared": FAR},
        {"slope": 2.1, "compared": FAR},
    ),
    "updates-too-small": (
        setup(),
        {"generator_update": 2e-4, "compared": FAR},
        {"generator_update": lambda place: 3e-3 if place < 30 else 1e-5, "compared": FAR},  # a schedule's end
    ),
    "saturated-output": (setup(), {"saturated": 0.95, "compared": FAR}, {"saturated": 0.7, "compared": FAR}),
    "values-outside-data": (setup(), {"outside": 0.4, "compared": FAR}, {"outside": 0.02, "compared": FAR}),
    "condition-ignored": (
        setup(condition=DIGIT),
        {**HEARD, "moved": 0.01, "compared": ANSWERED | {"asked digit": 0.02}},
        {**HEARD, "moved": 0.01, "compared": ANSWERED | {"asked digit": 0.5}},
    ),
    "classes-collapsed": (
        setup(condition=DIGIT),
        {**HEARD, "compared": ANSWERED | {"narrowest digit": 0.1}},
        {**HEARD, "compared": ANSWERED | {"narrowest digit": 0.3}},
    ),
    "samples-off-data": (setup(), {"compared": FAR}, {"compared": FAR | {"precision": 0.7}}),
}


def test_where_slopes_are_flat_gradients_have_vanished_sooner():
    norms = layers(critic=(1e-4, 1.0))
    assert "vanishing-gradients" not in codes(setup(), log(**norms))
    assert codes(setup(), log(**norms, slope=1e-8))["vanishing-gradients"].severity == "error"


def test_a_critic_may_be_steep_before_the_first_step():
    assert "steep-critic" in codes(setup(wiring={"first_slope": 1e4}))
    assert "steep-critic" not in codes(setup(wiring={"first_slope": 5.0}))


@pytest.mark.parametrize("code", WHILE)
def test_what_the_numbers_tell(code):
    facts, ill, nearly = WHILE[code]
    assert code in codes(facts, log(**ill))
    assert code not in codes(facts, log(**nearly))


def test_data_that_no_sample_is_near_are_a_collapse_though_samples_differ():
    found = codes(setup(kind="points"), log(compared=None, missed=0.45, diversity=1.2, energy_distance=0.1))[
        "mode-collapse"
    ]
    assert "45% of held-out samples" in found.evidence
    assert found.severity == "error"
    assert (
        codes(setup(kind="points"), log(compared=None, missed=0.25, energy_distance=0.1))["mode-collapse"].severity
        == "warning"
    )
    assert "mode-collapse" not in codes(setup(kind="points"), log(compared=None, missed=0.1, energy_distance=0.1))
    for near in ({"energy_distance": 0.005}, {"missed": lambda place: 0.9 - 0.01 * place}):  # just beside; on the way
        signals = {"missed": 0.45, "energy_distance": 0.1, **near}
        assert codes(setup(kind="points"), log(compared=None, **signals))["mode-collapse"].severity == "warning"


@pytest.mark.parametrize("code", ["saturated-output", "values-outside-data", "steep-critic", "updates-too-small"])
def test_what_did_no_harm_is_not_said(code):
    facts, ill, _ = WHILE[code]
    assert code not in codes(facts, log(**ill | {"compared": NEAR}))


def test_samples_like_the_data_that_reach_only_a_part_of_them_are_a_collapse():
    for recall, severity in ((0.35, "warning"), (0.1, "error")):
        found = codes(setup(), log(compared=NEAR | {"recall": recall}))["mode-collapse"]
        assert (found.severity, f"recall {recall:.2f} of 0.90" in found.evidence) == (severity, True)
    assert "mode-collapse" not in codes(setup(), log(compared=FAR)), "those are off the data"


def test_a_steep_critic_whose_samples_are_near_is_no_error():
    steep = {"gradient_norm": 9.0}
    assert codes(setup(), log(**steep, compared=FAR))["ineffective-penalty"].severity == "error"
    assert codes(setup(), log(**steep))["ineffective-penalty"].severity == "warning"


def test_a_rate_is_judged_by_what_the_schedule_makes_of_it():
    calm, rising = setup(), setup(rate_rise=100.0)
    assert "learning-rate-too-high" not in codes(calm)
    found = codes(rising)["learning-rate-too-high"]
    assert (found.severity, found.settings) == ("error", ("schedule.learning_rate=1",))
    assert "rises to 100 times that" in found.evidence


def test_rates_are_advised_that_a_run_can_have():
    """A tenth of far too much is too much still; and what a rate of nothing should be, the other player tells."""
    sgd = PlayerSettings("sgd", 10.0, 0.0)
    assert setup(critic=sgd).rates(0.1, "critic") == ("critic_optimizer.learning_rate=0.03",)
    assert setup().rates(0.1, "critic") == (f"critic_optimizer.learning_rate={SETUP.critic.learning_rate / 10:.3g}",)
    still = PlayerSettings("adam", 0.0, 0.0)
    other = PlayerSettings("adam", 2e-3, 0.0)
    assert setup(critic=still, generator=other).usual_rate("critic") == ("critic_optimizer.learning_rate=0.002",)
    assert setup(critic=still, generator=sgd).usual_rate("critic") == ("critic_optimizer.learning_rate=0.0003",)
    assert setup(critic=other, generator=other).usual_rate("critic") == ()


def test_a_run_that_ended_says_where():
    found = examine(setup(), Log(failure={"step": 7, "what": "critic_loss became nan at step 7."}))
    assert (found.verdict, found.findings[0].code, found.findings[0].step) == ("diverged", "non-finite", 7)


def test_a_finding_says_since_when():
    found = codes(setup(), log(diversity=lambda place: 0.9 if place < 20 else 0.1))["mode-collapse"]
    assert found.step == 50 * 21


def test_nothing_stands_against_a_healthy_run():
    assert not examine(setup(), log()).findings


def test_lines_of_older_versions_are_read():
    """They have the objective's terms and nothing else: nothing is found, and nothing claimed."""
    lines = [{key: row[key] for key in ("step", "distance", "penalty", "gradient_norm")} for row in rows()]
    found = examine(setup(), Log(lines))
    assert (found.verdict, found.findings) == ("warming-up", ())
    evaluated = examine(setup(), Log(lines, evaluations=[comparison(2000, NEAR)]))
    assert (evaluated.verdict, "recall 0.80 of 0.90" in evaluated.summary) == ("healthy", True)


@pytest.mark.parametrize("player", ["generator", "critic"])
@pytest.mark.parametrize(("end", "broken"), [(2000, False), (1999, True), (2100, True), (None, True)])
def test_networks_that_a_schedule_lets_stand_still_are_not_broken(player, end, broken):
    """They do from step 1,550 on, and the log ends at step 2,000."""
    still = log(**{f"{player}_update": lambda place: 0.01 if place < 30 else 1e-7})
    assert (examine(setup(rates_vanish_at=end), still).verdict == "broken") == broken
    always = log(**{f"{player}_update": 0.0})
    assert examine(setup(rates_vanish_at=end), always).verdict == "broken", "it never moved"


def test_a_run_that_is_as_far_from_the_data_as_they_are_from_themselves_is_not_praised():
    """Of a table of sixteen rows, all copies of two are held out: precision is 0.00 of 0.00."""
    nothing = {name: 0.0 for name in NEAR if name in ("precision", "recall", "coverage")}
    lines = log()
    apart = [comparison(one["step"], NEAR | nothing, floors=FLOORS | nothing) for one in lines.comparisons]
    found = examine(setup(), replace(lines, comparisons=apart))
    assert (found.verdict, "not like the held-out ones themselves" in found.summary) == ("learning", True)
    assert examine(setup(), lines).verdict == "converged"
    third = FLOORS | {"recall": 0.3}
    hard = [comparison(one["step"], NEAR | {"recall": 0.3}, floors=third) for one in lines.comparisons]
    assert examine(setup(), replace(lines, comparisons=hard)).verdict == "converged"


def test_only_a_schedule_that_takes_the_rates_to_nothing_says_where():
    spec, config = SampleSpec.picture(3, 64, 64), RECIPES["wgan-gp-celeba"]()
    ends = {"schedule.steps": 500, "schedule.learning_rate": 0.0}
    for settings, end in (
        (ends, 500),
        (ends | {"schedule.learning_rate": 0.25}, None),
        (ends | {"schedule.steps": 0}, None),
    ):
        assert setup_of(config.with_settings(settings), Wiring(), 50_000, spec).rates_vanish_at == end


@pytest.mark.parametrize(("dimension", "latents", "advised"), [(300.0, 100, 256), (260.0, 64, 256), (20.0, 4, 64)])
def test_more_latents_are_advised_than_there_are(dimension, latents, advised):
    (found,) = before_training(setup(latent_size=latents, wiring={"data_dimension": dimension}))
    assert (found.code, found.settings) == ("latent-too-small", (f"networks.latent_size={advised}",))


def test_a_column_that_is_narrow_beside_a_far_value_is_not_to_be_standardised_again():
    far = setup(kind="points", wiring={"data_scales": 1e5, "data_extreme": 1e6})
    assert [found.code for found in before_training(far)] == ["data-outliers"]
    both = setup(kind="points", wiring={"data_scales": 1e5, "data_extreme": 60.0})
    assert {found.code for found in before_training(both)} == {"data-outliers", "data-not-normalised"}


def test_layers_of_a_spectral_norm_explode_too():
    norms = {"generator": {"0.weight": 0.4}, "critic": {"1.parametrizations.weight.original": 1e6, "1.bias": 1e9}}
    found = codes(setup(), log(layers=norms))["exploding-gradients"]
    assert "1e+06" in found.evidence


@pytest.mark.parametrize("name", RECIPES)
def test_no_recipe_starts_with_an_error_but_the_one_that_is_kept_because_it_fails(name):
    found = before_training(setup_of(RECIPES[name](), Wiring(), 50_000, SampleSpec.picture(3, 64, 64)))
    named = {finding.code for finding in found}
    assert named == ({"penalty-on-cross-entropy", "summed-loss"} if name.endswith("as-published") else set())


def test_the_page_has_a_paragraph_on_every_finding_and_no_other():
    page = (Path(__file__).parents[2] / "docs" / "diagnosis.md").read_text().partition("## The findings")[2]
    page = page.partition("## The failure zoo")[0]
    assert set(re.findall(r"\*\*([a-z-]+)\*\*", page)) == {*BEFORE, *WHILE, "non-finite", "rolled-back"}


@pytest.mark.parametrize("name", RECIPES)
def test_what_is_to_be_typed_is_a_setting_of_the_run_and_changes_it(name):
    """Every finding, as it would be for a run of this recipe."""
    config = RECIPES[name]().with_settings({"training.batch_size": 4})
    own = setup_of(config, Wiring(generator_low=-1.0, generator_high=1.0), 50_000, SampleSpec.picture(3, 64, 64))
    ill = [replace(own, wiring=facts.wiring, train_count=facts.train_count) for facts, _ in BEFORE.values()]
    found = [finding for facts in ill for finding in before_training(facts)]
    for _, signals, _ in WHILE.values():
        found += examine(own, log(**signals)).findings
    for finding in found:
        typed = dict(parse_setting(setting) for setting in finding.settings)
        assert (config.with_settings(typed) != config) == bool(typed), finding
        for key, value in typed.items():
            if key.endswith("learning_rate") and "ower" in finding.advice and not key.startswith("schedule"):
                assert value < dotted(config.to_dict())[key], finding


def test_parts_of_the_users_own_are_not_to_be_replaced_by_a_setting():
    own = setup(custom=frozenset({"critic", "objective"}), critic_norm="batch", wiring={"mixes_samples": True})
    found = [*before_training(own), *examine(own, log(diversity=0.1)).findings]
    assert found
    assert not [
        setting for finding in found for setting in finding.settings if "objective" in setting or "norm" in setting
    ]


def test_every_finding_can_be_acted_on():
    ill = [before_training(facts)[0] for facts, _ in BEFORE.values()]
    ill += [codes(facts, log(**signals))[code] for code, (facts, signals, _) in WHILE.items()]
    for finding in ill:
        assert finding.advice.endswith("."), finding.code
        assert re.search(r"\d|BatchNorm|detach|\(|forward", finding.evidence + finding.advice), finding.code
        assert re.search(r"(19|20)\d\d", finding.reference), finding.code
        assert finding.severity in Severity

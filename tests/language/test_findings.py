"""The specimens of the rules and of the verdicts in Chinese: nothing that they say is left in English."""

import ast
import math
from dataclasses import replace

import pytest

from diagnosis.rows import ANSWERED, DIGIT, FAR, FLOORS, HEARD, NEAR, comparison, log, rows, setup
from diagnosis.test_rules import BEFORE, PLAIN, WHILE, layers
from diagnosis.test_verdict import COURSES
from language.texts import HAN, PACKAGE, english_in
from wgan.diagnosis import Log, PlayerSettings, examine
from wgan.language import using

WIRINGS = [
    {"seeks_high_scores": False},
    {"seeks_high_scores": False, "prefers_real": False},
    {"uses_real": False},
    {"uses_real": False, "uses_fake": False},
    {"generator_low": 0.0, "generator_high": math.inf},
    {"generator_low": -math.inf, "generator_high": 0.0},
    {"data_scales": 1e4},
    {"first_slope": 1e4},
    {"data_dimension": 12.0, "critic_rank": 1.0},
]
"""Other branches of the rules than their tests take."""
FAILED = log(failure={"step": 7, "what": "NaN."})
ROLLED_BACK = log()
ROLLED_BACK.rollbacks = [{"step": 70, "to": 50, "what": "NaN.", "rates": 0.5}] * 2

DEAF = HEARD | {"held_out_matched": 0.5, "moved": 0.0}
ALIKE = log(compared=ANSWERED | {"narrowest digit": 0.0}, **HEARD)
ALIKE.comparisons[-1]["alike"] = {"digit": list("0123456")}
WITHOUT = FLOORS | {"asked digit": 0.0}
FEW = replace(DIGIT, parts=(replace(DIGIT.parts[0], counts=(20,) * 10),))

SPECIMENS = [
    *((ill, Log()) for ill, _ in BEFORE.values()),
    *((facts, log(**ill)) for facts, ill, _ in WHILE.values()),
    *((setup(), log(**course)) for course in COURSES.values()),
    *((setup(wiring=wiring), Log()) for wiring in WIRINGS),
    (setup(latent_size=1, wiring={"data_dimension": 12.0}), Log()),
    (setup(kind="points", wiring={"data_width": 0.001}), Log()),
    (setup(batch_size=3, wiring={"batch_norm": False}), Log()),
    (setup(critic=PlayerSettings("adam", 0.1, 0.99), generator=PlayerSettings("sgd", 9.0, 0.99), rate_rise=3.0), Log()),
    (setup(critic_steps=1, critic=PlayerSettings("adam", 1e-5, 0.0)), Log()),
    (setup(game=None, wiring={"falls_for_ever": True}), Log()),
    (setup(), FAILED),
    (setup(), ROLLED_BACK),
    (setup(wiring={"generator_asked": False}), Log()),
    (setup(condition=FEW), Log()),
    (setup(condition=DIGIT), log(compared=ANSWERED | {"asked digit": 0.0}, **DEAF)),
    (setup(condition=DIGIT), ALIKE),
    (setup(condition=DIGIT), Log(rows(**DEAF), [comparison(2000, ANSWERED | {"asked digit": 0.0}, floors=WITHOUT)])),
    (setup(), log(critic_update=0.0)),
    (setup(), log(compared=NEAR | {"recall": 0.35})),
    (setup(kind="points"), log(compared=None, missed=0.45, energy_distance=0.1)),
    (PLAIN, log(held_out_accuracy=1.0, energy_distance=0.6, sure=0.9)),
    (setup(), log(slope=1e-8, **layers(critic=(1e-4, 1.0)))),
    (setup(), log(12, compared=FAR)),
    (setup(), Log(rows(3), [comparison(100, FAR)])),
]


@pytest.mark.parametrize("specimen", SPECIMENS)
def test_a_diagnosis_in_chinese_is_chinese_and_the_same(specimen):
    english = examine(*specimen)
    with using("zh"):
        chinese = examine(*specimen)
    assert [one._replace(evidence="", advice="") for one in chinese.findings] == [
        one._replace(evidence="", advice="") for one in english.findings
    ], "codes, settings and references are the same"
    assert (chinese.verdict, chinese.step) == (english.verdict, english.step)
    for text in (chinese.summary, *(text for one in chinese.findings for text in (one.evidence, one.advice))):
        assert HAN.search(text)
        assert not english_in(text)
        assert text.endswith(("。", "NaN."))


def test_no_rule_says_anything_by_itself():
    """Evidence and advice come from `say`: nowhere is a plain text or an f-string in their place."""
    places = 0
    for path in (PACKAGE / "diagnosis" / "rules").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding":
                for given in node.args[2:4]:
                    places += 1
                    texts = [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]
                    assert not [one for one in texts if isinstance(one, ast.Constant | ast.JoinedStr)], (path, given)
    assert places > 80

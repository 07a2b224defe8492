"""`benchmarks/gpu.py` as far as a CPU can tell: what fails is named, costs nothing else, and its judges can say no."""

import json
import math
import time
from pathlib import Path

import pytest
import torch

import gpu
from gpu_parts import fast, good, promises, right, tables
from gpu_parts.works import Work, carry_out
from rivals.turns import Lost, Turn
from wgan.training import Eager, Mode
from wgan.training.engines.trials import gradients_of
from wgan.training.steps import Game

SMALL = {"device": "cpu", "small": True, "recipe": "wgan-gp-mnist", "objective": "wgan-gp"}


class Heard:
    def __init__(self):
        self.rows, self.settled = [], 0

    def hear(self, row):
        self.rows.append(row)

    def settle(self):
        self.settled += 1


def heard(works, seconds=60.0, at_once=2):
    found = Heard()
    carry_out(works, at_once=at_once, deadline=time.monotonic() + seconds, findings=found)
    assert found.settled or seconds < 0
    return found.rows


def test_a_part_that_fails_is_named_and_the_others_are_written(tmp_path, monkeypatch, capsys):
    def fails(session, deadline):
        raise RuntimeError("no such kernel")

    def holds(session, deadline):
        session.findings.hear(
            {"table": "promises", "promise": "p", "recipe": "r", "engine": "e", "holds": True, "what": "w"}
        )

    monkeypatch.setattr(gpu, "PARTS", {"right": (fails, 0.5), "fast": (holds, 0.9)})
    (tmp_path / "gpu.md").write_text("of an earlier run")
    assert gpu.main(["--device", "cpu", "--seconds", "600", "--out", str(tmp_path), "--only", "right", "fast"]) == 1
    found = json.loads((tmp_path / "gpu.json").read_text())
    assert found["problems"] == [{"work": "right", "what": "RuntimeError: no such kernel"}]
    assert found["promises"][0]["holds"]
    assert found["ceilings"][0]["bandwidth"] > 0
    written = (tmp_path / "gpu.md").read_text()
    assert "- right: RuntimeError: no such kernel" in written
    assert "| p | r | e | yes | w |" in written
    assert written in capsys.readouterr().out
    assert (tmp_path / "gpu-1.md").read_text() == "of an earlier run"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--data", "nowhere"], "there is no folder nowhere"),
        (["--seconds", "0"], "more than 0"),
        (["--only", "good"], "needs pictures"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(tmp_path, capsys, arguments, complaint):
    with pytest.raises(SystemExit) as end:
        gpu.main(["--device", "cpu", "--out", str(tmp_path / "out"), *arguments])
    assert end.value.code == 2
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_only_time_is_no_failure(tmp_path):
    findings = gpu.Findings(tmp_path)
    findings.hear({"table": "problems", "work": "right: MLP, wgan, compiled", "what": "not begun: no time was left"})
    findings.hear({"table": "promises", "promise": "p", "recipe": "r", "engine": "e", "holds": True, "what": "w"})
    assert not findings.failed
    assert "- right, compiled: 1" in tables.document(findings.tables)
    findings.hear({"table": "promises", "promise": "p", "recipe": "r", "engine": "e", "holds": False, "what": "w"})
    assert findings.failed


def test_without_a_gpu_it_says_so(tmp_path, capsys):
    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(SystemExit):
        gpu.main(["--out", str(tmp_path / "out")])
    assert "no NVIDIA GPU" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_works_that_fail_or_run_out_of_time_are_told_of():
    rows = heard([Work("slow", "ceilings", SMALL), Work("late", "ceilings", SMALL)], seconds=0.4, at_once=1)
    told = [(row["table"], row["work"], row["what"].partition(":")[0]) for row in rows]
    assert sorted(told) == [("problems", "late", "not begun"), ("problems", "slow", "cut off")]
    (row,) = heard([Work("broken", "ceilings", {})])
    assert row == {"table": "problems", "work": "broken", "what": "failed: KeyError: 'device'"}
    (row,) = heard([Work("never", "ceilings", SMALL)], seconds=-1.0)
    assert row["what"].startswith("not begun")


def test_a_later_row_takes_the_place_of_an_earlier_one(tmp_path):
    findings = gpu.Findings(tmp_path)
    for seconds, who in ((2.0, "eager fp32"), (1.0, "eager fp32"), (3.0, "eager bf16")):
        times = {"step_seconds": seconds, "least": seconds, "most": seconds, "images_per_second": 8 / seconds}
        findings.hear({"table": "fast", "recipe": "r", "batch_size": 8, "who": who, **times})
    assert [(row["who"], row["step_seconds"]) for row in findings.tables["fast"]] == [
        ("eager fp32", 1.0),
        ("eager bf16", 3.0),
    ]


@pytest.fixture(scope="module")
def pair():
    return right.Pair(SMALL)


@pytest.fixture(scope="module")
def exact(pair):
    step = pair.given(double=True)._replace(game=Game(pair.game.objective))
    return gradients_of(Eager(), "fp32", pair.state(double=True), step)


class TestRight:
    def test_plain_steps_are(self, pair, exact):
        row = right.examine(pair, Mode(), exact, None, 1e-3)
        assert row["right"]
        assert row["gradient"] < 1e-4

    def test_gradients_that_lose_the_second_derivative_are_not(self, pair, exact, monkeypatch):
        class Loses(Eager):
            def of_critic(self, state, game, batch):
                return super().of_critic(state, Game(type(game.objective)(penalty_weight=0.0)), batch)

        monkeypatch.setattr("wgan.training.engines.build.Eager", Loses)
        row = right.examine(pair, Mode(), exact, None, 1e-3)
        assert row["right"] is False
        assert row["gradient"] > 0.4

    def test_weights_that_drift_are_not(self, pair, exact):
        expected = pair.trained(right.plain_engine(), pair.state())
        assert right.examine(pair, Mode(), exact, expected, 1e-3)["right"]
        moved = [weight + 0.01 for weight in expected]
        assert right.examine(pair, Mode(), exact, moved, 1e-3)["right"] is False

    def test_drift_is_relative_to_what_was_learnt(self):
        first, expected, found = ([torch.tensor(value)] for value in (0.0, 2.0, 2.5))
        assert right.drift(found, expected, first) == pytest.approx(0.25)


def test_promises_can_be_broken():
    first, expected = [torch.zeros(3)], [torch.ones(3)]
    assert promises.compared([torch.ones(3)], expected, first, 0.0) == (True, "bit for bit")
    assert promises.compared([torch.full((3,), 1.001)], expected, first, 0.01).holds
    assert not promises.compared([torch.full((3,), 1.1)], expected, first, 0.01).holds


def test_one_process_of_a_world_trains_as_one_without():
    """In a process of its own, which may begin a process group."""
    rows = heard([Work("world", "promises", {**SMALL, "promise": "a world of one process"})])
    assert [(row["table"], row.get("holds")) for row in rows] == [("promises", True)], rows


def test_the_fastest_engine_that_is_right_trains():
    timed = {"recipe": "wgan-gp-celeba"}
    found = {
        "fast": [
            {**timed, "who": "eager fp32", "step_seconds": 3.0},
            {**timed, "who": "compiled bf16, graphs, channels last", "step_seconds": 1.0},
            {**timed, "who": "eager bf16, graphs, channels last", "step_seconds": 1.5},
            {**timed, "who": "eager tf32, channels last", "step_seconds": 2.0},
            {**timed, "who": "compiled tf32", "unusable": "no compiler"},
            {**timed, "who": "JAX, jit fp32", "step_seconds": 0.1},
        ],
        "right": [],
    }
    assert gpu.fastest(found, "wgan-gp-celeba", "cpu") == {"precision": "bf16", "compile": "off", "graphs": "on"}
    found["right"].append({"engine": "eager bf16, graphs, channels last", "right": False})
    assert gpu.fastest(found, "wgan-gp-celeba", "cpu") == {"precision": "tf32", "compile": "off", "graphs": "off"}
    assert gpu.fastest({}, "wgan-gp-celeba", "cpu") == gpu.plain_engine("cpu")


def test_folders_are_known_by_what_they_hold(tmp_path):
    for name in ("anime_faces", "celeba_faces", "mnist"):
        (tmp_path / name).mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte.gz").touch()
    found = good.cases([str(tmp_path / name) for name in ("mnist", "anime_faces", "celeba_faces")], small=False)
    assert [(case.name, Path(case.data).name) for case in found] == [
        ("wgan-gp-celeba celeba_faces", "celeba_faces"),
        ("wgan-gp-anime anime_faces", "anime_faces"),
        ("dcgan-anime anime_faces", "anime_faces"),
        ("stacked-mnist wgan-gp", "mnist"),
        ("stacked-mnist r3gan", "mnist"),
    ]
    assert found[-1].samples == 26_000


def test_what_is_wrong_is_seen_in_the_table():
    row = {
        "family": "MLP",
        "objective": "wgan-gp",
        "gradient": 0.9,
        "where": "0.weight of the critic",
        "drift": 0.5,
        "waits": "",
    }
    rows = [{**row, "engine": "compiled fp32", "right": False}, {**row, "engine": "eager fp32", "right": True}]
    written = tables.document({"right": rows})
    assert "1 of 2 engines tried are WRONG" in written
    assert "| compiled fp32 | 9e-01, 5e-01 (1) WRONG |" in written
    assert "gradient of 0.weight of the critic off by 9e-01" in written


def test_numbers_that_are_none_are_told_and_nothing_is_lost(tmp_path):
    """A NaN, or an infinite gradient, is what a broken engine gives."""
    findings = gpu.Findings(tmp_path)
    about = {
        "table": "right",
        "family": "MLP",
        "objective": "wgan-gp",
        "right": False,
        "where": "0.weight of the critic",
    }
    findings.hear({**about, "engine": "compiled fp32", "gradient": math.inf, "drift": math.nan})
    findings.hear({**about, "engine": "eager bf16, graphs", "drift": 0.1, "replay": math.nan})
    times = {"step_seconds": 1.0, "least": 1.0, "most": 1.0, "images_per_second": 8.0, "losses_apart": math.nan}
    findings.hear({"table": "fast", "recipe": "r", "batch_size": 8, "who": "eager fp32", **times})
    findings.write()
    written = (tmp_path / "gpu.md").read_text()
    assert "| compiled fp32 | not finite, not finite (1) WRONG |" in written
    assert "gradient of 0.weight of the critic off by not finite, drift not finite" in written
    assert "its replay is not finite from what was recorded" in written
    assert json.loads((tmp_path / "gpu.json").read_text())["right"][0]["drift"] is None


def test_what_cannot_be_told_is_kept(tmp_path):
    findings = gpu.Findings(tmp_path)
    findings.hear({"table": "fast", "who": "nobody knows the rest"})
    findings.settle()
    assert "see gpu.json" in (tmp_path / "gpu.md").read_text()
    assert json.loads((tmp_path / "gpu.json").read_text())["fast"] == [{"who": "nobody knows the rest"}]


class Turns:
    """A contender that answers at once, or ends in its third round."""

    def __init__(self, ends=False, late=False):
        self.ends, self.late, self.rounds, self.ended, self.until = ends, late, 0, False, math.inf
        self.start_up = self.set_up = 1.0

    def ready(self):
        assert self.until < math.inf
        if self.late:
            raise Lost("our_step did not answer in time")

    def steps(self, count):
        self.rounds += 1
        if self.ends and self.rounds == 3:
            raise Lost("our_step: out of memory")
        return Turn(0.2, 0.2)

    def warm_up(self, seconds):
        return 0.2

    def ask(self, do, *arguments):
        return [[1.0, 2.0]] * arguments[0] if do == "losses" else {"launches": 7}

    def end(self):
        self.ended = True


def test_who_is_lost_in_a_round_is_told_of_and_the_others_go_on():
    contenders = {"eager fp32": Turns(), "eager bf16": Turns(ends=True), "compiled fp32": Turns(late=True)}
    rows = {}
    about = {"recipe": "r", "batch_size": 8, "images": 8}
    rounds = fast.Rounds(contenders, about, {}, lambda table, **row: rows.__setitem__(row["who"], row))
    rounds.wait(time.monotonic() + 1)
    rounds.take(time.monotonic())
    assert rows["eager fp32"]["rounds"] == fast.LEAST_ROUNDS
    assert rows["eager fp32"]["launches"] == 7
    assert rows["eager fp32"]["losses_apart"] == 0
    assert rows["eager bf16"]["unusable"].endswith("out of memory")
    assert rows["compiled fp32"]["unusable"] == "our_step did not answer in time"
    assert [contender.ended for contender in contenders.values()] == [False, True, True]

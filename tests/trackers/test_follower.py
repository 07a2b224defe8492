"""Following a run: nothing is lost, nothing is sent twice, and nothing is waited for."""

import base64
import io
import json
import sys
import threading

import numpy as np
import pytest
import torch
from PIL import Image

from helpers import small_run
from wgan.data.sources import open_source
from wgan.errors import InputError
from wgan.experiment.plan import plan
from wgan.runs.sheets import grid_sheet
from wgan.runs.tracking import Tracking, sent_settings
from wgan.trackers import follower as following, tracked_by
from wgan.trackers.conversation import Conversation, Failed
from wgan.trackers.follower import Follower, Item
from wgan.trackers.sent import Sent
from wgan.trackers.tracker import About
from wgan.views import picture


class Library:
    """What a library's process is asked, in place of one; `broken` fails so many questions, `dead` ends it."""

    def __init__(self):
        self.asked, self.broken, self.dead, self.hangs, self.opened = [], 0, False, None, 0
        self.changed = threading.Condition()

    def until(self, reached):
        with self.changed:
            assert self.changed.wait_for(reached, timeout=60)

    def __call__(self, name):
        self.dead, self.opened = False, self.opened + 1
        return self

    def ask(self, **question):
        if self.hangs is not None:
            self.hangs.wait()
        with self.changed:
            self.changed.notify_all()
            if self.dead or self.broken:
                self.broken -= not self.dead
                raise Failed("no network")
            self.asked.append(question)
        return {"id": "abc", "where": "somewhere"} if question["do"] == "open" else {}

    @property
    def ended(self):
        return self.dead

    def kill(self):
        self.dead = True
        if self.hangs is not None:
            self.hangs.set()

    def close(self, seconds):
        self.dead = True

    @property
    def steps(self):
        return [question["step"] for question in self.asked if question["do"] in ("row", "picture")]


@pytest.fixture
def library(monkeypatch):
    made = Library()
    monkeypatch.setattr(following, "Conversation", made)
    monkeypatch.setattr(following, "PAUSE", 0.01)
    return made


def begun(folder):
    return Follower("wandb", About("run", str(folder), None, {}), Sent(folder / "trackers.json"))


def row(step, kind="line"):
    return Item(kind, step, {"loss": step / 2, "left out": float("nan")})


def ended(follower, seconds=60):
    follower.end({"verdict": "healthy"}, "finished")
    follower.join(seconds)


def test_rows_come_in_order_and_once_also_to_a_resumed_run(tmp_path, library):
    follower = begun(tmp_path)
    for step in (5, 10, 15):
        follower.put(row(step))
    ended(follower)
    assert [question["do"] for question in library.asked] == ["open", "row", "row", "row", "end"]
    assert library.asked[1]["values"] == {"loss": 2.5}
    again = begun(tmp_path)
    for step in (10, 15, 20):
        again.put(row(step))
    again.put(row(10, "comparison"))
    ended(again)
    assert library.steps == [5, 10, 15, 20, 10]
    assert [question["about"]["id"] for question in library.asked if question["do"] == "open"] == [None, "abc"]


def test_nothing_new_opens_nothing(tmp_path, library):
    follower = begun(tmp_path)
    follower.put(row(5))
    ended(follower)
    again = begun(tmp_path)
    again.put(row(5))
    ended(again)
    assert library.opened == 1


def test_what_failed_is_sent_later_and_told_once(tmp_path, library):
    library.broken = 3
    follower = begun(tmp_path)
    follower.put(row(5))
    library.until(lambda: not library.broken)
    follower.put(row(10))
    ended(follower)
    assert library.steps == [5, 10]
    assert [text.partition(":")[2] for text in follower.news] == [
        " no network. Training goes on, and it is tried again.",
        " somewhere",
    ]


def test_what_is_left_at_the_end_is_told_and_sent_by_the_next_command(tmp_path, library):
    library.broken = 10**6
    follower = begun(tmp_path)
    follower.put(row(5))
    follower.put(row(10))
    ended(follower)
    assert "2 entries were not sent" in follower.news[-1]
    library.broken = 0
    again = begun(tmp_path)
    again.put(row(5))
    again.put(row(10))
    ended(again)
    assert library.steps == [5, 10]


def test_a_process_that_ended_is_started_again(tmp_path, library):
    follower = begun(tmp_path)
    follower.put(row(5))
    library.until(lambda: library.steps == [5])
    library.dead = True
    follower.put(row(10))
    ended(follower)
    assert (library.steps, library.opened) == ([5, 10], 2)
    assert json.loads((tmp_path / "trackers.json").read_text())["wandb"] == {"id": "abc", "sent": {"line": 10}}


def test_a_library_that_hangs_is_not_waited_for(tmp_path, library):
    library.hangs = threading.Event()
    follower = begun(tmp_path)
    follower.put(row(5))
    ended(follower, seconds=0.05)
    assert "does not answer" in follower.news[0]
    assert "1 entry was not sent" in follower.news[1]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("tracker-")]


def test_after_a_rollback_the_steps_come_again(tmp_path, library):
    follower = begun(tmp_path)
    for step in (5, 10):
        follower.put(row(step))
    library.until(lambda: library.steps == [5, 10])
    follower.rewind(5)
    follower.put(row(5))
    follower.put(row(10))
    ended(follower)
    assert library.steps == [5, 10, 10]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "3",
        '{"wandb": 3}',
        '{"wandb": {"id": "../../x", "sent": {"line": 9}}}',
        '{"other": {"id": "a"}}',
        "[" * 9**5,
    ],
)
def test_a_file_that_anybody_made_is_not_believed(tmp_path, text):
    (tmp_path / "trackers.json").write_text(text)
    known = Sent(tmp_path / "trackers.json").of("wandb")
    assert (known.id, known.sent) == (None, {})


def test_steps_that_are_none_are_left_out(tmp_path):
    (tmp_path / "trackers.json").write_text(
        '{"wandb": {"id": "a", "sent": {"line": "x", "grid": -3, "comparison": 4}}}'
    )
    assert Sent(tmp_path / "trackers.json").of("wandb").sent == {"comparison": 4}


def test_a_process_that_was_killed_answers_no_more():
    conversation = Conversation("wandb")
    conversation.kill()
    with pytest.raises(Failed, match="its process has ended"):
        conversation.ask(do="open", about={})
    conversation.close(10)
    assert conversation.ended


@pytest.mark.parametrize(("kind", "shape"), [("points", (2,)), ("signal", (1, 16))])
def test_trackers_get_no_real_sample(tmp_path, library, kind, shape):
    """Grids of points and signals show real ones too. What is sent shows what the generator makes, and no more."""
    made = open_source(np.random.default_rng(0).normal(size=(40, *shape)), kind)
    run = small_run(tmp_path / "run", source=made, output__track=("wandb",))
    pictures = {one["step"]: one["png"] for one in library.asked if one["do"] == "picture"}
    assert [*pictures] == [*run.samples()]
    sheet = grid_sheet(run.config, run.spec, run.latent_size)
    with torch.no_grad():
        samples = run.generator()(sheet.latents)
    expected = picture(samples, run.spec, sheet.columns, **sheet.layout).convert("RGB")
    with Image.open(io.BytesIO(base64.b64decode(pictures[max(pictures)]))) as sent:
        assert sent.convert("RGB").tobytes() == expected.tobytes()
        assert sent.convert("RGB").tobytes() != run.grid().convert("RGB").tobytes()


def test_a_finished_run_can_be_sent_and_no_tensorboard_be_asked_for(tmp_path, library):
    run = small_run(tmp_path / "run", output__track=())
    assert not run.tensorboard_folder.exists()
    small_run(tmp_path / "run", output__track=("wandb",))
    rows = {one["step"] for one in library.asked if one["do"] == "row" and "distance" in one["values"]}
    assert rows == {row["step"] for row in run.metrics()}
    assert library.asked[-1]["state"] == "finished"


def test_paths_are_not_sent(tmp_path):
    run = small_run(tmp_path / "run", output__track=())
    config = run.config.with_settings({"start.generator": "/home/somebody/run", "start.critic": "/home/somebody/run"})
    config = config.model_copy(update={"data": config.data.model_copy(update={"source": "/home/somebody/faces"})})
    sent = sent_settings(config)
    assert "somebody" not in repr(sent)
    assert sent["training.batch_size"] == 8
    assert not Tracking(run, ("tensorboard",))


@pytest.mark.parametrize(
    ("texts", "trackers"),
    [
        ([], ("tensorboard",)),
        (["wandb,mlflow", "wandb"], ("tensorboard", "wandb", "mlflow")),
        (["none"], ()),
        (["none,trackio"], ("trackio",)),
    ],
)
def test_names_are_added_to_tensorboard_and_none_takes_them_back(texts, trackers):
    assert tracked_by(texts) == trackers


def test_a_library_that_is_missing_is_named_before_anything_is_done(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(InputError, match=r"pip install 'wgan\[wandb\]'"):
        plan("digits", out=tmp_path / "run", settings={"output.track": ("wandb",)})
    assert not (tmp_path / "run").exists()
    with pytest.raises(InputError, match="Did you mean wandb"):
        tracked_by(["wand"])

"""The model card: what it says, read by a Markdown and a YAML parser, also where names are hostile."""

import ast
import re
import shlex
from itertools import pairwise

import pytest
import tomli_w
import yaml
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from helpers import Described, small_run
from wgan import Run, diagnose
from wgan.cli import app
from wgan.config import differences, parse_settings
from wgan.recipes import RECIPES, recipe
from wgan.runs.generative import spec_values
from wgan.share.card import Card, card_of, measured
from wgan.share.command import train_command
from wgan.share.markdown import code, markdown, yaml as as_yaml
from wgan.types import Condition, SampleSpec
from wgan.types.condition import Part

HOSTILE = [
    "two\nlines\n---\nlicense: other",
    "---",
    "```\n<script>alert(1)</script>\n```",
    "<img src=x onerror=alert(1)>",
    "[here](https://evil.example) ![x](http://evil.example/x.png)",
    "https://evil.example/a and www.evil.example @owner",
    "a | b | c",
    "`code` *bold* _em_ ~~gone~~ $x^2$ ${y}",
    "# heading",
    "- item",
    "1. item",
    "back\\slash \\",
    "{{ 7 * 7 }} {% raw %}",
    "\x1b[31mred\u202eturned",
    "quote ' and \" and &amp; and &#60;",
    "\ud800",
    "",
]
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
CARD = Card(data_name="digits", data_source="digits", step=12)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("run") / "r1")


def parts(card):
    """The front matter's values and the body's tokens, inline ones as well."""
    found = re.fullmatch(r"---\n(.*?\n)---\n(.*)", card, re.DOTALL)
    tokens = MARKDOWN.parse(found[2])
    return yaml.safe_load(found[1]), tokens + [inner for token in tokens for inner in token.children or ()]


def text_of(tokens):
    lines = [[token] if token.type == "fence" else token.children or () for token in tokens]
    shown = ("text", "code_inline", "fence")
    return "\n".join("".join(token.content for token in line if token.type in shown) for line in lines)


def test_it_says_what_the_run_knows(run):
    card = card_of(run, CARD)
    front, tokens = parts(card)
    tags = ["wgan", "gan", "picture", "wgan-gp"]
    assert front == {"library_name": "wgan", "pipeline_tag": "unconditional-image-generation", "tags": tags}
    text = text_of(tokens)
    found = diagnose(run)
    evidence = [one.evidence for one in found.findings]
    assert [told for told in (found.verdict.value, found.summary, *evidence) if told not in text] == []
    assert "1,797 8x8 grey pictures of digits" in text
    known = run.provenance
    assert f"{known.generator_parameters:,} parameters" in text
    assert f"wgan {known.wgan}, torch {known.torch}, Python {known.python}" in text
    last = run.comparisons()[-1]
    assert f"against {last['reals']:,} real samples of digits that were held out of training" in text
    assert {*last["metrics"]} <= {*re.findall(r"\w+", text)}
    assert "may resemble single training samples, or repeat them" in text
    assert "No licence is given" in text
    assert "generator.onnx" not in text


def test_it_says_what_it_is_told(run):
    told = CARD.__class__("scans", None, 12, license="cc-by-4.0", repository="owner/name", onnx=True)
    card = card_of(run, told)
    front, tokens = parts(card)
    assert front["license"] == "cc-by-4.0"
    text = text_of(tokens)
    assert "wgan sample hf:owner/name -n 64" in text
    assert 'wgan.Run.open("hf:owner/name")' in text
    assert 'onnxruntime.InferenceSession("generator.onnx")' in text
    assert "No licence is given" not in text


def test_its_python_compiles(run):
    for custom in ({}, {"generator": "Own (3 parameters, 00)"}):
        changed = Run(run.path)
        changed.__dict__["_config"] = (run.config.model_copy(update={"custom": custom}), *run._config[1:])
        card = card_of(changed, CARD.__class__("digits", None, 12, onnx=True))
        _, tokens = parts(card)
        blocks = [token.content for token in tokens if token.type == "fence" and token.info == "python"]
        assert len(blocks) == 2
        for block in blocks:
            compile(block, "card", "exec")


def test_an_evaluation_of_the_step_comes_first(run):
    result = {"value": 2.5, "floor": 1.25, "low": 2.0, "high": 3.0, "better": "lower", "n": 40}
    row = {"n": 50, "reference": 60, "data": "digits", "seen_by": {}, "notes": ["a | note"]}
    run.append_evaluation({**row, "step": 12, "metrics": {"frechet": result, "mine:quality": result}})
    run.append_evaluation({**row, "step": 6, "metrics": {"recall": result}})
    try:
        found = measured(run, 12)
        assert found.measures == (("frechet", "2.5", "2 to 3", "1.25", "lower", "40"),)
        assert (found.step, found.reals, found.held_out, found.while_training) == (12, 60, True, False)
        _, tokens = parts(card_of(run, CARD))
        assert "a | note" in text_of(tokens)
        assert [token.content for token in tokens if token.type == "inline" and token.content == "2 to 3"]
        assert measured(run, 6).measures[0].name == "recall"
    finally:
        run.evaluations_file.unlink()


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\ud800" not in name])  # which no file of TOML has
def test_names_are_shown_and_do_nothing(run, name, tmp_path):
    """Names of the data, of classes, of columns, of metrics and notes; the card keeps its form."""
    classes = (name or "empty", f"{name} 2")
    condition = Condition((Part(name or "part", "class", classes, (3, 4), 7),))
    names = spec_values(SampleSpec("picture", (1, 8, 8), "uint8", 0.0, 255.0, condition=condition))
    provenance = {**vars(run.provenance), "data_name": name}
    values = {**run.config.to_dict(), "sample": names, "provenance": provenance, "custom": {"generator": name}}
    text = tomli_w.dumps(values).encode()
    other = Run(tmp_path)
    other.config_file.write_bytes(text)
    other.metrics_file.write_bytes(run.metrics_file.read_bytes())
    other.append_evaluation({"step": 12, "metrics": {name: {"value": 1.0, "better": name}}, "notes": [name], "n": 3})
    plain, _ = parts(card_of(run, CARD))
    front, tokens = parts(card_of(other, Card(name, None, 12)))
    assert front == {**plain, "tags": [*plain["tags"], "conditional"]}
    kinds = {token.type for token in tokens}
    assert not kinds & {"html_block", "html_inline", "link_open", "em_open", "s_open", "blockquote_open"}
    assert [token.attrs["src"] for token in tokens if token.type == "image"] == ["samples.png"]
    titles = [token.content for before, token in pairwise(tokens) if before.type == "heading_open"]
    assert titles == [
        "A generator of 8x8 grey pictures",
        *("How good it is", "What it was made from", "How to use it", "How it was trained", "Limits"),
    ]
    shown = re.sub(r"[\x00-\x1f\u202e]", lambda one: one[0].encode("unicode_escape").decode(), name)
    assert " ".join(shown.split()) in " ".join(text_of(tokens).split())
    rows = [token for token in tokens if token.type == "tr_open"]
    cells = [token for token in tokens if token.type in ("td_open", "th_open")]
    assert len(cells) == 6 * 2 + 2 * (len(rows) - 2), "no name adds a cell"


def test_what_is_harmless_stays_readable():
    for text in (
        "8x8 grey pictures",
        "12.1",
        "0.5 to 1.25",
        'it\'s "near" the data: 0.87 of 0.95 (3%)',
        "wgan-gp",
        "-0.003",
    ):
        assert markdown(text) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_each_escape_by_itself(text):
    tokens = MARKDOWN.parseInline(f"x{markdown(text)}x")[0].children
    assert {token.type for token in tokens} <= {"text", "text_special", "softbreak"}
    assert {token.type for token in MARKDOWN.parse(f"- {markdown(text)}")} == {
        *("bullet_list_open", "list_item_open", "bullet_list_close", "list_item_close"),
        *(("paragraph_open", "inline", "paragraph_close") if text else ()),
    }
    assert "\n" not in markdown(text)
    assert "\n" not in code(text)
    assert yaml.safe_load(str(as_yaml(text))) == str(code(text))


@pytest.mark.parametrize("name", RECIPES)
def test_its_command_trains_the_same(name):
    """Every recipe, with settings of every kind changed: the command gives the settings back."""
    config = recipe(name).with_settings(
        {
            "training.steps": 77,
            "training.seed": 5,
            "data.holdout": 0.25,
            "data.condition": ("a b", "c'd:class"),
            "objective": "hinge",
            "networks.latent_size": 7,
            "generator_optimizer.learning_rate": 1e-5,
            "device": "cpu",
            "threads": 3,
        }
    )
    command = train_command(config, None)
    words = shlex.split(command)
    assert words[:5] == ["wgan", "train", "DATA", "--recipe", name]
    flags = list(zip(words[5::2], words[6::2], strict=True))
    settings = [value for flag, value in flags if flag == "--set"]
    settings += [f"training.{flag[2:]}={value}" for flag, value in flags if flag != "--set"]
    again = recipe(name).with_settings(parse_settings(settings))
    assert {*differences(again, config)} <= {"device", "threads"}


def test_the_command_line_takes_the_command(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = recipe("wgan-gp-digits").with_settings({"training.batch_size": 8, "data.size": (8, 8)})
    words = shlex.split(train_command(config, "digits"))
    assert CliRunner().invoke(app, [*words[1:], "--dry-run"]).exit_code == 0


def test_no_command_says_what_python_passed(run):
    custom = run.config.model_copy(update={"recipe": "wgan-gp-digits", "custom": {"generator": "Own (3, 0)"}})
    assert train_command(run.config, "digits") is None  # the recipe of the tests is in no table
    assert train_command(custom, "digits") is None


def test_the_example_asks_for_names_as_python_writes_them(run, tmp_path):
    part = Part("音 𝄞", "class", ("𝄞 'clef'", "b"), (3, 4), 7)
    spec = SampleSpec("picture", (1, 8, 8), "uint8", 0.0, 255.0, condition=Condition((part,)))
    values = {**run.config.to_dict(), "sample": spec_values(spec), "provenance": {**vars(run.provenance)}}
    other = Run(tmp_path)
    other.config_file.write_text(tomli_w.dumps(values), encoding="utf-8")
    found = re.search(r"run\.sample\(16, seed=1, condition=(\{.*?\})\)", card_of(other, CARD))
    assert ast.literal_eval(found[1]) == {part.name: part.names[0]}


def test_its_conditional_snippet_gives_the_model_what_it_takes(tmp_path):
    run = small_run(tmp_path / "r", source=Described(), data__condition=("label", "tags", "energy"), training__steps=1)
    _, tokens = parts(card_of(run, CARD.__class__("described", None, 1, onnx=True)))
    (block,) = [token.content for token in tokens if token.type == "fence" and "onnxruntime" in token.content]
    seen = {}

    class Session:
        def run(self, names, given):
            seen.update(given)
            return ["samples"]

    class Runtime:
        InferenceSession = staticmethod(lambda name: Session())

    exec(block.replace("import onnxruntime\n", ""), {"onnxruntime": Runtime})
    kinds = {name: (str(value.dtype), value.shape) for name, value in seen.items()}
    assert kinds == {
        "latents": ("float32", (16, run.config.networks.latent_size)),
        "condition/label": ("int64", (16,)),
        "condition/tags": ("float32", (16, 2)),
        "condition/energy": ("float64", (16,)),
    }

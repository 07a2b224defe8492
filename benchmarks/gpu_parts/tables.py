"""Results as short tables."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gpu_parts.works import CUT_OFF, NOT_BEGUN

Row = Mapping[str, Any]
PUBLISHED = (
    "Published, 1,000 modes and 26,000 samples: WGAN-GP 959 modes, KL 0.73; PacDCGAN2 1,000, 0.06; R3GAN 1,000, 0.029."
)


def document(found: Mapping[str, Any]) -> str:
    """All tables, as Markdown."""
    return "\n".join(
        [*_head(found), *_right(found), *_promises(found), *_fast(found), *_good(found), *_problems(found), ""]
    )


def _head(found: Mapping[str, Any]) -> Iterator[str]:
    about = {key: value for row in found.get("about", []) for key, value in row.items()}
    limits = {key: value for row in found.get("ceilings", []) for key, value in row.items()}
    yield f"# {about.get('device', 'unknown device')}, {about.get('date', '')}"
    yield ""
    cuda = f", CUDA {about['cuda']}" if about.get("cuda") else ""
    yield f"torch {about.get('torch', '?')}{cuda}, {about.get('cores', '?')} cores, {about.get('sizes', '')} sizes."
    if limits:
        products = [f"{name} {value / 1e12:.3g}" for name, value in limits.items() if name != "bandwidth"]
        copies = f"{limits['bandwidth'] / 1e9:,.0f} GB/s"
        yield f"Measured ceilings: products {', '.join(products)} TFLOP/s; copies {copies}."
    for part in found.get("parts", []):
        yield f'Part "{part["part"]}": {part["seconds"]:.0f} s.'
    yield ""


def _right(found: Mapping[str, Any]) -> Iterator[str]:
    rows = found.get("right", [])
    if not rows:
        return
    yield "## Right?"
    yield ""
    missed = [row for row in found.get("problems", []) if row["what"] in (NOT_BEGUN, CUT_OFF)]
    left = sum(row["work"].startswith("right: ") for row in missed)
    wrong, refused = (sum(row.get("right") is value for row in rows) for value in (False, None))
    verdict = (
        f"{wrong} of {len(rows)} engines tried are WRONG" if wrong else f"None of {len(rows)} engines tried is wrong"
    )
    rest = f"{left} checks were not reached" if left else "every check was reached"
    yield f"**{verdict}; {refused} may not be used here; {rest}.**"
    yield ""
    yield (
        "In each cell: the largest difference of a weight's gradient from float64 (allowed: fp32 0.02, tf32 0.1, bf16 "
        "0.4), the drift of the weights from eager fp32 in 20 steps (of eager fp32: from float64; allowed: fp32 three "
        "times that, tf32 0.25, bf16 0.5), and in brackets under how many objectives."
    )
    yield ""
    families, engines = (list(dict.fromkeys(row[key] for row in rows)) for key in ("family", "engine"))
    yield from _table(
        ["engine", *families],
        [[engine, *(_cell(rows, engine, family) for family in families)] for engine in engines],
    )
    wrong = [row for row in rows if not row.get("right")]
    for row in wrong:
        yield f"- {row['family']}, {row['objective']}, {row['engine']}: {_why(row)}"
    yield ""


def _cell(rows: Sequence[Row], engine: str, family: str) -> str:
    mine = [row for row in rows if row["engine"] == engine and row["family"] == family]
    if not mine:
        return ""
    known = [row for row in mine if "drift" in row]
    if not known:
        return "not usable" if any("unusable" in row for row in mine) else "failed"
    found = ", ".join(_largest(known, name) for name in ("gradient", "drift") if any(name in row for row in known))
    word = "" if all(row["right"] for row in mine if row.get("right") is not None) else " WRONG"
    return f"{found} ({len(known)}){word}"


def _largest(rows: Sequence[Row], name: str) -> str:
    values = [row[name] for row in rows if name in row]
    return _number(None if None in values else max(values))


def _number(value: float | None, form: str = ".0e") -> str:
    """A number in short; None was not finite."""
    return "not finite" if value is None else f"{value:{form}}"


def _why(row: Row) -> str:
    if "unusable" in row:
        return f"not usable: {row['unusable']}"
    if "failed" in row:
        return f"failed: {row['failed']}"
    told = []
    if "gradient" in row:
        told.append(f"gradient of {row['where']} off by {_number(row['gradient'])}")
    told.append(f"drift {_number(row['drift'])}")
    if "replay" in row:
        told.append(f"its replay is {_number(row['replay'])} from what was recorded")
    if row.get("waits") and "no CUDA" not in row["waits"]:
        told.append(f"it waits: {row['waits']}")
    return ", ".join(told)


def _promises(found: Mapping[str, Any]) -> Iterator[str]:
    rows = found.get("promises", [])
    if rows:
        yield "## Kept?"
        yield ""
        yield from _table(
            ["promise", "recipe", "engine", "holds", "what was seen"],
            [
                [row["promise"], row["recipe"], row["engine"], "yes" if row["holds"] else "NO", row["what"]]
                for row in rows
            ],
        )


def _fast(found: Mapping[str, Any]) -> Iterator[str]:
    rows = found.get("fast", [])
    if not rows:
        return
    yield "## Fast?"
    yield ""
    yield "Of a whole step: all critic updates, the generator's, the average. Ratios are taken within rounds, by turns."
    yield "Losses apart: from those of eager fp32 after a few steps, relative to the larger of them and one."
    yield ""
    steady = [row for row in rows if not row.get("growth")]
    for recipe in dict.fromkeys(row["recipe"] for row in steady):
        mine = [row for row in steady if row["recipe"] == recipe]
        timed = [row for row in mine if "step_seconds" in row]
        yield f"### {recipe}, batch {mine[0]['batch_size']}"
        yield ""
        yield from _table(
            [
                "way",
                "ms",
                "times eager fp32",
                "images/s",
                "of products",
                "of bandwidth",
                "launches",
                "MiB",
                "losses apart",
                "ready after s",
            ],
            [_timed(row) for row in sorted(timed, key=lambda row: row["step_seconds"])],
        )
        lost = [row for row in mine if "step_seconds" not in row]
        yield from (f"- {row['who']}: not timed: {row['unusable']}" for row in lost)
        yield from [""] if lost else []
    growth = [row for row in rows if row.get("growth") and "step_seconds" in row]
    if growth:
        yield f"### {growth[0]['recipe']}: images a second by batch size"
        yield ""
        ways, sizes = (sorted({row[key] for row in growth}) for key in ("who", "batch_size"))
        rate = {(row["who"], row["batch_size"]): f"{row['images_per_second']:,.0f}" for row in growth}
        yield from _table(
            ["way", *map(str, sizes)], [[who, *(rate.get((who, size), "") for size in sizes)] for who in ways]
        )


def _timed(row: Row) -> list[str]:
    def share(name: str) -> str:
        return f"{row[name]:.0%}" if name in row else ""

    return [
        row["who"],
        f"{1e3 * row['step_seconds']:.2f} ({1e3 * row['least']:.2f} to {1e3 * row['most']:.2f})",
        f"{row['times_as_fast']:.2f}" if "times_as_fast" in row else "",
        f"{row['images_per_second']:,.0f}",
        share("share_of_products"),
        share("share_of_bandwidth"),
        f"{row['launches']:,}" if "launches" in row else "",
        f"{row['bytes'] / 2**20:,.0f}" if "bytes" in row else "",
        _number(row["losses_apart"]) if "losses_apart" in row else "",
        f"{row['start_seconds']:.0f}" if "start_seconds" in row else "",
    ]


SHOWN = ("frechet", "precision", "recall", "density", "coverage", "stacked_modes", "stacked_kl")


def _good(found: Mapping[str, Any]) -> Iterator[str]:
    rows = found.get("good", [])
    if not rows:
        return
    yield "## Good?"
    yield ""
    metrics = [name for name in SHOWN if any(name in row["metrics"] for row in rows)]
    yield from _table(
        ["run", "data", "steps", "seconds", "verdict", *(f"{name} (floor)" for name in metrics), "grid"],
        [
            [
                row["run"], row["data"], f"{row['steps']:,}", f"{row['training_seconds']:.0f}", str(row["verdict"]),
                *(_metric(row["metrics"].get(name)) for name in metrics), row["grid"],
            ]
            for row in rows
        ],
    )  # fmt: skip
    if "stacked_modes" in metrics:
        yield PUBLISHED
        yield ""


def _metric(result: Mapping[str, Any] | None) -> str:
    if not result or result.get("value") is None:
        return ""
    floor = "" if result.get("floor") is None else f" ({result['floor']:.3g})"
    return f"{result['value']:.3g}{floor}"


def _problems(found: Mapping[str, Any]) -> Iterator[str]:
    rows = found.get("problems", [])
    failed = [row for row in rows if row["what"] not in (NOT_BEGUN, CUT_OFF)]
    if failed:
        yield "## What failed"
        yield ""
        yield from (f"- {row['work']}: {row['what']}" for row in failed)
        yield ""
    missed = Counter(_kind(row["work"]) for row in rows if row["what"] in (NOT_BEGUN, CUT_OFF))
    if missed:
        yield "## What there was no time for"
        yield ""
        yield from (f"- {kind}: {count}" for kind, count in missed.items())


def _kind(work: str) -> str:
    """The group of a work: "right, compiled" for "right: MLP, wgan-gp, compiled"."""
    part, _, rest = work.partition(": ")
    return f"{part}, {rest.rpartition(', ')[2]}" if part == "right" else part


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from (f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)
    yield ""

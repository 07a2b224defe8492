"""The exam sheet: a Markdown table of rows, and totals with their intervals."""

from collections import Counter
from collections.abc import Iterable, Sequence

from exam_parts.marks import FIRST, Row, wilson

HEAD = """| run | data | seed | harm | run / sibling / reals | verdict | first findings | mark | time |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""
BOLD = ("wrong", "missed", "alarm")


def line(row: Row) -> str:
    """A row of the Markdown table."""
    findings = ", ".join(row.findings[: FIRST + 1]) or "none"
    mark = f"**{row.mark}**" if row.mark in BOLD else row.mark
    mark += f", **praised {row.praised}**" if row.praised else ""
    cells = (row.name, row.data, row.seed, row.harm or "none", row.numbers, row.verdict, findings, mark)
    text = " | ".join(str(cell).replace("|", "/").replace("\n", " ") for cell in cells)
    return f"| {text} | {row.seconds:.0f} s |"


def totals(rows: Sequence[Row]) -> Iterable[str]:
    """The shares that the exam is about, one a line."""
    defects = [row for row in rows if row.kind == "defect"]
    harmful, harmless = [row for row in defects if row.harm], [row for row in defects if not row.harm]
    healthy = [row for row in rows if row.kind == "healthy" and row.mark != "failed"]
    shares = (
        ("harmful defects named among the first two, or refused for the true reason", harmful, ("right",)),
        ("harmful defects named anywhere, or by an effect", harmful, ("right", "half")),
        ("harmful defects called by another name", harmful, ("wrong",)),
        ("harmful defects missed", harmful, ("missed",)),
        ("harmless defects without an error", harmless, ("quiet",)),
        ("harmless defects without an error of another name", harmless, ("quiet", "named")),
        ("healthy runs with an error after any line", healthy, ("alarm",)),
    )
    for what, some, marks in shares:
        yield _share(sum(row.mark in marks for row in some), len(some), what)
    yield _share(sum(bool(row.praised) for row in rows), len(rows), "runs praised wrongly")
    if failed := [row.name for row in rows if row.mark == "failed"]:
        yield f"- Not counted, since they broke down: healthy runs {', '.join(failed)}."
    if poor := [f"{row.name} on {row.data}" for row in healthy if row.harm]:
        yield f"- Healthy runs that are much worse than their siblings: {', '.join(poor)}."
    counts = Counter(row.mark for row in rows)
    yield f"- Marks: {', '.join(f'{mark} {count}' for mark, count in counts.most_common())}."


def _share(part: int, count: int, what: str) -> str:
    low, high = wilson(part, count)
    share = f"{part / count:.0%}" if count else "-"
    return f"- {part} of {count} {what}: {share}, 95% interval {low:.0%} to {high:.0%}."

"""The table of goals.md, with our column."""

from dataclasses import dataclass

from benchmarks.pages import Page, Ratio


@dataclass(frozen=True)
class Line:
    """One goal: what was measured, what was found, and whether that is within it."""

    measured: str
    goal: str
    ours: str
    is_reached: bool


def by_ratio(measured: str, found: Ratio, *, at_most: float, of: str = "") -> Line:
    ours = f"{found.value:.2f} ({found.lowest:.2f}–{found.highest:.2f}; fastest {found.of_fastest:.2f})"
    return Line(measured, f"≤ {at_most:g} ×{of and f' {of}'}", ours, found.value <= at_most)


def by_count(measured: str, smaller: list[int], larger: list[int], *, at_most: int) -> Line:
    """`smaller` and `larger` are the same pages with little and with much behind them."""
    grows = any(much > little for little, much in zip(smaller, larger, strict=True))
    found = sorted({*smaller, *larger})
    ours = f"{found[0]}" if len(found) == 1 else f"{found[0]}–{found[-1]}"
    return Line(measured, f"≤ {at_most}, no more with more", ours, not grows and found[-1] <= at_most)


def by_growth(measured: str, little: int, much: int, *, at_most: float) -> Line:
    """A count with little behind it, and with much."""
    grown = much / little
    return Line(measured, f"≤ {at_most:g} ×", f"{grown:.2f} ({little}→{much})", grown <= at_most)


def table(lines: list[Line]) -> str:
    heads = ("measured", "goal", "ours", "")
    cells = [
        heads,
        *((row.measured, row.goal, row.ours, "" if row.is_reached else "MISSED") for row in lines),
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    drawn = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    return "\n".join(line.rstrip() for line in [drawn[0], "─" * sum(widths), *drawn[1:]])


def medians(pages: list[Page]) -> str:
    """In milliseconds, for whoever asks what the ratios are made of."""
    return "\n".join(
        f"  {page.name:<44} {page.median * 1000:8.2f} ms"
        f"   ({min(page.medians) * 1000:.2f}–{max(page.medians) * 1000:.2f}; fastest {page.fastest * 1000:.2f})"
        for page in pages
    )

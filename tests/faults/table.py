"""The table that `make faults` ends with: each fault, how often it was made, and whether what must hold held.

A plugin of pytest (`-p tests.faults.table`). A test says which row of goals.md it stands for and its rounds:
`@pytest.mark.fault(2, rounds=ROUNDS)`; its name is the sentence that must hold. What it measures, by pytest's
`record_property`, stands at the end of its line.
"""

from collections.abc import Generator
from typing import Any

import pytest

OUTCOMES = {"passed": "held", "failed": "DID NOT HOLD", "skipped": "not run"}
HEADS = ("goals.md", "what must hold", "rounds", "seconds", "")


class Table:
    """One line a test; the worst of its set-up, its call and its end counts."""

    def __init__(self) -> None:
        self.lines: dict[str, tuple[str, ...]] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, None]:
        report = (yield).get_result()
        if report.when != "call" and report.passed:
            return
        mark = item.get_closest_marker("fault")
        number = str(mark.args[0]) if mark and mark.args else "-"
        rounds = str(mark.kwargs.get("rounds", 1)) if mark else "1"
        sentence = item.name.removeprefix("test_").replace("_", " ")
        measured = "; ".join(f"{name} {value}" for name, value in item.user_properties)
        self.lines[item.nodeid] = (
            number,
            sentence,
            rounds,
            f"{report.duration:.0f}",
            " ".join([OUTCOMES[report.outcome], measured]),
        )

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        lines = sorted(self.lines.values(), key=lambda line: (line[0].rjust(2), line[1]))
        if not lines:
            return
        widths = [max(map(len, column)) for column in zip(HEADS, *lines, strict=True)]
        terminalreporter.section("what held")
        for line in (HEADS, *lines):
            words = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            terminalreporter.write_line("  ".join(words).rstrip())


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Table(), "connexion-faults-table")

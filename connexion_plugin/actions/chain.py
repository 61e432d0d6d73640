"""What was done to a chain of activity that does not hold: which lines, and what (spec A2).

Each line's hash is over the hash before it and over its own number, so a line that still has its hash can be
recognised wherever it stands now. What nobody can find out by the chain alone is said in `docs/threat-model.md`.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice, takewhile

from django.utils.translation import gettext as _

from connexion_plugin import formats
from connexion_plugin.actions.chain_lines import Lines
from connexion_plugin.models import Activity

FAULTS_NAMED = 20  # a chain with more is not read line by line; each may cost a look at all lines
LOOKS = 2 * FAULTS_NAMED  # at all lines; what was shuffled as a whole would take one a line
STRETCHES = 10 * FAULTS_NAMED  # of lines with what does not belong there in between
LOOK_AHEAD = 4
Digest = Callable[..., bytes]


class Kind(StrEnum):
    """What happened to a line."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    MOVED = "moved"
    CUT = "cut"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Fault:
    """One line or, where they are missing, several; `other` is the last of them, or where a line had stood."""

    kind: Kind
    line: int
    other: int = 0

    @property
    def sentence(self) -> str:
        values = {"line": formats.number(self.line), "other": formats.number(self.other)}
        if self.kind is Kind.MISSING and self.other > self.line:
            return _("lines %(line)s to %(other)s are missing") % values
        if self.kind is Kind.CUT and self.other > self.line:
            return _("lines %(line)s to %(other)s, the last ones, are missing") % values
        return {
            Kind.CHANGED: _("line %(line)s was changed, or a line before it"),
            Kind.MISSING: _("line %(line)s is missing"),
            Kind.INSERTED: _("line %(line)s was inserted"),
            Kind.MOVED: _("line %(line)s was moved: it had been line %(other)s"),
            Kind.CUT: _("line %(line)s, the last one, is missing"),
            Kind.REPLACED: _("line %(line)s is not the last one that was written"),
        }[self.kind] % values


def diagnose(lines: Lines, *, digest: Digest, last_line: int, last_hash: bytes) -> list[Fault]:
    """The faults in the order of the lines, at most `FAULTS_NAMED`; none when the chain holds.

    `last_line` and `last_hash` are what the conversation remembers. Of a chain with more faults those that were met.
    """
    walk = _Walk(lines, digest, last_line, last_hash)
    walk.run()
    return sorted(walk.faults, key=lambda fault: fault.line)[:FAULTS_NAMED]


@dataclass
class _Run:
    """Genuine lines one after the other: from which number that they bear, and from which that they were given."""

    bears: int
    had: int
    length: int = 1


class _Walk:
    """Puts the genuine lines back in their order, and names what does not fit; keeps none of them."""

    def __init__(self, rest: Lines, digest: Digest, last_line: int, last_hash: bytes) -> None:
        self.rest, self.digest = rest, digest
        self.last_line, self.last_hash = last_line, last_hash
        self.expected, self.previous = 1, b""
        self.here, self.before = (
            0,
            0,
        )  # the number of the last line taken, and where the walk was before it jumped
        self.looks = 0
        self.faults: list[Fault] = []
        self.found: list[_Run] = []

    def run(self) -> None:
        while self._take_genuine() or self._take_damaged():
            if len(self.faults) == FAULTS_NAMED:
                return
            if self.looks > LOOKS or self.rest.stretches > STRETCHES:
                self._name_what_was_met()
                return
        self._name_inserted()
        self._name_moved()
        if self.expected <= self.last_line:
            self.faults.append(Fault(Kind.CUT, self.expected, self.last_line))
        elif self.previous != self.last_hash and not self.faults:
            self.faults.append(Fault(Kind.REPLACED, self.expected - 1))

    def _name_what_was_met(self) -> None:
        """Too much was put elsewhere to find out of each line where it belongs."""
        if self.rest.stretches > STRETCHES:
            self._name_inserted()
        self._name_moved()
        if not self.faults:
            self.faults.append(Fault(Kind.CHANGED, self.expected))

    def _near(self) -> Iterator[Activity]:
        """The lines that may be next: after the last one, where the walk was before it jumped there, and the first of
        all that are left. Some of them twice."""
        return chain.from_iterable(islice(self.rest.after(start), LOOK_AHEAD) for start in self._starts())

    def _starts(self) -> Iterable[int]:
        return dict.fromkeys((self.here, self.before, 0))

    def _take_genuine(self) -> bool:
        """The line that follows by its hash, wherever it stands now.

        Whoever inserts a line can give it a right hash of its own; but then two follow, and the lines after
        them go on from the one that was there before. One that was changed where it stands has the next one
        going on from it: no other is looked for, which takes a look at all of them.
        """
        line = self._next_that(lambda one: self._follows(one) and self._is_followed(one, self.expected))
        if line is None:
            if self._changed_in_place() is not None:
                return False
            line = self._next_that(lambda one: self._follows(one) and self._is_next_changed(one))
        if line is None:
            line = self._look()
        if line is not None:
            self._take(line)
        return line is not None

    def _next_that(self, fits: Callable[[Activity], bool]) -> Activity | None:
        return next((line for line in self._near() if fits(line)), None)

    def _changed_in_place(self) -> Activity | None:
        if self.expected > self.last_line:
            return None
        return self._next_that(
            lambda one: not self._follows(one) and self._is_followed(one, self.expected),
        )

    def _look(self) -> Activity | None:
        """At all lines, from here on and then from the first: one that is followed before one that is not."""
        self.looks += 1
        first = None
        passed_over = takewhile(lambda line: line.number <= self.here, self.rest.after())
        for line in chain(self.rest.after(self.here), passed_over):
            if self._follows(line):
                if self._is_followed(line, self.expected):
                    return line
                first = first or line
        return first

    def _is_next_changed(self, line: Activity) -> bool:
        """The line after this one was changed where it stands: the one after that goes on from it."""
        other = next(self.rest.after(line.number), None)
        return other is not None and self._is_followed(other, self.expected + 1)

    def _take_damaged(self) -> bool:
        """No line follows: the next one was changed, or it is gone and another stands there. False: neither."""
        if self.expected > self.last_line:
            return False
        changed = self._changed_in_place()
        line, lost = (changed, 0) if changed is not None else self._after_a_gap()
        if line is None:
            return False
        if lost:
            self.faults.append(Fault(Kind.MISSING, self.expected, self.expected + lost - 1))
            self.expected += lost
        else:
            self.faults.append(Fault(Kind.CHANGED, line.number))
        self._take(line)
        return True

    def _after_a_gap(self) -> tuple[Activity | None, int]:
        """The line that goes on, and how many are missing before it: by the first that what follows vouches for, else
        as many as its number says. What stands before that one, and cannot be told, is in its place, and changed."""
        first = next(self.rest.after(self.here), None)
        gaps = [gap for start in self._starts() if (gap := self._gap_after(start, first)) is not None]
        if gaps:
            return min(gaps, key=lambda gap: gap[1])
        # Where none follows, what is left was passed over before, and the last ones are gone.
        return (first, max(first.number - self.expected, 0)) if first else (None, 0)

    def _gap_after(self, start: int, first: Activity | None) -> tuple[Activity, int] | None:
        for place, line in enumerate(islice(self.rest.after(start), LOOK_AHEAD)):
            lost = self._lost_before(line)
            if lost is None:
                continue
            if first is not None and start == self.here and lost >= place:
                return first, lost - place
            return line, lost
        return None

    def _lost_before(self, line: Activity) -> int | None:
        """How many lines are missing before this one, when what follows it tells which number it had."""
        ahead: int = max(line.number - self.expected, 0)
        to_come = max(self.last_line - self.expected, 0)
        candidates: list[int] = [ahead, *range(min(to_come, FAULTS_NAMED) + 1)]
        for lost in candidates:
            if self._is_followed(line, self.expected + lost):
                return lost
        return None

    def _is_followed(self, line: Activity, number: int) -> bool:
        """Whether the chain goes on from this line, were it the line of that number."""
        own = bytes(line.hash)
        if number == self.last_line:
            return own == self.last_hash
        beyond = islice(self.rest.after(line.number), LOOK_AHEAD - 1)
        near = chain(beyond, self._near())
        return any(self._holds(other, number + 1, own) for other in near if other.number != line.number)

    def _take(self, line: Activity) -> None:
        goes_on = next(self.rest.after(self.here), None)
        if goes_on is None or goes_on.number != line.number:
            self.before = self.here
        self.here = line.number
        self.rest.take(line.number)
        last = self.found[-1] if self.found else None
        if last and (last.bears + last.length, last.had + last.length) == (line.number, self.expected):
            last.length += 1
        else:
            self.found.append(_Run(line.number, self.expected))
        self.previous = bytes(line.hash)
        self.expected += 1

    def _name_inserted(self) -> None:
        first = islice(self.rest.after(), FAULTS_NAMED)
        self.faults += [Fault(Kind.INSERTED, line.number) for line in first]

    def _name_moved(self) -> None:
        """Lines that bear another's number, and were not merely pushed on or closed up by what is named already."""
        inserted = sorted(fault.line for fault in self.faults if fault.kind is Kind.INSERTED)
        missing = [fault for fault in self.faults if fault.kind is Kind.MISSING]

        def is_moved(bears: int, had: int) -> bool:
            pushed = bisect_left(inserted, bears)
            closed_up = sum(max(min(had - 1, fault.other) - fault.line + 1, 0) for fault in missing)
            return bears - had not in {0, pushed, -closed_up, pushed - closed_up}

        for run in (run for run in self.found if run.bears != run.had):
            lines = ((run.bears + place, run.had + place) for place in range(run.length))
            moved = (line for line in lines if is_moved(*line))
            self.faults += [Fault(Kind.MOVED, *line) for line in islice(moved, FAULTS_NAMED)]

    def _follows(self, line: Activity) -> bool:
        return self._holds(line, self.expected, self.previous)

    def _holds(self, line: Activity, number: int, previous: bytes) -> bool:
        return bytes(line.hash) == self.digest(line, previous=previous, number=number)

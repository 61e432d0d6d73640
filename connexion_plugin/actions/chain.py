"""What was done to a chain of activity that does not hold: which lines, and what (spec A2).

Each line's hash is over the hash before it and over its own number, so a line that still has its hash can be
recognised wherever it stands now. What nobody can find out by the chain alone is said in `docs/threat-model.md`.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from django.utils.translation import gettext as _

from connexion_plugin import formats
from connexion_plugin.models import Activity

FAULTS_NAMED = 20  # a chain with more is not read line by line; each costs a look at all that follow
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


def diagnose(lines: Sequence[Activity], *, digest: Digest, last_line: int, last_hash: bytes) -> list[Fault]:
    """The faults in the order of the lines, at most `FAULTS_NAMED`; none when the chain holds.

    `lines` are in the order of their numbers; `last_line` and `last_hash` are what the conversation remembers.
    """
    walk = _Walk(deque(lines), digest, last_line, last_hash)
    walk.run()
    return sorted(walk.faults, key=lambda fault: fault.line)[:FAULTS_NAMED]


class _Walk:
    """Puts the genuine lines back in their order, and names what does not fit."""

    def __init__(self, rest: deque[Activity], digest: Digest, last_line: int, last_hash: bytes) -> None:
        self.rest, self.digest = rest, digest
        self.last_line, self.last_hash = last_line, last_hash
        self.expected, self.previous = 1, b""
        self.faults: list[Fault] = []
        self.found: list[
            tuple[int, int]
        ] = []  # the number that a genuine line bears, and the one it was given

    def run(self) -> None:
        while self.rest and (self._take_genuine() or self._take_damaged()):
            if len(self.faults) == FAULTS_NAMED:
                return
        self.faults += [Fault(Kind.INSERTED, line.number) for line in self.rest]
        self._name_moved()
        if self.expected <= self.last_line:
            self.faults.append(Fault(Kind.CUT, self.expected, self.last_line))
        elif self.previous != self.last_hash and not self.faults:
            self.faults.append(Fault(Kind.REPLACED, self.expected - 1))

    def _take_genuine(self) -> bool:
        """The line that follows by its hash, wherever it stands now.

        Whoever inserts a line can give it a right hash of its own; but then two follow, and the lines after
        them go on from the one that was there before. One that was changed where it stands has the next one
        going on from it: no other is looked for, which takes a look at all that follow.
        """
        line = self.rest[0]
        is_there = self._holds(line, self.expected, self.previous)
        if not is_there and self._is_followed(line, self.expected):
            return False
        follow = (
            (index, line)
            for index, line in enumerate(self.rest)
            if (self._holds(line, self.expected, self.previous) if index else is_there)
        )
        first = next(follow, None)
        if first is None:
            return False
        if not self._is_followed(first[1], self.expected) and not (first[0] == 0 and self._is_next_changed()):
            first = next((other for other in follow if self._is_followed(other[1], self.expected)), first)
        self._take(first[0])
        return True

    def _is_next_changed(self) -> bool:
        """The line after the first one was changed where it stands: the one after that goes on from it."""
        return len(self.rest) > 1 and self._is_followed(self.rest[1], self.expected + 1)

    def _take_damaged(self) -> bool:
        """No line follows: the next one was changed, or it is gone and another stands there. False: neither."""
        line = self.rest[0]
        if self.expected > self.last_line:
            return False
        lost = self._lost_before(line)
        if lost:
            self.faults.append(Fault(Kind.MISSING, self.expected, self.expected + lost - 1))
            self.expected += lost
        else:
            self.faults.append(Fault(Kind.CHANGED, line.number))
        self._take(0)
        return True

    def _lost_before(self, line: Activity) -> int:
        """How many lines are missing before this one: what follows it tells which number it had."""
        ahead = max(int(line.number) - self.expected, 0)
        to_come = max(self.last_line - self.expected, 0)
        candidates: list[int] = [ahead, *range(min(to_come, FAULTS_NAMED) + 1)]
        for lost in candidates:
            if self._is_followed(line, self.expected + lost):
                return lost
        return ahead

    def _is_followed(self, line: Activity, number: int) -> bool:
        """Whether the chain goes on from this line, were it the line of that number."""
        own = bytes(line.hash)
        if number == self.last_line:
            return own == self.last_hash
        near = islice(self.rest, self.rest.index(line) + LOOK_AHEAD)
        return any(self._holds(other, number + 1, own) for other in near if other is not line)

    def _take(self, index: int) -> None:
        line = self.rest[index]
        del self.rest[index]
        self.found.append((line.number, self.expected))
        self.previous = bytes(line.hash)
        self.expected += 1

    def _name_moved(self) -> None:
        """Lines that bear another's number, and were not merely pushed on or closed up by what is named already."""
        inserted = [fault.line for fault in self.faults if fault.kind is Kind.INSERTED]
        missing = [
            number
            for fault in self.faults
            if fault.kind is Kind.MISSING
            for number in range(fault.line, fault.other + 1)
        ]
        for bears, had in self.found:
            pushed = sum(number < bears for number in inserted)
            closed_up = sum(number < had for number in missing)
            if bears not in {had, had + pushed, had - closed_up, had + pushed - closed_up}:
                self.faults.append(Fault(Kind.MOVED, bears, had))

    def _holds(self, line: Activity, number: int, previous: bytes) -> bool:
        return bytes(line.hash) == self.digest(line, previous=previous, number=number)

"""The lines of a history as its verification goes through them: read in batches, of which a few are kept (spec A2)."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter

from connexion_plugin.models import Activity

A_BATCH = 500
BATCHES_KEPT = 4  # where the walk is, where it was before it jumped, and what is being looked through
# Of a conversation: the lines after this number, at most `A_BATCH`, in the order of their numbers.
Read = Callable[[int], Sequence[Activity]]
_number = attrgetter("number")


class Lines:
    """Those that nobody has taken yet, in the order of their numbers. What was taken is remembered by the numbers."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._batches: OrderedDict[int, Sequence[Activity]] = OrderedDict()
        # From and to which number lines were taken, in order; two lists, so that a number is found by bisection.
        self._starts: list[int] = []
        self._ends: list[int] = []

    @property
    def stretches(self) -> int:
        """How many stretches were taken: one as long as no line was passed over, and none is missing."""
        return len(self._starts)

    def after(self, number: int = 0) -> Iterator[Activity]:
        """From the first that follows this number on."""
        number = self._past_taken(number)
        while batch := self._batch(number):
            for line in batch[bisect_right(batch, number, key=_number) :]:
                number = line.number
                if not self._is_taken(number):
                    yield line
            number = self._past_taken(number)

    def take(self, number: int) -> None:
        """The line of this number is passed over from now on."""
        place = bisect_right(self._starts, number)
        joins_former = place > 0 and self._ends[place - 1] == number - 1
        joins_next = place < len(self._starts) and self._starts[place] == number + 1
        if joins_former and joins_next:
            self._ends[place - 1] = self._ends.pop(place)
            del self._starts[place]
        elif joins_former:
            self._ends[place - 1] = number
        elif joins_next:
            self._starts[place] = number
        else:
            self._starts.insert(place, number)
            self._ends.insert(place, number)

    def _is_taken(self, number: int) -> bool:
        place = bisect_right(self._starts, number)
        return place > 0 and number <= self._ends[place - 1]

    def _past_taken(self, number: int) -> int:
        place = bisect_right(self._starts, number + 1)
        return max(number, self._ends[place - 1]) if place else number

    def _batch(self, after: int) -> Sequence[Activity]:
        for key, kept in self._batches.items():
            if key <= after and kept and after < kept[-1].number:
                self._batches.move_to_end(key)
                return kept
        found = self._read(after)
        self._batches[after] = found
        if len(self._batches) > BATCHES_KEPT:
            self._batches.popitem(last=False)
        return found

"""The foot of a list that has pages: first, previous, next, last (spec B5)."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from django.core.paginator import Page


class Step(StrEnum):
    """Where a link of the foot leads, seen from the page one is on."""

    FIRST = "first"
    PREVIOUS = "previous"
    NEXT = "next"
    LAST = "last"


def foot(
    *, number: int, count: int, has_previous: bool, has_next: bool, to: Callable[[Step, int], str]
) -> dict[str, Any]:
    """What `elements/pages.html` reads; an address is None where it would lead to the page one is on.

    `to` writes the address of a step and the number of the page it leads to.
    """
    steps = {
        Step.FIRST: (has_previous, 1),
        Step.PREVIOUS: (has_previous, number - 1),
        Step.NEXT: (has_next, number + 1),
        Step.LAST: (has_next, count),
    }
    addresses = {
        f"{step}_url": to(step, page) if leads_on else None for step, (leads_on, page) in steps.items()
    }
    return {"number": number, "count": count, **addresses}


def foot_of(page: "Page[Any]", to: Callable[[int], str]) -> dict[str, Any]:
    """The same for a list that is paged by number alone."""
    return foot(
        number=page.number,
        count=page.paginator.num_pages,
        has_previous=page.has_previous(),
        has_next=page.has_next(),
        to=lambda _step, number: to(number),
    )

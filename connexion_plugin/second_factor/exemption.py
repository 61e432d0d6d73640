"""Doors that open before the second factor was shown; every other one stays shut (default deny)."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def second_factor_exempt(view: View) -> View:
    """For the pages of the second factor itself, signing out and the switch of language. Nothing with content."""
    declared: Any = view
    declared.second_factor_exempt = True
    return view


def is_exempt(view: Callable[..., Any]) -> bool:
    return bool(getattr(view, "second_factor_exempt", False))

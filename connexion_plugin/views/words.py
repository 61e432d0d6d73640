"""What one looks for, as it stands in an address."""

from django.http import HttpRequest


def words_asked(request: HttpRequest, name: str, *, longest: int) -> str:
    """Its spaces collapsed, and without NUL, which no address and no name holds and PostgreSQL takes in no text."""
    return " ".join(request.GET.get(name, "").replace("\x00", " ").split())[:longest]

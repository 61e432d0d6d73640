"""What a check answers with: a sentence, and the line to paste as its hint."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import Error, Warning

Apps = Sequence[AppConfig] | None


def error(number: str, message: str, line: str) -> Error:
    """`number` as "E005"; it is stable, so that a host may silence it knowingly."""
    return Error(message, hint=f"Paste: {line}", id=f"connexion.{number}")


def warning(number: str, message: str, line: str) -> Warning:
    return Warning(message, hint=f"Paste: {line}", id=f"connexion.{number}")

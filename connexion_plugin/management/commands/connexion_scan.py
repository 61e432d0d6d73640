"""`manage.py connexion_scan`: how documents stand with the scanner."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from connexion_plugin.actions import scan_leases
from connexion_plugin.conf import settings
from connexion_plugin.documents import scanner_trust
from connexion_plugin.documents.scanning import ScannerFault


class Command(BaseCommand):
    help = "Says whether the scanner can be believed, and how many documents are in which state."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--again",
            action="store_true",
            help="Have what could not be checked read anew, after a limit of the scanner was raised.",
        )

    def handle(self, *args: Any, again: bool, **options: Any) -> None:
        self.stdout.write(f"Scanner: {_scanner()}")
        if again:
            count = scan_leases.again([scan_leases.Scan.FAILED])
            self.stdout.write(f"To be read anew: {count}")
        for state, count in scan_leases.counts().items():
            self.stdout.write(f"{state.value.replace('_', ' ')}: {count}")
        oldest = scan_leases.waiting_since()
        if oldest:
            self.stdout.write(f"The oldest that waits was posted at {oldest:%Y-%m-%d %H:%M:%S %Z}.")


def _scanner() -> str:
    if settings.scanner is None:
        return 'none; CONNEXION["SCANNER"] is not set'
    try:
        return scanner_trust.mistrust(settings.scanner) or "answers as it should"
    except ScannerFault as fault:
        return str(fault)

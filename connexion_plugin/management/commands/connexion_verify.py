"""`manage.py connexion_verify`: does everything agree? (spec A2, style 5)"""

from argparse import ArgumentParser
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from connexion_plugin.actions.stored_parts import missing_documents
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.exceptions import NotConfigured, StorageUnreachable


class Command(BaseCommand):
    help = (
        "Looks whether every key is in the key store, compares permission rows with seats, personas with verified "
        "addresses, counts with what they count, and verifies every chain of activity and of administration. Ends with "
        "an error when anything disagrees."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--documents",
            action="store_true",
            help="Also looks whether every part of every document is stored, of the length that was sealed.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        found = disagreements()
        if options["documents"]:
            found = chain(found, missing_documents(timezone.now()))
        try:
            for fault in found:
                faults += 1
                self.stdout.write(fault)
        except StorageUnreachable as error:
            raise CommandError("The storage of documents cannot be reached: is it mounted?") from error
        except NotConfigured as error:
            raise CommandError(str(error)) from error
        if faults:
            raise CommandError(f"{faults} disagreements.")
        self.stdout.write(self.style.SUCCESS("Everything agrees."))

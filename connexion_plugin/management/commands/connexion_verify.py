"""`manage.py connexion_verify`: does everything agree? (spec A2, style 5)"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connexion_plugin.actions.verification import disagreements


class Command(BaseCommand):
    help = (
        "Compares permission rows with seats, personas with verified addresses, counts with what they count, and "
        "verifies every chain of activity and of administration. Ends with an error when anything disagrees."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for fault in disagreements():
            faults += 1
            self.stdout.write(fault)
        if faults:
            raise CommandError(f"{faults} disagreements.")
        self.stdout.write(self.style.SUCCESS("Everything agrees."))

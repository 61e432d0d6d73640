"""`manage.py connexion_worker`: sends what is due, on as many machines as one likes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from connexion_plugin.management.supervisor import LOOK_SECONDS, PATIENCE_SECONDS, Supervisor


class Command(BaseCommand):
    help = "Runs the queue and watches it: e-mails go out until it is stopped (Ctrl-C or SIGTERM)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--look", type=float, default=LOOK_SECONDS, help="Seconds between two looks at what is due."
        )
        parser.add_argument(
            "--patience",
            type=float,
            default=PATIENCE_SECONDS,
            help="Seconds for which the oldest due row may stay the same before the queue is restarted.",
        )

    def handle(self, *args: Any, look: float, patience: float, **options: Any) -> None:
        self.stdout.write("Sending what is due. Ctrl-C ends it.")
        Supervisor(look_seconds=look, patience_seconds=patience).run()

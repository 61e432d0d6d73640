"""`manage.py connexion_demo`: a believable demo in both languages; development only."""

from typing import Any

from django.conf import settings as django_settings
from django.core.management.base import BaseCommand, CommandError

from connexion_plugin.conf import settings
from connexion_plugin.demo import cast, story, telling


class Command(BaseCommand):
    help = (
        "Fills an empty database with organizations, people and conversations, and prints the accounts. "
        "Run again, it adds nothing. It refuses outside development: its passwords are known to everybody."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (django_settings.DEBUG and settings.show_mailbox):
            raise CommandError(
                'The demo is for development: it needs DEBUG = True and CONNEXION = {"SHOW_MAILBOX": True, …}.'
            )
        cast.assemble()
        cast.keep_contacts()
        for thread in story.THREADS:
            telling.tell(thread)
        cast.let_go()
        self._print_accounts()

    def _print_accounts(self) -> None:
        self.stdout.write(f"  Password of everybody: {story.PASSWORD}\n\n")
        for person in story.PEOPLE:
            who = f"{person.first_name} {person.last_name}"
            self.stdout.write(f"  {person.user_name:<10}{person.part:<15}{who:<18}{person.addresses[0]}\n")
        self.stdout.write(
            f"\n  E-mail, and the codes of their authenticator apps: {settings.site_url}/fr/connexion/mailbox/\n"
        )
        if settings.scanner is None:
            self.stdout.write("  Documents are not scanned for viruses here: SCANNER is not set.\n")

"""`manage.py site_content_load`: the site's pages in both languages, and the editors' group."""

from typing import Any

from django.core.management.base import BaseCommand

from site_content.loader import load


class Command(BaseCommand):
    help = (
        "Publishes the home page, the help and the guides in French and English, and makes the group of "
        "editors. May be run at any time: a page that an editor changed is left as it is; one that was "
        "deleted comes back."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for page, fate in load():
            self.stdout.write(f"{fate:>9}  {page.locale.language_code}  {page.title}")

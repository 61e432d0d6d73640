"""`manage.py connexion_expire`: what the worker does by itself every few minutes, at once and in full."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connexion_plugin.actions import expiry, stored_parts
from connexion_plugin.actions.expiry import Sweep
from connexion_plugin.exceptions import NotConfigured


class Command(BaseCommand):
    help = (
        "Empties the messages and titles that are past their hour, removes what broken uploads left, and marks "
        "and destroys the keys of days that are over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what would go.")
        parser.add_argument(
            "--strays",
            action="store_true",
            help="Also put on record what is stored and no row knows, as after a restore: it goes a day later. "
            "Refused where the storage does not say that it is this installation's.",
        )

    def handle(self, *args: Any, dry_run: bool, strays: bool, **options: Any) -> None:
        try:
            if strays and not dry_run:
                self.note_strays()
            done = expiry.forecast() if dry_run else self.sweep()
        except NotConfigured as error:
            raise CommandError(str(error)) from error
        if dry_run:
            self.stdout.write(_("Nothing was changed. This would go:"))
        self.say(done)

    def note_strays(self) -> None:
        noted = stored_parts.record_strays(now=timezone.now())
        self.stdout.write(
            ngettext("%(count)s unknown document noted", "%(count)s unknown documents noted", noted)
            % {"count": noted}
        )

    def sweep(self) -> Sweep:
        done = expiry.sweep(always_turn=True)
        more = done
        while not more.is_done:
            more = expiry.sweep()
            done.messages, done.titles = done.messages + more.messages, done.titles + more.titles
            done.uploads, done.drafts = done.uploads + more.uploads, done.drafts + more.drafts
        return done

    def say(self, done: Sweep) -> None:
        for text, count in (
            (ngettext("%(count)s message", "%(count)s messages", done.messages), done.messages),
            (ngettext("%(count)s title", "%(count)s titles", done.titles), done.titles),
            (ngettext("%(count)s draft", "%(count)s drafts", done.drafts), done.drafts),
            (ngettext("%(count)s broken upload", "%(count)s broken uploads", done.uploads), done.uploads),
            (ngettext("%(count)s key marked", "%(count)s keys marked", done.turn.marked), done.turn.marked),
            (
                ngettext("%(count)s key destroyed", "%(count)s keys destroyed", done.turn.destroyed),
                done.turn.destroyed,
            ),
        ):
            self.stdout.write(text % {"count": count})
        for epoch_id, uses in done.turn.held_back.items():
            needs = ", ".join(f"{count} {kind}" for kind, count in uses.items())
            self.stderr.write(_("Kept, still needed: %(id)s (%(needs)s)") % {"id": epoch_id, "needs": needs})
        if not done.trusts_clock:
            self.stderr.write(
                _(
                    "Messages and titles wait: the key store has not yet seen a whole day pass without a jump "
                    "of the clock. Keep connexion_worker running, or run this command every hour."
                )
            )

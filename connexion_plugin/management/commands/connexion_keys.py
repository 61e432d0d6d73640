"""`connexion_keys`: the operator's hand on the key store. What each verb does is in `sealing`."""

import base64
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connexion_plugin.conf import settings as connexion_settings
from connexion_plugin.exceptions import NotConfigured, Tampered
from connexion_plugin.models import EpochKey
from connexion_plugin.sealing import backup, destruction, rotation, text
from connexion_plugin.sealing.destruction import Turn
from connexion_plugin.sealing.folder import FolderKeyStore
from connexion_plugin.sealing.stores import key_store, misplaced


class Command(BaseCommand):
    requires_system_checks = ()  # the checks ask for a master key, which `create-master` makes
    help = "Creates, marks, destroys, re-wraps, backs up and restores the keys that everything is sealed by."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("create-master", help="Print a new master key, for CONNEXION_MASTER_KEY.")
        verbs.add_parser("init", help="Make the key store, once, or check the one that is there.")
        verbs.add_parser("status", help="Count the keys, and say what is lost or waits.")
        verbs.add_parser("mark", help="Take the keys of days that are over out of use.")
        verbs.add_parser("destroy", help="Mark, then destroy what has waited a watched day. Hourly.")
        verbs.add_parser("rewrap", help="Seal the store by the current master key; resumes when killed.")
        back_up = verbs.add_parser("backup", help="Write the sealed store to a new file.")
        back_up.add_argument("file", type=Path)
        restore = verbs.add_parser("restore", help="Put keys back, and destroy what was due.")
        restore.add_argument("file", type=Path)
        give_up = verbs.add_parser("give-up", help="Declare lost keys destroyed; what they sealed is gone.")
        give_up.add_argument("--yes", action="store_true", help="Without this, only say how many.")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            getattr(self, verb.replace("-", "_"))(**options)
        except NotConfigured as error:
            raise CommandError(str(error)) from error
        except FileExistsError as error:
            fault = _("%(file)s is there already, and is not replaced. Name a new file.")
            raise CommandError(fault % {"file": error.filename}) from error
        except FileNotFoundError as error:
            fault = _("There is no %(file)s: the file, or its folder, is missing.")
            raise CommandError(fault % {"file": error.filename}) from error
        except Tampered as error:
            fault = _("This does not open: it was altered, or is another master key's.")
            raise CommandError(fault) from error

    def create_master(self, **options: Any) -> None:
        self.stdout.write(base64.urlsafe_b64encode(text.new_key()).decode())

    def init(self, **options: Any) -> None:
        folder = connexion_settings.key_store_folder
        if complaint := misplaced(folder):
            raise CommandError(complaint)
        FolderKeyStore.initialize(folder, connexion_settings.master_key)
        self.stdout.write(_("The key store is ready: %(folder)s") % {"folder": folder})

    def status(self, **options: Any) -> None:
        counts = Counter(EpochKey.objects.values_list("state", flat=True))
        for state in EpochKey.State.values:
            self.stdout.write(f"{state:>10} {counts[state]:>6}")
        for row in destruction.lost_epochs():
            said = (
                _("lost: epoch %(id)s, day %(day)s")
                if row.day
                else _("lost: epoch %(id)s, which is of no day")
            )
            self.stdout.write(said % {"id": row.pk, "day": row.day})
        self.stdout.write(_("%(count)s files in the store") % {"count": len(key_store().file_ids())})

    def mark(self, **options: Any) -> None:
        self._say_marked(destruction.mark(now=timezone.now()))

    def destroy(self, **options: Any) -> None:
        self._say(destruction.take_turn(now=timezone.now()))

    def rewrap(self, **options: Any) -> None:
        done = rotation.rewrap_store()
        self.stdout.write(
            ngettext("%(count)s key sealed anew", "%(count)s keys sealed anew", done.resealed)
            % {"count": done.resealed}
        )
        if done.damaged:
            raise CommandError(
                _("No master key opens these files: %(names)s") % {"names": ", ".join(sorted(done.damaged))}
            )
        self.stdout.write(_("All is sealed by MASTER_KEY: PREVIOUS_MASTER_KEYS may be emptied."))

    def backup(self, file: Path, **options: Any) -> None:
        count = backup.back_up(file)
        self.stdout.write(
            ngettext("%(count)s key backed up", "%(count)s keys backed up", count) % {"count": count}
        )
        self.stdout.write(_("Keep it apart, and for a day at most: expiry waits for it."))

    def restore(self, file: Path, **options: Any) -> None:
        done = backup.restore(file, now=timezone.now())
        self.stdout.write(
            _("Put back: %(put_back)s. Left out, destroyed or present: %(left_out)s.")
            % {"put_back": done.put_back, "left_out": done.left_out}
        )
        self._say(done.turn)

    def give_up(self, yes: bool, **options: Any) -> None:
        now = timezone.now()
        count = destruction.give_up_lost(now=now) if yes else len(destruction.lost_epochs())
        self.stdout.write(_("Lost keys: %(count)s") % {"count": count})
        if count and not yes:
            raise CommandError(_("What they sealed would be gone for good. Nothing to restore? Add --yes."))

    def _say(self, turn: Turn) -> None:
        self._say_marked(turn.marked)
        self.stdout.write(
            ngettext("%(count)s key destroyed", "%(count)s keys destroyed", turn.destroyed + turn.swept)
            % {"count": turn.destroyed + turn.swept}
        )
        for epoch_id, uses in turn.held_back.items():
            needs = ", ".join(f"{count} {kind}" for kind, count in uses.items())
            self.stderr.write(_("Kept, still needed: %(id)s (%(needs)s)") % {"id": epoch_id, "needs": needs})

    def _say_marked(self, count: int) -> None:
        self.stdout.write(ngettext("%(count)s key marked", "%(count)s keys marked", count) % {"count": count})

"""The clock of real processes, moved by Debian's libfaketime while they run; and what the sweep does under it.

python -m tests.faults.moved_clock CLOCK …: sweeps under each of these clocks in turn, then says what lives.
"""

import os
import sys
from pathlib import Path

from tests.faults.processes import ROOT

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds)\n"


class MovedClock:
    """`+1y`, `-10m`, `+0`: how far the clock of the processes with this `environment` is from the true one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.move("+0")

    def move(self, distance: str) -> None:
        # Replaced, not written into: a process that reads meanwhile finds the one or the other.
        new = self._file.with_suffix(".new")
        new.write_text(distance)
        new.replace(self._file)

    def environment_of_servers(self) -> dict[str, str]:
        """For programs that sleep: libfaketime 0.9.10 refuses the call by which Python 3.11 does (EINVAL)."""
        folder = self._file.parent / "site"
        folder.mkdir(exist_ok=True)
        (folder / "sitecustomize.py").write_text(SLEEP)
        return {**self.environment, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            # Only the date is wrong: what counts seconds goes on, and files have the dates that they have.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }


def sweep_under(distance: str) -> dict[str, object]:
    """What lives afterwards by the true clock: by one that is ahead, nobody reads what is past its hour."""
    clock = MovedClock(Path(os.environ["FAKETIME_TIMESTAMP_FILE"]))
    clock.move(distance)
    began = timezone.now()
    call_command("connexion_expire", stdout=io.StringIO(), stderr=io.StringIO())
    clock.move("+0")
    return {"clock": distance, "date": began.isoformat(), **what_lives()}


def what_lives() -> dict[str, object]:
    keys.forget()  # what is read is read from the files
    messages = Message.unscoped.order_by("posted_at")
    return {
        "unreadable": [str(one.pk) for one in messages if one.emptied_at or not read_text(one)],
        "emptied titles": Conversation.unscoped.exclude(title_emptied_at=None).count(),
        "uploads": Upload.unscoped.count(),
        "files": sorted(key_store().file_ids()),
        "marked": EpochKey.objects.filter(state=EpochKey.State.MARKED).count(),
        "destroyed": EpochKey.objects.filter(state=EpochKey.State.DESTROYED).count(),
        "disagreements": len(list(verification.disagreements())),
    }


if __name__ == "__main__":
    import io
    import json

    import django

    django.setup()

    from django.core.management import call_command
    from django.utils import timezone

    from connexion_plugin.actions import verification
    from connexion_plugin.actions.messages import read_text
    from connexion_plugin.models import Conversation, EpochKey, Message, Upload
    from connexion_plugin.sealing import keys
    from connexion_plugin.sealing.stores import key_store

    sys.stdout.write(json.dumps([sweep_under(distance) for distance in sys.argv[1:]]))

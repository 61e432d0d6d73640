"""Marking and destroying epoch keys: the one act that cannot be undone (sealing.md).

The worker calls `take_turn` every hour, and must call it at least every two: longer steps count for nothing.
A day is over at midnight UTC, its key marked within the hour and destroyed a day of watched time later, well
within the three days of spec E3.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from connexion_plugin.exceptions import KeyGone, Tampered
from connexion_plugin.models import EpochKey, LegalHold
from connexion_plugin.sealing import keys
from connexion_plugin.sealing.folder import FolderKeyStore
from connexion_plugin.sealing.stores import key_store
from connexion_plugin.sealing.uses import living_uses
from connexion_plugin.sealing.watch import LONGEST_STEP_SECONDS, WAIT_SECONDS

State = EpochKey.State
TURN_SECONDS = 20 * 60  # well under two hours, several times over


@dataclass
class Turn:
    """What one turn did. `held_back` names the epochs that living rows still need: a defect to look into."""

    marked: int = 0
    destroyed: int = 0
    swept: int = 0
    held_back: dict[UUID, dict[str, int]] = field(default_factory=dict)


def take_turn(*, now: datetime) -> Turn:
    """Mark what is over, destroy what has waited. Outside any transaction; two at once do no harm."""
    marked = mark(now=now)
    turn = destroy(now=now)
    turn.marked = marked
    return turn


def mark(*, now: datetime) -> int:
    """Take the keys of days that are over out of use. Returns how many."""
    _take_back_wrong_marks(now)
    over = EpochKey.objects.filter(state=State.ACTIVE, day__lt=keys.day_of(now)).order_by("day")
    # A hold's key ends when the hold was lifted and every key that it had wrapped went back under its day.
    lifted = LegalHold.unscoped.filter(lifted_at__isnull=False, followed_at__isnull=False)
    ended = EpochKey.objects.filter(state=State.ACTIVE, hold__in=lifted.values("pk"))
    ids = [*over.values_list("id", flat=True), *ended.values_list("id", flat=True)]
    return sum(_mark_one(epoch_id, now) for epoch_id in ids)


def destroy(*, now: datetime) -> Turn:
    """Destroy the marked keys that the store has watched for a day and that nothing living needs.

    Destroys at once what a restored store brought back: it was due.
    """
    store = key_store()
    turn = Turn(swept=_sweep(store))
    observation = store.observe(now, _strays(store, keys.day_of(now)))
    # Only steps that began after the mark: none is credited with time that passed before it.
    watched = EpochKey.objects.filter(state=State.MARKED, marked_at__lte=observation.since)
    watched.update(observed_seconds=Greatest(Value(0), F("observed_seconds") + Value(observation.seconds)))
    due = EpochKey.objects.filter(state=State.MARKED, observed_seconds__gte=WAIT_SECONDS)
    for epoch_id in list(due.values_list("id", flat=True)):
        _destroy_one(epoch_id, now, store, turn)
    for file_id in observation.unclaimed_due:
        store.destroy(file_id)
        turn.swept += 1
    store.sweep_temporary(now)
    return turn


def trusts_clock(now: datetime) -> bool:
    """Whether the store has seen a whole day pass without a jump, up to `now`.

    What expires is emptied only then, or a clock that runs a year ahead would empty what is to live.
    """
    return key_store().steady_seconds(now) >= WAIT_SECONDS


def certain_moment(now: datetime) -> datetime:
    """`now`, where the clock is trusted; the beginning of time where it is not, by which nothing is over.

    For whatever takes something back for good because its hour has passed: a notice, a mail, an upload, an undo.
    """
    return now if trusts_clock(now) else datetime.min.replace(tzinfo=UTC)


def is_turn_due(now: datetime) -> bool:
    """Whether the store looked at the clock a while ago; nodes side by side need not all look."""
    return not 0 <= key_store().seconds_since_look(now) < TURN_SECONDS


def forecast(*, now: datetime) -> Turn:
    """What a turn would do now, at least: files without a row are not looked at. Changes nothing."""
    turn = Turn()
    turn.marked = EpochKey.objects.filter(state=State.ACTIVE, day__lt=keys.day_of(now)).count()
    step = key_store().seconds_since_look(now)
    watched = WAIT_SECONDS - int(step if 0 <= step < LONGEST_STEP_SECONDS else 0)
    for row in EpochKey.objects.filter(state=State.MARKED, observed_seconds__gte=watched):
        if uses := living_uses(row.id, min(now, _earliest_moment(row))):
            turn.held_back[row.id] = uses
        else:
            turn.destroyed += 1
    return turn


def lost_epochs() -> list[EpochKey]:
    """Those that should have a key and whose file the store lacks: an older store was restored."""
    there = key_store().file_ids()
    rows = EpochKey.objects.exclude(state=State.DESTROYED).order_by("day")
    return [row for row in rows if row.file_id not in there]


def give_up_lost(*, now: datetime) -> int:
    """Declare the lost keys destroyed, so that their days may have new ones. What they wrapped is gone."""
    lost = [row.pk for row in lost_epochs()]
    keys.forget()
    return EpochKey.objects.filter(pk__in=lost).update(state=State.DESTROYED, destroyed_at=now)


def _mark_one(epoch_id: UUID, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        # FOR UPDATE waits for every wrap under this epoch that is not yet committed: a bare UPDATE would
        # slip past an insert still open (seen on PostgreSQL).
        row = EpochKey.objects.select_for_update().get(id=epoch_id)
        if row.state != State.ACTIVE:
            return False
        row.state, row.marked_at, row.observed_seconds = State.MARKED, now, 0
        row.save(update_fields=["state", "marked_at", "observed_seconds"])
        return True


def _take_back_wrong_marks(now: datetime) -> None:
    """A clock that ran ahead marked days that are to come: once it is right again, they may be used."""
    marked = EpochKey.objects.filter(state=State.MARKED)
    marked.filter(day__gte=keys.day_of(now)).update(state=State.ACTIVE, marked_at=None, observed_seconds=0)
    ahead = now + timedelta(seconds=LONGEST_STEP_SECONDS)
    marked.filter(marked_at__gt=ahead).update(marked_at=now, observed_seconds=0)


def _destroy_one(epoch_id: UUID, now: datetime, store: FolderKeyStore, turn: Turn) -> None:
    with transaction.atomic(durable=True):
        row = EpochKey.objects.select_for_update().get(id=epoch_id)
        if row.state != State.MARKED or row.observed_seconds < WAIT_SECONDS:
            return
        if uses := living_uses(row.id, min(now, _earliest_moment(row))):
            turn.held_back[row.id] = uses
            return
        row.state, row.destroyed_at = State.DESTROYED, now
        row.save(update_fields=["state", "destroyed_at"])
    # After the commit: killed here, the next turn finds a file whose row is destroyed, and sweeps it.
    keys.forget(epoch_id)
    store.destroy(row.file_id)
    turn.destroyed += 1


def _earliest_moment(row: EpochKey) -> datetime:
    """The end of the epoch's day and what the store has watched since: it cannot be earlier than that, and
    unlike the clock this does not jump. What expires later than this moment is living."""
    if row.day is None:  # a hold's: what it needs no moment ends
        return _end_of(date.min)
    return _end_of(row.day) + timedelta(seconds=row.observed_seconds)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC)


def _sweep(store: FolderKeyStore) -> int:
    """Files whose key was destroyed: a restored store brought them back, or a kill left them."""
    gone = EpochKey.objects.filter(state=State.DESTROYED).values_list("file_id", flat=True)
    back = store.file_ids() & (store.destroyed_ids() | set(gone))
    for file_id in back:
        store.destroy(file_id)
    return len(back)


def _strays(store: FolderKeyStore, today: date) -> list[str]:
    """Files without a row whose day is over: a maker killed between file and row, or a restored database."""
    files = store.file_ids()
    claimed = EpochKey.objects.exclude(state=State.DESTROYED).values_list("file_id", flat=True)
    return [file_id for file_id in files - set(claimed) if _is_over(store, file_id, today)]


def _is_over(store: FolderKeyStore, file_id: str, today: date) -> bool:
    try:
        day = store.read(file_id).day
    except (KeyGone, Tampered):  # destroyed meanwhile, or damaged: `status` shows it
        return False
    return day is not None and day < today

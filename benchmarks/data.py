"""Synthetic and seeded: the people, conversations and messages of goals.md, as real as the product writes them.

    python -m benchmarks.data SIZE FACTOR      in the environment of `site.environment`; prints JSON

Titles, texts and their keys are sealed by the product's own functions, each for its own row; only the writing
is by COPY. `connexion_verify` finds nothing to say about the result (`--verify` asks it).
"""

import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

SEED = 20261124
LIFE = timedelta(days=364)
BATCH = 2_000  # conversations a COPY
WORDS = (
    "Bonjour, voici l’acte de vente, relu et annoté.",
    "Merci, je le signe demain et je vous le renvoie.",
    "Pourriez-vous préciser la date de prise de possession?",
    "Le relevé de la caisse est joint, ainsi que la preuve d’assurance.",
    "Nous attendons la confirmation du prêteur avant vendredi.",
    "Please find the signed copy attached; the original follows by courier.",
)


@dataclass(frozen=True)
class Size:
    """How much there is at 1x; `of` multiplies what goals.md multiplies."""

    people: int
    conversations: int
    heavy: int
    fixed: int
    light: int
    crowd: int
    to_open: int  # messages that wait to be opened, in a conversation of three and among the crowd

    def times(self, factor: int) -> "Size":
        return Size(
            self.people,
            self.conversations * factor,
            self.heavy * factor,
            self.fixed,
            self.light,
            self.crowd,
            self.to_open,
        )


SIZES = {
    "full": Size(10_000, 20_000, 2_000, 2_000, 20, 5_000, 360),
    "small": Size(700, 400, 60, 60, 20, 300, 60),
}


class Rows:
    """Lines of COPY's text format, by table."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = defaultdict(list)

    def add(self, table: str, *values: Any) -> None:
        self.lines[table].append("\t".join(map(_written, values)))

    def copy(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            for table, lines in self.lines.items():
                with cursor.copy(f"COPY {table} ({COLUMNS[table]}) FROM STDIN") as copy:
                    copy.write(("\n".join(lines) + "\n").encode())
        self.lines.clear()


COLUMNS = {
    "connexion_plugin_conversation": "id, organization_id, collaborator_id, title_sealed, title_key,"
    " title_epoch_id, title_expires_at, last_sequence, last_line, last_hash, activity_at, created_at,"
    " hides_participants",
    "connexion_plugin_participation": "id, conversation_id, persona_id, holder_id, role, seat, may_reply,"
    " sees_after, invited_at, joined_at, entered_at, in_inbox, unopened_count, last_posted_sequence, activity_at",
    "connexion_plugin_message": "id, conversation_id, sender_id, sequence, text_sealed, key, epoch_id,"
    " posted_at, expires_at, is_held, idempotency_key, documents_count, documents_bytes",
    "connexion_plugin_opening": "id, message_id, participation_id, opened_at",
    "connexion_plugin_activity": "id, conversation_id, number, verb, at, actor_id, message_id, count, hash",
    "connexion_plugin_conversationpermission": "permission_id, user_id, content_object_id",
}


def _written(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, UUID):
        return value.hex
    return str(value)


@dataclass(frozen=True)
class Person:
    user: int
    persona: UUID
    address: str


@dataclass
class Seat:
    id: UUID
    person: Person
    is_owner: bool
    unopened: int = 0
    last_posted: int = 0


class Builder:
    def __init__(self, size: Size) -> None:
        self.size = size
        self.random = random.Random(SEED)
        self.now = datetime.now(UTC)
        self.rows = Rows()
        self.found: dict[str, str] = {}

    # People

    def people(self) -> None:
        from allauth.account.models import EmailAddress
        from django.contrib.auth import get_user_model
        from django.contrib.auth.models import Permission

        from connexion_plugin.models import Collaborator, Organization, Persona, Preferences

        self.organization = Organization.unscoped.create(name="Étude Tremblay", telephone="1 800 555-0142")
        User = get_user_model()
        names = ["heavy", "fixed", "light", *(f"person{n}" for n in range(self.size.people - 3))]
        User._default_manager.bulk_create([User(username=name, password="!") for name in names], 2_000)
        users = dict(User._default_manager.values_list("username", "pk"))
        rows = [
            Persona(id=self.id(), address=f"{name}@example.org", user_id=users[name], language="fr")
            for name in names
        ]
        Persona.unscoped.bulk_create(rows, 2_000)
        EmailAddress.objects.bulk_create(
            [
                EmailAddress(user_id=users[name], email=f"{name}@example.org", verified=True, primary=True)
                for name in names
            ],
            2_000,
        )
        Preferences.objects.bulk_create([Preferences(user_id=users[name]) for name in names], 2_000)
        everybody = [Person(users[name], row.pk, row.address) for name, row in zip(names, rows, strict=True)]
        self.heavy, self.fixed, self.light, *self.others = everybody
        self.owners = self.others[:50]
        self.enrolments = {
            owner.user: Collaborator.unscoped.create(organization=self.organization, address=owner.address).pk
            for owner in self.owners
        }
        self.permissions = dict(
            Permission.objects.filter(
                content_type__app_label="connexion_plugin", content_type__model="conversation"
            ).values_list("codename", "pk")
        )

    def epochs(self) -> None:
        """Every day on which something expires, opened once: their keys wrap all of it."""
        from django.db import transaction

        from connexion_plugin.sealing import keys

        self.open: dict[date, Any] = {}
        with transaction.atomic():
            for day in range(int(LIFE.days) + 2):
                on = keys.day_of(self.now + timedelta(days=day))
                self.open[on] = keys.open_epoch(organization_id=self.organization.pk, day=on)

    # Conversations

    def conversations(self) -> None:
        size = self.size
        guests = self.guests()
        for number in range(size.conversations):
            pair = next(guests)
            opened_by = {person.user for person in (self.heavy, self.fixed) if person in pair and number % 10}
            self.conversation(self.owners[number % 50], pair, 1 + self.random.randrange(19), opened_by)
            if number % BATCH == BATCH - 1:
                self.rows.copy()
        light = self.light
        self.mark("seven", [light, self.others[60]], 7, {light.user})
        self.mark("thousand", [light, self.others[61]], 1_000, {light.user})
        self.mark("three", [light, self.others[62]], 7, {light.user})
        self.mark("crowd", [light, *self.others[50 : 50 + size.crowd - 2]], 7, {light.user})
        self.mark("to_open", [light, self.others[63]], size.to_open, set(), only_owner=True)
        self.mark(
            "to_open_in_crowd",
            [light, *self.others[50 : 50 + size.crowd - 2]],
            size.to_open,
            set(),
            only_owner=True,
        )
        self.rows.copy()

    def guests(self) -> Iterator[list[Person]]:
        """Two beside the owner: heavy and fixed in as many conversations as they have, mixed over time."""
        seats = (
            [self.heavy] * self.size.heavy
            + [self.fixed] * self.size.fixed
            + [self.light] * (self.size.light - 6)
        )
        chosen = [*seats, *([None] * (self.size.conversations - len(seats)))]
        self.random.shuffle(chosen)
        for first in chosen:
            second, third = self.random.sample(self.others[50:], 2)
            yield [first or second, third]

    def mark(
        self,
        name: str,
        people: Sequence[Person],
        length: int,
        opened_by: set[int],
        *,
        only_owner: bool = False,
    ) -> None:
        conversation = self.conversation(
            self.owners[0], people, length, opened_by, only_owner=only_owner, late=True
        )
        self.found[name] = str(conversation)

    def conversation(
        self,
        owner: Person,
        people: Sequence[Person],
        length: int,
        opened_by: set[int],
        *,
        only_owner: bool = False,
        late: bool = False,
    ) -> UUID:
        from connexion_plugin.sealing import records, text

        conversation = self.id()
        hours = 0.1 * length if late else 24 * 300 * self.random.random() + 0.1 * length
        began = self.now - timedelta(hours=hours + 1)
        seats = [Seat(self.id(), person, person is owner) for person in (owner, *people)]
        moments = [began + timedelta(minutes=5 * n) for n in range(1, length + 1)]
        for sequence, posted_at in enumerate(moments, start=1):
            sender = seats[0] if only_owner else seats[sequence % min(len(seats), 3)]
            sender.last_posted = sequence
            for seat in seats:
                seat.unopened += seat is not sender and seat.person.user not in opened_by
            self.message(conversation, sequence, sender, seats, opened_by, posted_at)
        epoch = self.open[(moments[-1] + LIFE).date()]
        wrapped = epoch.wrap_new(context=records.context("conversation", conversation, field="title-key"))
        sealed = text.seal(
            key=wrapped.key,
            text=f"Acte de vente, {self.random.randrange(9_999)} rue des Érables",
            context=records.context("conversation", conversation, field="title"),
        )
        line, digest = self.chain(conversation, seats, began, moments[-1], self.last_message)
        self.rows.add(
            "connexion_plugin_conversation", conversation, self.organization.pk,
            self.enrolments[owner.user], sealed, wrapped.wrapped, wrapped.epoch_id,
            moments[-1] + LIFE, length, line, digest, moments[-1], began, False,
        )  # fmt: skip
        self.seats(conversation, seats, began, moments[-1])
        return conversation

    def message(
        self,
        conversation: UUID,
        sequence: int,
        sender: Seat,
        seats: Sequence[Seat],
        opened_by: set[int],
        posted_at: datetime,
    ) -> None:
        from connexion_plugin.sealing import records, text

        message = self.last_message = self.id()
        expires_at = posted_at + LIFE
        wrapped = self.open[expires_at.date()].wrap_new(
            context=records.context("message", message, conversation, field="key")
        )
        sealed = text.seal(
            key=wrapped.key,
            text=" ".join(self.random.choices(WORDS, k=3)),
            context=records.context("message", message, conversation, field="text"),
        )
        self.rows.add(
            "connexion_plugin_message", message, conversation, sender.id, sequence, sealed, wrapped.wrapped,
            wrapped.epoch_id, posted_at, expires_at, False, self.id(), 0, 0,
        )  # fmt: skip
        for seat in seats[:3] if opened_by else ():
            if seat.person.user in opened_by and seat is not sender:
                self.rows.add("connexion_plugin_opening", self.id(), message, seat.id, posted_at)

    def chain(
        self, conversation: UUID, seats: Sequence[Seat], began: datetime, ended: datetime, message: UUID
    ) -> tuple[int, bytes]:
        """Two lines: its start, and its last message."""
        from connexion_plugin.actions.activity import digest
        from connexion_plugin.models import Activity

        previous = b""
        sender = max(seats[:3], key=lambda seat: seat.last_posted)
        for number, verb, at, actor, about in (
            (1, Activity.Verb.CREATED, began, seats[0], None),
            (2, Activity.Verb.POSTED, ended, sender, message),
        ):
            line = Activity(
                conversation_id=conversation, number=number, verb=verb, at=at, actor_id=actor.id,
                message_id=about,
            )  # fmt: skip
            previous = digest(line, previous=previous)
            self.rows.add(
                "connexion_plugin_activity", self.id(), conversation, number, verb.value, at, actor.id, about,
                1, previous,
            )  # fmt: skip
        return 2, previous

    def seats(self, conversation: UUID, seats: Sequence[Seat], began: datetime, ended: datetime) -> None:
        for seat in seats:
            role = "owner" if seat.is_owner else "participant"
            self.rows.add(
                "connexion_plugin_participation", seat.id, conversation, seat.person.persona, seat.person.user,
                role, "taken", True, 0, began, began, began, True, seat.unopened, seat.last_posted, ended,
            )  # fmt: skip
            for codename in ("view", "reply", "own") if seat.is_owner else ("view", "reply"):
                self.rows.add(
                    "connexion_plugin_conversationpermission",
                    self.permissions[f"{codename}_conversation"], seat.person.user, conversation,
                )  # fmt: skip

    def id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)


FLOOR_TABLES = """
CREATE TABLE floor_inbox AS
    SELECT p.id, p.persona_id, p.conversation_id, 'person1@example.org'::text AS owner,
        'Acte de vente, 44 rue des Érables'::text AS title, p.activity_at, p.unopened_count > 0 AS is_unread
    FROM connexion_plugin_participation p;
CREATE INDEX ON floor_inbox (persona_id, activity_at DESC, id DESC) INCLUDE (owner, title);
CREATE INDEX ON floor_inbox (persona_id) WHERE is_unread;
CREATE INDEX ON floor_inbox (conversation_id);
ALTER TABLE floor_inbox ADD PRIMARY KEY (id);
CREATE TABLE floor_message AS
    SELECT id, conversation_id, sender_id AS seat_id, sequence, 'person1@example.org'::text AS sender, posted_at,
        repeat('Bonjour, voici l’acte de vente. ', 5) AS text
    FROM connexion_plugin_message;
ALTER TABLE floor_message ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX ON floor_message (conversation_id, sequence);
CREATE TABLE floor_conversation AS
    SELECT id, last_sequence, activity_at FROM connexion_plugin_conversation;
ALTER TABLE floor_conversation ADD PRIMARY KEY (id);
ALTER TABLE floor_inbox ADD FOREIGN KEY (conversation_id) REFERENCES floor_conversation DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE floor_inbox ADD FOREIGN KEY (persona_id) REFERENCES connexion_plugin_persona DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE floor_message ADD FOREIGN KEY (conversation_id) REFERENCES floor_conversation DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE floor_message ADD FOREIGN KEY (seat_id) REFERENCES floor_inbox DEFERRABLE INITIALLY DEFERRED;
"""


def build(size: Size) -> dict[str, str]:
    """Fills the empty database; returns what the pages are asked for by name."""
    from django.db import connection

    builder = Builder(size)
    builder.people()
    builder.epochs()
    with connection.cursor() as cursor:
        # Rows that refer to each other come table by table; their foreign keys hold in the end (--verify).
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        indexes = _without_indexes(cursor)
        builder.conversations()
        for definition in indexes:
            cursor.execute(definition)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute(FLOOR_TABLES)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    people = {name: asdict(getattr(builder, name)) for name in ("heavy", "fixed", "light")}
    return {**builder.found, **{f"{name}_persona": str(row["persona"]) for name, row in people.items()}}


def _without_indexes(cursor: Any) -> list[str]:
    """Drops what no constraint needs; made again at the end it takes a third of the time."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)",
        [list(COLUMNS)],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


AT_ONCE = 50  # people of the load, each with an inbox of their own: the owners


def sessions() -> dict[str, dict[str, str]]:
    """Cookies of each person, on the site with the second factor shown, and on the floors."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.serializers import JSONSerializer
    from django_otp import DEVICE_ID_SESSION_KEY

    from connexion_plugin.models import AuthenticatorDevice

    Store = import_module(settings.SESSION_ENGINE).SessionStore
    cookies: dict[str, dict[str, str]] = {}
    for name in ("heavy", "fixed", "light", *(f"person{number}" for number in range(AT_ONCE))):
        user = get_user_model()._default_manager.get(username=name)
        device = AuthenticatorDevice.objects.create(user=user, name="telephone", confirmed=True)
        keys = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        ours, floor = Store(), Store()
        ours.update({**keys, DEVICE_ID_SESSION_KEY: device.persistent_id})
        ours.create()
        floor.serializer = JSONSerializer  # the floors do not unseal their sessions
        floor.update({**keys, BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend"})
        floor.create()
        cookies[name] = {settings.SESSION_COOKIE_NAME: ours.session_key, "floor": floor.session_key}
    return cookies


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("connexion_keys", "init", verbosity=0, stdout=sys.stderr)
    found = build(SIZES[sys.argv[1]].times(int(sys.argv[2])))
    if "--verify" in sys.argv:
        call_command("connexion_verify", stdout=sys.stderr)
    print(json.dumps({"found": found, "cookies": sessions()}))


if __name__ == "__main__":
    main()

"""The plugin's settings: one dictionary, `CONNEXION`, read when asked and never at import.

`docs/configure.md` explains each; `checks.py` names what is missing with the line to paste.
"""

import base64
import binascii
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings

from connexion_plugin.exceptions import NotConfigured

MASTER_KEY_BYTES = 32

# A socket's path, or host and port.
Address = str | tuple[str, int]


class ConnexionSettings:
    """Typed views on `settings.CONNEXION`; every property reads afresh, so that tests may override."""

    def _get(self, name: str, default: Any = None) -> Any:
        return getattr(django_settings, "CONNEXION", {}).get(name, default)

    def _demand(self, name: str, line: str) -> Any:
        value = self._get(name)
        if not value:
            raise NotConfigured(f'CONNEXION["{name}"] is missing. Add it to your settings: {line}')
        return value

    # Sealing

    @property
    def key_store_folder(self) -> Path:
        """Folder of the sealed epoch keys; outside the database and the documents' storage."""
        return Path(self._demand("KEY_STORE", 'CONNEXION = {"KEY_STORE": "/srv/connexion/keys", …}'))

    @property
    def master_key(self) -> bytes:
        """32 bytes that seal the key store. Raises NotConfigured when absent or malformed."""
        return _decode_key(
            self._demand("MASTER_KEY", 'CONNEXION = {"MASTER_KEY": os.environ["CONNEXION_MASTER_KEY"], …}')
        )

    @property
    def previous_master_keys(self) -> tuple[bytes, ...]:
        """Older master keys that the store may still be sealed by, while a rotation runs."""
        return tuple(_decode_key(key) for key in self._get("PREVIOUS_MASTER_KEYS", ()))

    # Addresses and names

    @property
    def site_url(self) -> str:
        """Where the service is reached, without a final slash; the links in e-mails begin with it."""
        url: str = self._demand("SITE_URL", 'CONNEXION = {"SITE_URL": "https://connexion.example.ca", …}')
        return url.rstrip("/")

    @property
    def sender(self) -> str:
        """The From of every e-mail, with the service's name (spec N1)."""
        return str(self._get("SENDER") or f"Connexion <{django_settings.DEFAULT_FROM_EMAIL}>")

    @property
    def support_telephone(self) -> str:
        """Answered at any hour; shown in help, in errors and in e-mails. May be empty."""
        return str(self._get("SUPPORT_TELEPHONE", ""))

    @property
    def help_url_resolver(self) -> str | None:
        """Dotted path of `resolver(screen, language) -> str | None`; see `help.py` (spec H3)."""
        resolver: str | None = self._get("HELP_URL_RESOLVER")
        return resolver

    # Limits

    @property
    def message_limit_bytes(self) -> int:
        """What the documents of one message may weigh together, in bytes (spec D1)."""
        return int(self._get("MESSAGE_LIMIT_BYTES", 1024**3))

    @property
    def text_limit_characters(self) -> int:
        """Longest text of a message, in characters."""
        return int(self._get("TEXT_LIMIT_CHARACTERS", 50_000))

    @property
    def default_expiry_days(self) -> int:
        """A new organization's default life of a message, in days (spec E1)."""
        return int(self._get("DEFAULT_EXPIRY_DAYS", 364))

    # Scanning

    @property
    def scanner(self) -> Address | None:
        """Where clamd listens; None means that documents are not scanned, and pages say so (spec D4)."""
        given = self._get("SCANNER")
        if not given:
            return None
        host, _, port = str(given).rpartition(":")
        if str(given).startswith("/"):
            return str(given)
        if not host or not port.isdecimal():
            raise NotConfigured(
                'CONNEXION["SCANNER"] is neither a socket nor an address. Write: "/run/clamav/clamd.ctl", '
                'or "127.0.0.1:3310"'
            )
        return host.strip("[]"), int(port)

    @property
    def scanner_timeout_seconds(self) -> float:
        """How long clamd may take to accept a connection, or the next piece of a document."""
        return float(self._get("SCANNER_TIMEOUT_SECONDS", 20))

    @property
    def scanner_answer_seconds(self) -> float:
        """How long clamd may look at a document once it has it whole; less than `Q_CLUSTER["timeout"]`."""
        return float(self._get("SCANNER_ANSWER_SECONDS", 240))

    @property
    def scans_at_once(self) -> int:
        """Documents that all workers together read at one time; fewer than they are, or e-mail waits."""
        return int(self._get("SCANS_AT_ONCE", 1))

    @property
    def message_files_limit(self) -> int:
        """How many documents one message may carry (spec D1: any number; a form's parser needs an end)."""
        return int(self._get("MESSAGE_FILES_LIMIT", 1000))

    @property
    def unposted_limit_bytes(self) -> int:
        """What one person's uploads that are not posted may weigh together, in bytes."""
        return int(self._get("UNPOSTED_LIMIT_BYTES", 4 * 1024**3))

    @property
    def free_space_floor_bytes(self) -> int:
        """Free space of the documents' disk under which nothing new is taken, in bytes."""
        return int(self._get("FREE_SPACE_FLOOR_BYTES", 256 * 1024**2))

    @property
    def upload_days(self) -> int:
        """How long an upload that stands still can be gone on with, in days."""
        return int(self._get("UPLOAD_DAYS", 7))

    @property
    def upload_lease_seconds(self) -> int:
        """How long an upload is held by a request from which nothing comes, in seconds."""
        return int(self._get("UPLOAD_LEASE_SECONDS", 30))

    @property
    def draft_days(self) -> int:
        """How long a draft is kept after it was last saved, in days (spec C8)."""
        return int(self._get("DRAFT_DAYS", 30))

    @property
    def expiry_warning_days(self) -> tuple[int, ...]:
        """How many days before a message expires those who have not opened it are warned (spec E2)."""
        return tuple(int(days) for days in self._get("EXPIRY_WARNING_DAYS", (14, 3)))

    @property
    def ask_for_time_days(self) -> int:
        """From how many days before its expiry on a reader may ask for more time with a message."""
        return int(self._get("ASK_FOR_TIME_DAYS", 14))

    @property
    def more_time_days(self) -> int:
        """How many days longer a message lives when its owner gives more time, within the organization's bounds."""
        return int(self._get("MORE_TIME_DAYS", 30))

    @property
    def show_mailbox(self) -> bool:
        """Development only: keep what was sent readable at a local page."""
        return bool(self._get("SHOW_MAILBOX", False))


def _decode_key(value: str | bytes) -> bytes:
    try:
        key = base64.urlsafe_b64decode(value)
    except (binascii.Error, ValueError) as error:
        raise NotConfigured(
            'CONNEXION["MASTER_KEY"] is not base64. Make one: python manage.py connexion_keys create-master'
        ) from error
    if len(key) != MASTER_KEY_BYTES:
        raise NotConfigured(
            'CONNEXION["MASTER_KEY"] must hold 32 bytes. Make one: python manage.py connexion_keys create-master'
        )
    return key


settings = ConnexionSettings()

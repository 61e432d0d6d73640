"""The scanner, asked as the worker asks it (spec D4); with `check --deploy` only, since it must be running."""

from typing import Any

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Info, Tags, Warning, register

from connexion_plugin.checks.findings import Apps, warning
from connexion_plugin.conf import settings
from connexion_plugin.documents import scanner_trust
from connexion_plugin.documents.scanner_configuration import folder_on_disk, sizes_below
from connexion_plugin.documents.scanning import ScannerFault
from connexion_plugin.exceptions import NotConfigured


@register(Tags.security, deploy=True)
def check_scanner(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    try:
        address = settings.scanner
    except NotConfigured:
        return []  # E015 says so
    if address is None:
        line = 'CONNEXION["SCANNER"] = "/run/clamav/clamd.ctl" (docs/operate.md, Scanning)'
        said = "Documents are not scanned for viruses, and every page says so."
        return [Info(said, hint=f"Paste: {line}", id="connexion.I001")]
    return [*_patience(), *_trust(address), *_sizes(address), *_folder(address)]


def _trust(address: Any) -> list[CheckMessage]:
    try:
        reason = scanner_trust.mistrust(address)
    except ScannerFault as fault:
        reason = str(fault)
    if reason is None:
        return []
    hint = "See docs/operate.md, Scanning. Documents wait until then."
    return [Warning(f"The scanner is not asked: {reason}.", hint=hint, id="connexion.W004")]


def _sizes(address: Any) -> list[CheckMessage]:
    small = sizes_below(address, settings.message_limit_bytes)
    if not small:
        return []
    named = ", ".join(f"{name} {limit // 1024**2}M" for name, limit in small.items())
    said = f"clamd looks at less than the largest document: {named}."
    # A little above: what is packed may be larger than its package.
    line = f"{', '.join(small)}: {settings.message_limit_bytes // 1024**2 * 11 // 10}M each, in clamd.conf"
    return [warning("W008", said, f"{line} (docs/operate.md, Scanning)")]


def _folder(address: Any) -> list[CheckMessage]:
    folder = folder_on_disk(address)
    if folder is None:
        return []
    said = f"clamd writes documents, unsealed, to a folder on disk: {folder}."
    line = "TemporaryDirectory /run/clamav/scans in clamd.conf, a tmpfs (docs/operate.md, Scanning)"
    return [warning("W005", said, line)]


def _patience() -> list[CheckMessage]:
    queue: dict[str, Any] = django_settings.Q_CLUSTER
    limit = queue.get("timeout")
    if not limit or settings.scanner_answer_seconds < limit:
        return []
    line = f'CONNEXION["SCANNER_ANSWER_SECONDS"] = {limit * 4 // 5}'
    return [warning("W004", "The queue ends a task before the scanner may answer.", line)]

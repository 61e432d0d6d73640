"""What clamd's configuration says: how much of a document it looks at, and where it writes, unsealed, what it is given
and what it unpacks (sealing.md: nothing plain on a disk).

It can be known where clamd listens on a socket of this machine and its configuration can be read. Over TCP, or in a
container of its own, nothing is known, and nothing said.
"""

import re
import socket
import struct
from pathlib import Path

from connexion_plugin.conf import Address

USUAL_CONFIGURATION = Path("/etc/clamav/clamd.conf")
IN_MEMORY = {"tmpfs", "ramfs"}
# What clamd 1.4 has of itself, in bytes (clamd.conf(5)). Beyond each of them it looks at nothing, or in another way;
# beyond the last four it says OK all the same, whatever AlertExceedsMax says (measured with clamd 1.4.6).
SIZES = {
    "StreamMaxLength": 100 * 1024**2,
    "MaxFileSize": 100 * 1024**2,
    "MaxScanSize": 400 * 1024**2,
    "PCREMaxFileSize": 100 * 1024**2,
    "MaxHTMLNormalize": 40 * 1024**2,
    "MaxHTMLNoTags": 8 * 1024**2,
    "MaxScriptNormalize": 20 * 1024**2,
}
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
_PEER = struct.Struct("3i")  # struct ucred: process, user, group


def folder_on_disk(address: Address) -> Path | None:
    """clamd's temporary folder when it is known to lie on a disk; None when it does not, or nobody can tell."""
    try:
        options = _options(address)
        if options is None:
            return None
        folder = Path(options.get("TemporaryDirectory", "/tmp")).resolve()
        return None if _file_system_of(folder) in IN_MEMORY else folder
    except OSError:
        return None


def sizes_below(address: Address, size: int) -> dict[str, int]:
    """By option, what is known to be smaller than a document of `size` bytes; nothing where nobody can tell."""
    try:
        options = _options(address)
    except OSError:
        return {}
    if options is None:
        return {}
    found = {name: _bytes(options.get(name), default) for name, default in SIZES.items()}
    return {name: limit for name, limit in found.items() if 0 < limit < size}


def _options(address: Address) -> dict[str, str] | None:
    """Of the configuration that names this very socket. Raises OSError where it cannot be read."""
    if not isinstance(address, str):
        return None
    for configuration in (_configuration_of_peer(address), USUAL_CONFIGURATION):
        if configuration is None or not configuration.exists():
            continue
        options = dict(re.findall(r"(?m)^[ \t]*(\w+)[ \t]+(.+?)[ \t]*$", configuration.read_text()))
        if options.get("LocalSocket") == address:
            return options
    return None


def _bytes(written: str | None, default: int) -> int:
    """`1100M`, as clamd reads it; 0 is no limit."""
    found = re.fullmatch(r"(\d+)([KMG]?)", (written or "").upper())
    return int(found[1]) * _UNITS[found[2]] if found else default


def _configuration_of_peer(address: str) -> Path | None:
    """What the process behind the socket was started with."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(address)
        peer, _user, _group = _PEER.unpack(
            client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        )
    words = Path(f"/proc/{peer}/cmdline").read_text().split("\0")
    if Path(words[0]).name != "clamd":
        return None  # systemd may have opened the socket for it
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in {"-c", "--config-file"}:
            return Path(following)
        if word.startswith("--config-file="):
            return Path(word.partition("=")[2])
    return None


def _file_system_of(folder: Path) -> str:
    """Its type, by the longest place of /proc/mounts that holds the folder."""
    found, longest = "", -1
    for line in Path("/proc/mounts").read_text().splitlines():
        _device, place, kind, *_rest = line.split(" ")
        place = place.replace("\\040", " ")
        if folder.is_relative_to(place) and len(place) >= longest:
            found, longest = kind, len(place)
    return found

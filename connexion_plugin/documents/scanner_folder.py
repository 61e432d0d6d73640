"""Where clamd writes, unsealed, what it is given and what it unpacks (sealing.md: nothing plain on a disk).

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
_PEER = struct.Struct("3i")  # struct ucred: process, user, group


def folder_on_disk(address: Address) -> Path | None:
    """clamd's temporary folder when it is known to lie on a disk; None when it does not, or nobody can tell."""
    if not isinstance(address, str):
        return None
    try:
        folder = _temporary_folder(address)
        if folder is None or _file_system_of(folder) in IN_MEMORY:
            return None
    except OSError:
        return None
    return folder


def _temporary_folder(address: str) -> Path | None:
    """As the configuration says that names this very socket."""
    for configuration in (_configuration_of_peer(address), USUAL_CONFIGURATION):
        if configuration is None or not configuration.exists():
            continue
        options = dict(re.findall(r"(?m)^[ \t]*(\w+)[ \t]+(.+?)[ \t]*$", configuration.read_text()))
        if options.get("LocalSocket") == address:
            return Path(options.get("TemporaryDirectory", "/tmp")).resolve()
    return None


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

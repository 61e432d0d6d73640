"""Whether an OK of this clamd means that it looked (spec D4). Asked with small documents of our own.

Measured with clamd 1.4.6: without AlertExceedsMax it says OK to what it left out beyond any of its limits. With
it, one way is left: an entry of a ZIP that is larger than MaxFileSize is cut there and the rest not looked at,
unless MaxScanSize is no larger than MaxFileSize, which then is exceeded, and said.
"""

import functools
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from django.core.cache import cache

from connexion_plugin.conf import Address, settings
from connexion_plugin.documents.scanning import Clamd, Outcome, Verdict

BOMB_BYTES = 2040 * 1024**2  # clamd's own ceiling: no MaxFileSize is above 2047M
NESTED = 150  # no MaxRecursion is above 100
TRUST_SECONDS = 3600
_ZEROS = bytes(1024**2)

KNOWS_NOTHING = "it does not find the EICAR test file: its signatures are missing (freshclam)"
SKIPS_IN_SILENCE = "it says OK to what it did not look at; in clamd.conf: AlertExceedsMax yes"
CUTS_IN_SILENCE = (
    "it says OK to large entries of a ZIP that it looked at in part; in clamd.conf: "
    "MaxFileSize 1100M and MaxScanSize 1100M, the second no larger than the first"
)


def mistrust(address: Address, alive: Callable[[], None] = lambda: None) -> str | None:
    """Why an OK cannot be believed, as a line for the operator; None when it can. Raises ScannerFault.

    Two questions of a few KB at every call. The third makes clamd unpack as much as it ever would, and is
    asked once an hour; what clamd answers can change only when it is started again. `alive` as in `Clamd`.
    """
    quick = settings.scanner_timeout_seconds
    if _ask(address, _eicar(), alive, quick).outcome is not Outcome.INFECTED:
        return KNOWS_NOTHING
    if _ask(address, nested_zip(), alive, quick).outcome is not Outcome.UNSCANNABLE:
        return SKIPS_IN_SILENCE
    known = f"connexion:scanner-says-when-it-cuts:{address}"
    if cache.get(known) is None:
        if _ask(address, zip_bomb(), alive).outcome is not Outcome.UNSCANNABLE:
            return CUTS_IN_SILENCE
        cache.set(known, True, TRUST_SECONDS)
    return None


def _ask(
    address: Address, document: bytes, alive: Callable[[], None], patience: float | None = None
) -> Verdict:
    with Clamd(address, patience=patience) as clamd:
        clamd.feed(document)
        return clamd.verdict(alive)


def _eicar() -> bytes:
    """The harmless file that every scanner knows; in two halves, lest one finds it here."""
    return rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"


@functools.cache
def nested_zip(depth: int = NESTED) -> bytes:
    """A ZIP in a ZIP in a ZIP, deeper than any scanner goes; 15 KB."""
    inner = b"nothing"
    for _ in range(depth):
        inner = _zip(inner)
    return inner


@functools.cache
def zip_bomb(size: int = BOMB_BYTES) -> bytes:
    """A ZIP that holds one ZIP with one entry of `size` zeros, whole mebibytes; 5 KB.

    Written by hand: a block of deflated zeros that ends on a byte can be repeated, so that two gigabytes are
    never compressed. Without ZIP64, which clamd does not read.
    """
    packer = zlib.compressobj(zlib.Z_BEST_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(_ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)
    count, checksum = size // len(_ZEROS), 0
    for _ in range(count):
        checksum = zlib.crc32(_ZEROS, checksum)
    packed = block * count + packer.flush()
    about = struct.pack("<5H3I2H", 20, 0, zipfile.ZIP_DEFLATED, 0, 33, checksum, len(packed), size, 1, 0)
    entry = b"PK\x03\x04" + about + b"0" + packed
    index = b"PK\x01\x02" + struct.pack("<H", 20) + about + bytes(14) + b"0"
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 1, 1, len(index), len(entry), 0)
    return _zip(entry + index + end, zipfile.ZIP_DEFLATED)


def _zip(content: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("inner.zip"), content, compression)
    return outer.getvalue()

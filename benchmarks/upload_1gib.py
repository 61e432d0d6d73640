"""A document of 1 GiB through the plain form and back: memory, plain bytes on disk, speed against the floor.

    python benchmarks/upload_1gib.py                    the smallest site (sealing_site.py)
    python benchmarks/upload_1gib.py --portal           the real one: Bob answers in a conversation
    python benchmarks/upload_1gib.py --size-mib 64      as CI runs it
    python benchmarks/upload_1gib.py --at-once 8        eight uploads, then eight downloads, together

Ends with 1 when a document came back changed, memory passed its limit or a plain byte stayed on disk.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import portal, small_site
from benchmarks.gunicorn_server import Server
from benchmarks.small_site import SMALL_SITE, floors
from benchmarks.transfers import MIB, Measured, measure, search

# What the product allows one transfer above idle; eight at once may take twice that.
MEMORY_LIMIT_BYTES = 64 * MIB


def report(measured: Measured, at_once: int) -> bool:
    total = measured.size * at_once
    speed = "{:.2f} s ({:.2f} s of CPU), {:.0f} MiB/s".format
    up = speed(measured.upload_seconds, measured.upload_cpu, total / MIB / measured.upload_seconds)
    down = speed(measured.download_seconds, measured.download_cpu, total / MIB / measured.download_seconds)
    print(f"{at_once} × {measured.size // MIB} MiB")
    print(f"  upload    {up}, + {measured.upload_memory / MIB:.1f} MiB at its peak")
    print(f"  download  {down}, + {measured.download_memory / MIB:.1f} MiB at its peak")
    print(f"  written while uploading: {measured.written / total:.4f} × the document")
    print(f"  bytes in the temporary folder: {measured.temporary}")
    print(f"  files with plain bytes: {measured.plain_found or 'none'}")
    print(f"  SHA-256 after the download: {'equal' if measured.same_bytes else 'DIFFERENT'}")
    allowed = MEMORY_LIMIT_BYTES * (1 if at_once == 1 else 2)
    return (
        measured.same_bytes
        and max(measured.upload_memory, measured.download_memory) < allowed
        and measured.temporary == 0
        and not measured.plain_found
        # Sealing adds 28 bytes to 64 KiB; what was written besides would be plain.
        and measured.written < 1.01 * total + MIB
    )


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--portal", action="store_true", help="the real site's form, not the smallest one's")
    options.add_argument("--size-mib", type=int, default=1024)
    options.add_argument("--at-once", type=int, default=1)
    options.add_argument(
        "--rounds",
        type=int,
        default=0,
        help="rounds of the smallest site, interleaved with the floors F4 and F5",
    )
    chosen = options.parse_args()
    size = chosen.size_mib * MIB
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journey, application, environment = SMALL_SITE, small_site.APPLICATION, {}
        if chosen.portal:
            journey, application, environment = portal.build(folder), portal.APPLICATION, portal.SETTINGS
        with Server(application, folder=folder, environment=environment) as server:
            measured = measure(server, journey, size, chosen.at_once)
            measured.plain_found = search(folder)
            for number in range(chosen.rounds):
                floor, ours = floors(server, size), measure(server, SMALL_SITE, size)
                print(
                    f"round {number + 1}: "
                    f"upload {floor.upload / ours.upload_seconds:.2f} × F4 ({floor.upload:.2f} s; "
                    f"CPU {ours.upload_cpu:.2f} s to {floor.upload_cpu:.2f}), "
                    f"download {floor.download / ours.download_seconds:.2f} × F5 ({floor.download:.2f} s; "
                    f"CPU {ours.download_cpu:.2f} s to {floor.download_cpu:.2f})"
                )
    return 0 if report(measured, chosen.at_once) else 1


if __name__ == "__main__":
    sys.exit(main())

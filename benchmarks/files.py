"""Documents beside their floors F4 and F5 (goals.md): the rows of upload, download and memory.

    make bench-files                      1 GiB, five interleaved rounds
    python -m benchmarks.files --size-mib 64 --rounds 2

In each round, in an order that turns: the floor's upload; ours; the same document by pieces (tus) into a draft of the
real site, on PostgreSQL where DATABASE_URL names one, in pieces that grow as the page's do and in pieces of 8 MiB
throughout. Each begins with an idle disk and without what the earlier rounds stored: the floor writes over its own
file, and memory of the page cache that was never used costs a virtual machine a fault a page (README.md says how to
spare it that). F4 waits for no disk, and ours does: once a form, once a piece, so that what was answered survives a
power cut. What that alone costs is shown beside it: the same pieces, plain, each on disk before it is answered. Then
the downloads, with an idle disk too, directly and behind nginx where there is one: the floor, that file through
AES-GCM and nothing else, which no unsealing can be faster than, and ours. Who downloads digests what comes; one who
throws it away is shown beside (README.md). A line is the middle of the rounds' ratios, with their range. Ends with 1
when a goal was missed or a document came back changed.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import pieces, portal, small_site
from benchmarks.gunicorn_server import Server
from benchmarks.site import Site
from benchmarks.small_site import SMALL_SITE, floors
from benchmarks.transfers import MIB, Measured, digest, fetch, measure, send

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
PLACES = 12  # where the first byte of a range is timed
AT_ONCE = 8
DOWNLOADS = 6  # a round: one takes half a second, and another process that wakes up a tenth of that
AS_THE_PAGE = None
MEMORY_GOAL, MEMORY_GOAL_AT_ONCE = 16 * MIB, 128 * MIB


class Table:
    """Prints a row each, and knows whether a goal was missed."""

    def __init__(self) -> None:
        self.missed = False
        print(f"{'measured':<54}{'goal':>12}{'ours':>9}   range")

    def ratios(self, name: str, goal: str, found: list[float], is_met: bool) -> None:
        self._row(name, goal, f"{median(found):.2f} ×", f"{min(found):.2f}–{max(found):.2f}", is_met)

    def memory(self, name: str, goal: int, found: int) -> None:
        self._row(name, f"≤ {goal // MIB} MiB", f"{found / MIB:.0f} MiB", "", found <= goal)

    def _row(self, name: str, goal: str, ours: str, around: str, is_met: bool) -> None:
        self.missed |= not is_met
        print(f"{name:<54}{goal:>12}{ours:>9}   {around}{'' if is_met else '  MISSED'}", flush=True)


class Elsewhere:
    """Something that answers at another address, for `fetch`."""

    def __init__(self, port: int) -> None:
        self.address = ("127.0.0.1", port)


@contextmanager
def nginx(server: Server, folder: Path) -> Iterator[Elsewhere]:
    """As `deploy/` has it: nothing buffered; and /floor/, the raw file by sendfile."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder.mkdir(exist_ok=True)
    (folder / "nginx.conf").write_text(
        f"""
        daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
        events {{}}
        http {{
            access_log off; sendfile on;
            client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fcgi;
            uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
            upstream site {{ server 127.0.0.1:{server.address[1]}; keepalive 8; }}
            server {{
                listen 127.0.0.1:{port};
                location /floor/ {{ alias {folder.parent}/; }}
                location / {{
                    proxy_pass http://site; proxy_http_version 1.1; proxy_set_header Connection "";
                    proxy_set_header Host $host; proxy_buffering off; proxy_request_buffering off;
                    proxy_max_temp_file_size 0;
                    proxy_buffer_size 256k; proxy_buffers 4 256k; proxy_busy_buffers_size 256k;
                }}
            }}
        }}
        """
    )
    command = [NGINX, "-e", f"{folder}/error.log", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command)
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield Elsewhere(port)
    finally:
        process.terminate()
        process.wait(20)


def timed(server: Server | Elsewhere, path: str, cookies: dict[str, str], is_digested: bool) -> float:
    began = time.perf_counter()
    fetch(server, path, cookies, hashed=is_digested)  # type: ignore[arg-type]
    return time.perf_counter() - began


def download(
    server: Server,
    proxy: Elsewhere | None,
    path: str,
    cookies: dict[str, str],
    rows: dict[str, list[float]],
    number: int,
) -> None:
    """Once each way, one after the other, into `rows`; another begins each time."""

    def seconds(at: Server | Elsewhere, is_digested: bool, *paths: str) -> list[float]:
        return in_turn(number, *(partial(timed, at, one, cookies, is_digested) for one in paths))

    raw, stream, ours = seconds(server, False, "/raw/", "/stream/", path)
    rows["down"].append(raw / ours)
    rows["stream"].append(raw / stream)
    rows["over stream"].append(stream / ours)
    raw, ours = seconds(server, True, "/raw/", path)
    rows["digested"].append(raw / ours)
    if proxy:
        for row, is_digested in (("nginx", False), ("nginx digested", True)):
            raw, ours = seconds(proxy, is_digested, "/floor/raw", path)
            rows[row].append(raw / ours)


def first_byte(server: Server, path: str, start: int) -> float:
    with closing(HTTPConnection(*server.address, timeout=60)) as connection:
        began = time.perf_counter()
        connection.request("GET", path, headers={"Range": f"bytes={start}-", "Connection": "close"})
        connection.getresponse().read(1)
        return time.perf_counter() - began


def ranges(server: Server, path: str, size: int) -> list[float]:
    """First byte of ranges all over the document, over that of byte 0; in turn."""
    first_byte(server, path, 0)
    found = []
    for number in range(PLACES):
        place = size * number // PLACES + 12_345
        zero, there = (median(first_byte(server, path, at) for _ in range(3)) for at in (0, place))
        found.append(there / zero)
    return found


def database(folder: Path, stack: ExitStack) -> None:
    """One of its own on the PostgreSQL of DATABASE_URL; else the real site keeps a SQLite in its folder."""
    server = os.environ.pop("DATABASE_URL", "")
    if server.startswith("postgres"):
        made = stack.enter_context(Site("files", 1, server=server, folder=folder))
        os.environ["DATABASE_URL"] = made.environment["DATABASE_URL"]


@contextmanager
def real_site(folder: Path) -> Iterator[Callable[[int, int | None], float]]:
    """Gives what sends a document of so many bytes by pieces of so many MiB, and posts it: the sending's seconds."""
    folder.mkdir()
    journey = portal.build(folder)
    environment = {**portal.SETTINGS, "CONNEXION_VAR": str(folder)}
    with Server(portal.APPLICATION, folder=folder, environment=environment) as site:

        def send_by_pieces(size: int, piece_mib: int | None) -> float:
            form = journey.form(site)
            seconds = pieces.send(site, form, size, piece_mib=piece_mib)
            path = journey.document_path(site, form, pieces.post(site, form))
            if fetch(site, path, form.cookies)[0] != digest(size):
                raise RuntimeError("What was sent by pieces came back changed.")
            return seconds

        send_by_pieces(MIB, 1)
        yield send_by_pieces


def in_turn(
    number: int, *acts: Callable[[], Any], before_each: Callable[[], None] = lambda: None
) -> list[Any]:
    """What each gave; another begins in each round."""
    found: dict[int, Any] = {}
    for place in range(len(acts)):
        which = (number + place) % len(acts)
        before_each()
        found[which] = acts[which]()
    return [found[which] for which in range(len(acts))]


def clear(folder: Path) -> None:
    """Nothing stored, and an idle disk: whoever came second would wait for what the first one had only left in
    memory."""
    for document in folder.glob("**/parts/*/"):
        shutil.rmtree(document)
    os.sync()


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--size-mib", type=int, default=1024)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--at-once-mib", type=int, default=256, help="of each of the eight")
    chosen = options.parse_args()
    size = chosen.size_mib * MIB
    rows: dict[str, list[float]] = {
        "up": [],
        "pieces": [],
        "as the page": [],
        "plain": [],
        "over plain": [],
        "down": [],
        "stream": [],
        "over stream": [],
        "digested": [],
        "nginx": [],
        "nginx digested": [],
    }
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        database(folder, stack)
        server = stack.enter_context(Server(small_site.APPLICATION, folder=folder))
        drafts = stack.enter_context(real_site(folder / "portal"))
        proxy = stack.enter_context(nginx(server, folder / "nginx")) if Path(NGINX).exists() else None
        measured = [measure(server, SMALL_SITE, each) for each in (100 * MIB, size)]
        for number in range(chosen.rounds):
            floor, ours, by_pieces, as_the_page, plain = in_turn(
                number,
                lambda: floors(server, size),
                lambda: measure(server, SMALL_SITE, size),
                lambda: drafts(size, pieces.PIECE_MIB),
                lambda: drafts(size, AS_THE_PAGE),
                lambda: pieces.send_plain(server, size),
                before_each=lambda: clear(folder),
            )
            measured.append(ours)
            rows["up"].append(floor.upload / ours.upload_seconds)
            rows["pieces"].append(floor.upload / by_pieces)
            rows["as the page"].append(floor.upload / as_the_page)
            rows["plain"].append(floor.upload / plain)
            rows["over plain"].append(plain / by_pieces)
            form = SMALL_SITE.form(server)
            path = SMALL_SITE.document_path(server, form, send(server, form, size))
            os.sync()
            for each in range(DOWNLOADS):
                download(server, proxy, path, form.cookies, rows, each)
            told = ", ".join(f"{name} {found[-1]:.2f}" for name, found in rows.items() if found)
            print(f"round {number + 1}: {told}", file=sys.stderr, flush=True)  # what an ended run leaves
        first = ranges(server, path, size)
        together = measure(server, SMALL_SITE, chosen.at_once_mib * MIB, AT_ONCE)
    return report(rows, first, measured, together)


def report(
    rows: dict[str, list[float]], first: list[float], measured: list[Measured], together: Measured
) -> int:
    size = measured[-1].size // MIB
    table = Table()
    table.ratios(f"upload {size} MiB, sealed, over F4", "≥ 0.7", rows["up"], median(rows["up"]) >= 0.7)
    as_the_page = rows["as the page"]
    table.ratios(
        f"upload {size} MiB, as the page, durable, over F4", "≥ 0.7", as_the_page, median(as_the_page) >= 0.7
    )
    table.ratios("  pieces of 8 MiB and no more, durable, over F4", "", rows["pieces"], True)
    table.ratios("  the same plain but durable, over F4", "", rows["plain"], True)
    table.ratios("  ours over those", "", rows["over plain"], True)
    direct, nginx = rows["digested"], rows["nginx digested"]
    table.ratios(f"download {size} MiB over F5, direct", "≥ 0.9", direct, median(direct) >= 0.9)
    table.ratios("  by who throws it away", "", rows["down"], True)
    table.ratios("  a bare AES-GCM stream, by who throws it away", "", rows["stream"], True)
    over_stream = rows["over stream"]
    table.ratios("  ours over that", "≥ 0.9", over_stream, median(over_stream) >= 0.9)
    if nginx:
        table.ratios(f"download {size} MiB over F5, behind nginx", "≥ 0.55", nginx, median(nginx) >= 0.55)
        table.ratios("  by who throws it away", "", rows["nginx"], True)
    table.ratios("first byte of a range over byte 0", "≤ 2", first, median(first) <= 2)
    for one in (measured[0], measured[1]):
        peak = max(one.upload_memory, one.download_memory)
        table.memory(f"memory of one transfer, {one.size // MIB} MiB", MEMORY_GOAL, peak)
    peak = max(together.upload_memory, together.download_memory)
    table.memory(f"memory of {AT_ONCE}, {together.size // MIB} MiB each", MEMORY_GOAL_AT_ONCE, peak)
    same = all(one.same_bytes for one in [*measured, together])
    print(f"SHA-256 of all that came back: {'equal' if same else 'DIFFERENT'}")
    return 1 if table.missed or not same else 0


if __name__ == "__main__":
    sys.exit(main())

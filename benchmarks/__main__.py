"""The pages' figures, each beside its floor measured in the same run (goals.md).

    python -m benchmarks               about fifteen minutes; SMALL=1 for a small version of under two

Needs a PostgreSQL where databases may be made: DATABASE_URL's, or the one of this machine.
Ends with 1 when a figure misses its goal, except in the small version, whose figures say little.

    ONLY="post,notices"    only lines whose name holds one of these words, and parts so called: statements, uploads,
                           people, start, notices, million; ONLY=data builds the data and measures nothing
    KEEP=/a/folder         keys and databases stay, and serve the next call with the same folder; drop them by hand
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import load, million, notices, report, starting
from benchmarks.compared import GOALS, PORTAL, Served, pages_of
from benchmarks.gunicorn_server import Server
from benchmarks.pages import Page, measure
from benchmarks.report import Line, by_count, by_growth
from benchmarks.site import Site

WSGI = "cms.wsgi:application"
TLS = {"X-Forwarded-Proto": "https"}
ONLY = tuple(word.strip() for word in os.environ.get("ONLY", "").split(",") if word.strip())


def wants(part: str) -> bool:
    return not ONLY or part in ONLY


def serve(site: Site, folder: Path, stack: ExitStack) -> Served:
    def start(name: str, settings: str, application: str = WSGI) -> Server:
        place = folder / f"{name}-{site.factor}"
        place.mkdir(exist_ok=True)
        environment = {**site.environment, "DJANGO_SETTINGS_MODULE": settings}
        return stack.enter_context(Server(application, folder=place, environment=environment))

    return Served(
        site,
        start("ours", "benchmarks.settings"),
        start("floor", "benchmarks.floor_settings"),
        start("unnoticed", "benchmarks.settings", "benchmarks.without_notices:application")
        if site.factor == 1
        else None,
    )


def measure_pages(sites: list[Site], *, rounds: int, requests: int, folder: Path) -> list[Line]:
    goals = [goal for goal in GOALS if not ONLY or any(word in goal.measured for word in ONLY)]
    wanted = {name for goal in goals for name in goal.pages}
    if not wanted:
        return []
    if not ONLY:
        wanted |= {f"{name}, {site.factor}x" for name in ALSO_SHOWN for site in sites}
    pages: dict[str, Page] = {}
    with ExitStack() as stack:
        for site in sites:
            pages |= pages_of(serve(site, folder, stack), requests, wanted)
        measure(list(pages.values()), rounds=rounds)
    print(report.medians(list(pages.values())))
    return [goal.line(pages) for goal in goals]


ALSO_SHOWN = ("F0", "F2 with five rows only", "window of 1,000")


def measure_statements(sites: list[Site]) -> list[Line]:
    told = []
    for site in sites:
        named = json.dumps({"found": site.found, "cookies": site.cookies})
        told.append(json.loads(site.run("-m", "benchmarks.statements", named)))
    return _statements([row["counts"] for row in told], [row["buffers"] for row in told])


def measure_million(server: str) -> list[Line]:
    """Of databases of their own, one after the other; minutes, of which the indexes take the most."""
    found: list[dict[str, int]] = []
    for conversations in million.CONVERSATIONS:
        with (
            tempfile.TemporaryDirectory() as name,
            Site("million", conversations, server=server, folder=Path(name)) as site,
        ):
            found.append(json.loads(site.run("-m", "benchmarks.million", str(conversations))))
    few, many = found
    return [
        by_growth(f"buffers of the inbox of {page}, 20,000 → 1,000,000", few[page], many[page], at_most=1.5)
        for page in few
    ]


def _statements(counts: list[dict[str, int]], buffers: list[int]) -> list[Line]:
    def of(page: str) -> list[int]:
        return [found[page] for found in counts]

    return [
        by_count("statements of the inbox", of("inbox, light"), of("inbox, heavy"), at_most=7),
        by_count("statements of the window", of("window, seven"), of("window, thousand"), at_most=8),
        by_count("statements of a post", of("post, three"), of("post, crowd"), at_most=16),
        by_growth("buffers of the inbox, 10x over 1x", *buffers, at_most=1.5),
    ]


def measure_start(site: Site, folder: Path) -> list[Line]:
    """Three starts each, in turn, on the database of 1x."""
    floor_environment = starting.new_wagtail_site(folder / "wagtail")
    ours, floor = [], []
    for _ in range(3):
        floor.append(
            starting.start(
                "floor.wsgi:application",
                "/",
                folder=folder / "wagtail",
                environment=floor_environment,
                headers={},
            )
        )
        ours.append(
            starting.start(
                WSGI,
                f"{PORTAL}/account/sign-in/",
                folder=site.folder,
                environment=site.environment,
                headers=TLS,
            )
        )
    seconds = sorted(row.seconds for row in ours)[1], sorted(row.seconds for row in floor)[1]
    memory = ours[0].memory / starting.MIB, floor[0].memory / starting.MIB
    return [
        Line("start to first answer", "≤ 1.5 × `wagtail start`", f"{seconds[0]:.2f} s, {seconds[0] / seconds[1]:.2f} ×",
             seconds[0] <= 1.5 * seconds[1]),
        Line("memory of a web worker", "≤ + 40 MiB", f"{memory[0]:.0f} MiB, + {memory[0] - memory[1]:.0f}",
             memory[0] - memory[1] <= 40),
    ]  # fmt: skip


def measure_load(site: Site, folder: Path, *, seconds: float, requests: int) -> list[Line]:
    """The database of 1x under two workers of gunicorn, as many as there are cores."""
    place = folder / "load"
    place.mkdir()
    environment = {**site.environment, "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    with Server(WSGI, folder=place, workers=2, environment=environment) as server:
        ours = Served(site, server, server)
        lines = [_beside_uploads(ours, requests)] if wants("uploads") else []
        if wants("people"):
            lines.append(_at_once(ours, seconds))
    return lines


def _beside_uploads(ours: Served, requests: int) -> Line:
    found = ours.site.found
    post = f"{PORTAL}/conversations/{found['three']}/post/{{}}/"
    inbox = f"{PORTAL}/inbox/{found['fixed_persona']}/?size=30"
    uploaders = [ours.visitor("light") for _ in range(load.UPLOADS)]
    idle, busy = load.beside_uploads(ours.visitor("fixed"), inbox, uploaders, post, requests=requests)
    told = f"{busy / idle:.2f} ({idle * 1000:.0f}→{busy * 1000:.0f} ms)"
    return Line("inbox p50 beside four uploads at 2 MB/s", "≤ 1.5 × idle", told, busy <= 1.5 * idle)


def _at_once(ours: Served, seconds: float) -> Line:
    people = [
        (ours.visitor(name), [f"{PORTAL}/", f"{PORTAL}/unread/", *windows], f"{windows[0]}post/{{}}/")
        for name, windows in ((name, ours.windows_of(name)) for name in ours.site.cookies)
        if name.startswith("person")
    ]
    crowd = load.at_once(people, seconds=seconds)
    print("\n".join(crowd.errors[:5]))
    return Line(
        f"{len(people)} people at once for {seconds:g} s",
        "no error, p99 ≤ 5 × p50",
        f"{len(crowd.errors)} errors, {crowd.p99 / crowd.p50:.2f} × ({len(crowd.seconds) / seconds:.0f} pages/s)",
        not crowd.errors and crowd.p99 <= 5 * crowd.p50,
    )


def measure_notices(server: str) -> list[Line]:
    name = f"connexion_bench_notices_{os.getpid()}"
    try:
        a_second, twice = notices.run(f"{server.rpartition('/')[0]}/{name}")
    except (AssertionError, subprocess.CalledProcessError) as error:
        # What was measured before must be printed all the same.
        print(f"The notices did not all go out: {error}")
        a_second, twice = 0.0, 0
    return [
        Line("notices through the queue, two workers", "≥ 400 a second, none twice",
             f"{a_second:.0f} a second, {twice} twice", a_second >= 400 and not twice),
    ]  # fmt: skip


def measure_sites(server: str, *, is_small: bool) -> list[Line]:
    """What is measured on the data of 1x and 10x."""
    size, rounds, requests = ("small", 2, 12) if is_small else ("full", 5, 60)
    kept = os.environ.get("KEEP")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        sites = [
            stack.enter_context(
                Site(size, factor, server=server, folder=Path(kept or name), is_kept=bool(kept))
            )
            for factor in (1, 10)
        ]
        for site in sites:
            site.fill()
        sites[0].run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        lines = measure_pages(sites, rounds=rounds, requests=requests, folder=folder)
        if wants("statements"):
            lines += measure_statements(sites)
        if wants("uploads") or wants("people"):
            lines += measure_load(sites[0], folder, seconds=5 if is_small else 60, requests=requests)
        if wants("start"):
            lines += measure_start(sites[0], folder)
    return lines


def main() -> int:
    is_small = bool(os.environ.get("SMALL"))
    server = os.environ.get("DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
    # The others make databases of their own.
    lines = [] if ONLY and set(ONLY) <= {"notices", "million"} else measure_sites(server, is_small=is_small)
    if wants("notices") and not is_small:
        lines += measure_notices(server)
    if wants("million") and not is_small:
        lines += measure_million(server)
    print()
    print(report.table(lines))
    return 0 if is_small or all(line.is_reached for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())

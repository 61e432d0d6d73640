"""The pages' figures, each beside its floor measured in the same run (goals.md).

    python -m benchmarks               about fifteen minutes; SMALL=1 for a small version of under two

Needs a PostgreSQL where databases may be made: DATABASE_URL's, or the one of this machine.
Ends with 1 when a figure misses its goal, except in the small version, whose figures say little.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import load, notices, report, starting
from benchmarks.gunicorn_server import Server
from benchmarks.pages import Page, Visitor, each, fixed, measure, posting, ratio
from benchmarks.report import Line, by_count, by_ratio
from benchmarks.site import Site

PORTAL = "/fr/connexion"
WORDS = {"text": "Bonjour, voici l’acte de vente.", "expires_in_days": "364"}
WSGI = "cms.wsgi:application"
TLS = {"X-Forwarded-Proto": "https"}


@dataclass(frozen=True)
class Served:
    """A site with its two servers: the product's, and the floors'."""

    site: Site
    ours: Server
    floor: Server

    def visitor(self, person: str, *, floor: bool = False) -> Visitor:
        return Visitor(self.floor if floor else self.ours, self.site.cookies[person])

    def persona(self, person: str) -> str:
        return self.site.found[f"{person}_persona"]

    def windows_of(self, person: str) -> list[str]:
        """Some conversations of this person."""
        with psycopg.connect(self.site.environment["DATABASE_URL"]) as connection:
            found = connection.execute(
                "SELECT conversation_id FROM connexion_plugin_participation seat"
                " JOIN connexion_plugin_persona persona ON persona.id = persona_id"
                " WHERE address = %s AND seat.seat = 'taken' ORDER BY seat.id LIMIT 5",
                [f"{person}@example.org"],
            )
            return [f"{PORTAL}/conversations/{row[0]}/" for row in found]

    def unopened(self, name: str) -> list[str]:
        """The addresses that open the messages of a conversation, one each."""
        conversation = self.site.found[name]
        with psycopg.connect(self.site.environment["DATABASE_URL"]) as connection:
            found = connection.execute(
                "SELECT id FROM connexion_plugin_message WHERE conversation_id = %s ORDER BY sequence",
                [conversation],
            )
            return [f"{PORTAL}/conversations/{conversation}/messages/{row[0]}/open/" for row in found]


def pages_of(served: Served, requests: int) -> dict[str, Page]:
    """Everything that is measured at one size, by its name."""
    found, x = served.site.found, f"{served.site.factor}x"
    pages = []

    def page(name: str, visitor: Visitor, path: str, **more: object) -> None:
        pages.append(Page(f"{name}, {x}", visitor, fixed(path), requests=requests, **more))  # type: ignore[arg-type]

    for person in ("heavy", "fixed"):
        visitor = served.visitor(person)
        inbox = f"{PORTAL}/inbox/{served.persona(person)}/?size=30"
        page(f"inbox {person}", visitor, inbox)
        page(f"inbox {person}, last page", visitor, _last_page(visitor, inbox))
    floor, light = served.visitor("heavy", floor=True), served.visitor("light")
    floor_light = served.visitor("light", floor=True)
    page("F0", floor, "/rows/")
    page("F1", floor, f"/inbox/{served.persona('heavy')}/")
    page("F2", floor_light, f"/window/{found['seven']}/")
    page("F2 with five rows only", floor_light, f"/bare-window/{found['seven']}/")
    page("window of 7", light, f"{PORTAL}/conversations/{found['seven']}/")
    page("window of 1,000", light, f"{PORTAL}/conversations/{found['thousand']}/")
    posts = {"requests": requests, "expected": 302, "fields": WORDS}
    post = f"{PORTAL}/conversations/%s/post/{{}}/"
    pages += [
        Page(f"F3, {x}", floor_light, fixed(f"/post/{found['three']}/"), **posts),  # type: ignore[arg-type]
        Page(f"post among 3, {x}", light, posting(post % found["three"]), **posts),  # type: ignore[arg-type]
    ]
    if served.site.factor == 1:
        posts["requests"] = max(requests // 5, 3)
        pages.append(Page(f"post among {CROWD}, {x}", light, posting(post % found["crowd"]), **posts))  # type: ignore[arg-type]
        for name, where in (("3", "to_open"), (CROWD, "to_open_in_crowd")):
            opening = Page(
                f"opening among {name}, {x}", light, each(served.unopened(where)), {}, requests, 302
            )
            pages.append(opening)
    return {row.name: row for row in pages}


CROWD = "many"


def _last_page(visitor: Visitor, inbox: str) -> str:
    """Where the page's own link leads; the inbox itself when it has but one page."""
    visitor.ask(inbox)
    bar = visitor.text.split('<nav class="pages"')[-1]
    link = re.search(r'href="([^"]+)"', bar.split("<li>")[4])
    return unescape(link[1]) if link else inbox


def serve(site: Site, folder: Path, stack: ExitStack) -> Served:
    servers = []
    for name, settings in (("ours", "benchmarks.settings"), ("floor", "benchmarks.floor_settings")):
        place = folder / f"{name}-{site.factor}"
        place.mkdir(exist_ok=True)
        environment = {**site.environment, "DJANGO_SETTINGS_MODULE": settings}
        servers.append(stack.enter_context(Server(WSGI, folder=place, environment=environment)))
    return Served(site, *servers)


def measure_all(sites: Sequence[Site], *, rounds: int, requests: int, folder: Path) -> list[Line]:
    sites[0].run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    told = [
        json.loads(
            site.run(
                "-m", "benchmarks.statements", json.dumps({"found": site.found, "cookies": site.cookies})
            )
        )
        for site in sites
    ]
    pages: dict[str, Page] = {}
    with ExitStack() as stack:
        for site in sites:
            pages |= pages_of(serve(site, folder, stack), requests)
        measure(list(pages.values()), rounds=rounds)
    print(report.medians(list(pages.values())))
    return [*_speeds(pages), *_statements([row["counts"] for row in told], [row["buffers"] for row in told])]


def _speeds(pages: dict[str, Page]) -> list[Line]:
    def line(measured: str, ours: str, floor: str, at_most: float, of: str = "") -> Line:
        return by_ratio(measured, ratio(pages[ours], pages[floor]), at_most=at_most, of=of)

    lines = [line("inbox, heavy, 1x", "inbox heavy, 1x", "F1, 1x", 2, "F1")]
    for person in ("heavy", "fixed"):
        for name in (f"inbox {person}", f"inbox {person}, last page"):
            lines.append(line(f"{name}, 10x over 1x", f"{name}, 10x", f"{name}, 1x", 1.2))
    return [
        *lines,
        line("window of 7, 1x", "window of 7, 1x", "F2, 1x", 1.8, "F2"),
        line("window of 7, 10x", "window of 7, 10x", "F2, 10x", 2, "F2"),
        line("window of 1,000, first five", "window of 1,000, 1x", "window of 7, 1x", 1.2, "that of 7"),
        line("post among 3, 1x", "post among 3, 1x", "F3, 1x", 1.8, "F3"),
        line("post among 3, 10x", "post among 3, 10x", "F3, 10x", 1.8, "F3"),
        line(f"post among {CROWD}", f"post among {CROWD}, 1x", "post among 3, 1x", 20, "that of 3"),
        line(f"opening among {CROWD}", f"opening among {CROWD}, 1x", "opening among 3, 1x", 2, "one among 3"),
    ]


def _statements(counts: list[dict[str, int]], buffers: list[int]) -> list[Line]:
    def of(page: str) -> list[int]:
        return [found[page] for found in counts]

    grown = buffers[1] / buffers[0]
    return [
        by_count("statements of the inbox", of("inbox, light"), of("inbox, heavy"), at_most=7),
        by_count("statements of the window", of("window, seven"), of("window, thousand"), at_most=8),
        by_count("statements of a post", of("post, three"), of("post, crowd"), at_most=16),
        Line("buffers of the inbox, 10x over 1x", "≤ 1.5 ×", f"{grown:.2f} ({buffers[0]}→{buffers[1]})", grown <= 1.5),
    ]  # fmt: skip


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
    post = f"{PORTAL}/conversations/{site.found['three']}/post/{{}}/"
    with Server(WSGI, folder=place, workers=2, environment=environment) as server:
        ours = Served(site, server, server)
        inbox = f"{PORTAL}/inbox/{site.found['fixed_persona']}/?size=30"
        uploaders = [ours.visitor("light") for _ in range(load.UPLOADS)]
        idle, busy = load.beside_uploads(ours.visitor("fixed"), inbox, uploaders, post, requests=requests)
        people = [
            (ours.visitor(name), [f"{PORTAL}/", f"{PORTAL}/unread/", *windows], f"{windows[0]}post/{{}}/")
            for name, windows in ((name, ours.windows_of(name)) for name in site.cookies)
            if name.startswith("person")
        ]
        crowd = load.at_once(people, seconds=seconds)
    print("\n".join(crowd.errors[:5]))
    return [
        Line("inbox p50 beside four uploads at 2 MB/s", "≤ 1.5 × idle",
             f"{busy / idle:.2f} ({idle * 1000:.0f}→{busy * 1000:.0f} ms)", busy <= 1.5 * idle),
        Line(f"{len(people)} people at once for {seconds:g} s", "no error, p99 ≤ 5 × p50",
             f"{len(crowd.errors)} errors, {crowd.p99 / crowd.p50:.2f} × ({len(crowd.seconds) / seconds:.0f} pages/s)",
             not crowd.errors and crowd.p99 <= 5 * crowd.p50),
    ]  # fmt: skip


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


def main() -> int:
    is_small = bool(os.environ.get("SMALL"))
    server = os.environ.get("DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
    size, rounds, requests = ("small", 2, 12) if is_small else ("full", 5, 60)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        sites = [stack.enter_context(Site(size, factor, server=server, folder=folder)) for factor in (1, 10)]
        for site in sites:
            site.fill()
        lines = measure_all(sites, rounds=rounds, requests=requests, folder=folder)
        lines += measure_load(sites[0], folder, seconds=5 if is_small else 60, requests=requests)
        lines += measure_start(sites[0], folder)
        if not is_small:
            lines += measure_notices(server)
    print()
    print(report.table(lines))
    return 0 if is_small or all(line.is_reached for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())

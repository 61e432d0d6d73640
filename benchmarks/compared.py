"""Which pages are compared with which, and what goals.md asks of them."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from html import unescape

import psycopg

from benchmarks.gunicorn_server import Server
from benchmarks.pages import Page, Visitor, each, fixed, posting, ratio
from benchmarks.report import Line, by_ratio
from benchmarks.site import Site

PORTAL = "/fr/connexion"
WORDS = {"text": "Bonjour, voici l’acte de vente.", "expires_in_days": "364"}
CROWD = "many"
UNNOTICED = "post without notices"


@dataclass(frozen=True)
class Goal:
    """One page at most so many times another, or a floor."""

    measured: str
    ours: str
    floor: str
    at_most: float
    of: str = ""

    @property
    def pages(self) -> tuple[str, str]:
        return self.ours, self.floor

    def line(self, pages: dict[str, Page]) -> Line:
        found = ratio(pages[self.ours], pages[self.floor])
        return by_ratio(self.measured, found, at_most=self.at_most, of=self.of)


GOALS = (
    Goal("inbox, heavy, 1x", "inbox heavy, 1x", "F1, 1x", 2, "F1"),
    *(
        Goal(f"{name}, 10x over 1x", f"{name}, 10x", f"{name}, 1x", 1.2)
        for person in ("heavy", "fixed")
        for name in (f"inbox {person}", f"inbox {person}, last page")
    ),
    Goal("window of 7, 1x", "window of 7, 1x", "F2, 1x", 1.8, "F2"),
    Goal("window of 7, 10x", "window of 7, 10x", "F2, 10x", 2, "F2"),
    Goal("window of 1,000, first five", "window of 1,000, 1x", "window of 7, 1x", 1.2, "that of 7"),
    Goal("post among 3, 1x", "post among 3, 1x", "F3, 1x", 1.8, "F3"),
    Goal("post among 3, 10x", "post among 3, 10x", "F3, 10x", 1.8, "F3"),
    Goal(f"post among {CROWD}", f"post among {CROWD}, 1x", "post among 3, 1x", 20, "that of 3"),
    Goal("post with notices on", "post among 3, 1x", f"{UNNOTICED}, 1x", 1.1, "one without"),
    Goal(f"opening among {CROWD}", f"opening among {CROWD}, 1x", "opening among 3, 1x", 2, "one among 3"),
)


@dataclass(frozen=True)
class Served:
    """A site with its servers: the product's, the floors', and at 1x the product's without notices."""

    site: Site
    ours: Server
    floor: Server
    unnoticed: Server | None = None

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
        """The addresses that open the messages of a conversation, one each; opened by an earlier run, closed again."""
        conversation = self.site.found[name]
        with psycopg.connect(self.site.environment["DATABASE_URL"]) as connection:
            connection.execute(
                "DELETE FROM connexion_plugin_opening opening USING connexion_plugin_message message,"
                " connexion_plugin_participation seat, connexion_plugin_persona persona"
                " WHERE message.id = message_id AND message.conversation_id = %s AND seat.id = participation_id"
                " AND persona.id = seat.persona_id AND persona.address = 'light@example.org'",
                [conversation],
            )
            found = connection.execute(
                "SELECT id FROM connexion_plugin_message WHERE conversation_id = %s ORDER BY sequence",
                [conversation],
            )
            return [f"{PORTAL}/conversations/{conversation}/messages/{row[0]}/open/" for row in found]


def pages_of(served: Served, requests: int, wanted: Collection[str]) -> dict[str, Page]:
    """What is wanted of all that is measured at one size, by its name."""
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
    if served.unnoticed is not None:
        visitor = Visitor(served.unnoticed, served.site.cookies["light"])
        pages.append(Page(f"{UNNOTICED}, {x}", visitor, posting(post % found["three"]), **posts))  # type: ignore[arg-type]
    if served.site.factor == 1:
        posts["requests"] = max(requests // 5, 3)
        pages.append(Page(f"post among {CROWD}, {x}", light, posting(post % found["crowd"]), **posts))  # type: ignore[arg-type]
        for name, where in (("3", "to_open"), (CROWD, "to_open_in_crowd")):
            opening = Page(
                f"opening among {name}, {x}", light, each(served.unopened(where)), {}, requests, 302
            )
            pages.append(opening)
    return {row.name: row for row in pages if row.name in wanted}


def _last_page(visitor: Visitor, inbox: str) -> str:
    """Where the page's own link leads; the inbox itself when it has but one page."""
    visitor.ask(inbox)
    bar = visitor.text.split('<nav class="pages"')[-1]
    link = re.search(r'href="([^"]+)"', bar.split("<li>")[4])
    return unescape(link[1]) if link else inbox

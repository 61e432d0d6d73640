"""The clock of real processes, moved: nothing expires early, no key is destroyed, no token revived (goals.md, fault 6).

What cannot hold: the service knows no other time than its machine's. Ten minutes ahead look like ten minutes that
passed, so what is within ten minutes of its hour may go that much early. And a link that was never used and whose days
are over is good again while the clock stands at one of its days: only what was used is remembered.
"""

import hashlib
import json
import os
import random
import re
import subprocess
import sys
import urllib.request
from datetime import datetime, timedelta
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.models import Mail
from connexion_plugin.sealing import destruction, keys
from tests.accounts.walks import NEW_PASSWORD, last_payload
from tests.conftest import sign_in
from tests.factories.conversations import in_days, post, start
from tests.factories.people import PASSWORD
from tests.faults.moved_clock import LIBRARY, MovedClock
from tests.faults.processes import ROOT, environment
from tests.sealing.conftest import store, use_store  # noqa: F401
from tests.second_factor.walks import code_of, set_up

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(LIBRARY is None, reason="libfaketime is missing: apt-get install libfaketime"),
]

CLOCKS = ["+10m", "-10m", "+1d", "-1d", "+1y", "-1y"]
ROUNDS = min(int(os.environ.get("CONNEXION_FAULT_ROUNDS", "1")), 20)


@pytest.fixture
def moved(tmp_path):
    return MovedClock(tmp_path / "clock")


def live_a_day(*, until):
    """The key store sees a day pass, as under a living worker: from here on it trusts its clock."""
    for hours in range(26, -1, -1):
        destruction.take_turn(now=until - timedelta(hours=hours))


def sweep_under(clocks, moved, url, folder):
    """What lives after a sweep under each of these clocks, by one process that goes on meanwhile."""
    env = {
        **environment(url, 25), **moved.environment,
        "CONNEXION_VAR": str(folder), "PARTS_FOLDER": str(sealed_storage().location),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.moved_clock", *clocks],
        cwd=ROOT, env=env, timeout=180, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.mark.fault(6, rounds=ROUNDS)
@pytest.mark.spec("E2", "E3")
def test_a_sweep_whose_clock_is_moved_takes_nothing_early(
    alice, alice_enrolment, store, shared_database, moved, tmp_path  # noqa: F811
):  # fmt: skip
    conversation = start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(1))
    for days in (1, 3, 300, 364):
        post(alice, conversation, "Voici.", days=days)
    # A day that is over, whose key is to wait a watched day from now.
    yesterday = keys.day_of(timezone.now() - timedelta(days=1))
    with time_machine.travel(timezone.now() - timedelta(days=1)), transaction.atomic():
        keys.open_epoch(organization_id=alice_enrolment.organization_id, day=yesterday)
    live_a_day(until=timezone.now() - timedelta(minutes=1))
    files = sorted(store.file_ids())
    url = shared_database()

    for number in range(ROUNDS):
        clocks = CLOCKS if number == 0 else random.sample(CLOCKS, len(CLOCKS))
        # The first of them by a clock that is trusted, and at last the true one.
        seen = sweep_under([*clocks, "+0"], moved, url, tmp_path)
        for left in seen:
            lived = {name: left[name] for name in ("unreadable", "emptied titles", "files", "destroyed")}
            assert lived == {"unreadable": [], "emptied titles": 0, "files": files, "destroyed": 0}, left
        assert seen[-1]["disagreements"] == 0
        assert seen[-1]["marked"] == 1  # what a clock ahead had marked is in use again
        dates = {left["clock"]: datetime.fromisoformat(left["date"]) for left in seen}
        assert dates["+1y"] - dates["-1y"] > timedelta(days=720), "the clock was not moved"


class Visitor:
    """Somebody's browser, at a real server."""

    def __init__(self, server, cookies=None):
        self.address = "http://{}:{}".format(*server.address)
        self.cookies, self.jar = cookies or {}, CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def ask(self, path, **fields):
        """The page that one ends at: its address and what it says."""
        data = urlencode(fields).encode() if fields else None
        request = urllib.request.Request(self.address + path, data)
        if self.cookies:  # with these, the jar adds none by itself
            known = {**self.cookies, **{cookie.name: cookie.value for cookie in self.jar}}
            request.add_header("Cookie", "; ".join(f"{name}={value}" for name, value in known.items()))
        with self.opener.open(request, timeout=60) as answer:
            return answer.url.removeprefix(self.address), answer.read().decode()

    def fill(self, path, **fields):
        where, page = self.ask(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page
        return self.ask(where, csrfmiddlewaretoken=token[1], **fields)


def link_for(address):
    Client().post(reverse("account_reset_password"), {"email": address})
    link = last_payload(address, Mail.Kind.RESET)["link"]
    return link.removeprefix("http://127.0.0.1:8000")


def opens(server, link):
    return 'name="password1"' in Visitor(server).ask(link)[1]


@pytest.mark.fault(6)
@pytest.mark.spec("I1", "I2")
def test_a_link_or_code_that_was_used_is_not_good_again_whatever_the_clock(
    begin_sending, moved, charlie, dora
):
    newcomer = sign_in(Client(), charlie, second_factor=False)
    newcomer.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    seed, recovery = set_up(newcomer)
    yesterdays = code_of(seed, steps_away=-2880)
    sessions = [sign_in(Client(), charlie, second_factor=False).cookies for _ in range(2)]
    link = link_for("dora@etude-tremblay.example")  # who does not sign in: that would take it back
    with time_machine.travel(timezone.now() - timedelta(days=10)):
        over = link_for("alice@etude-tremblay.example")
    server = begin_sending(**moved.environment_of_servers()).server

    moved.move("+1y")
    assert not opens(server, link)
    moved.move("+0")
    assert opens(server, link), "a clock ahead had used it up"
    assert not opens(server, over)

    first, again = ({name: m.value for name, m in cookies.items()} for cookies in sessions)
    page = reverse("connexion:second_factor")
    assert Visitor(server, first).fill(page, code=recovery[0])[0] != page
    moved.move("-1d")
    for code in (recovery[0], yesterdays):
        assert Visitor(server, again).fill(page, code=code)[0] == page, "a code was good again"

    moved.move("+0")
    assert Visitor(server, again).fill(page, code=recovery[1])[0] != page
    assert Visitor(server).fill(link, password1=NEW_PASSWORD)[0] != link
    for clock in (*CLOCKS, "+0") if ROUNDS > 1 else ("+10m", "-1d", "-1y"):
        moved.move(clock)
        assert not opens(server, link), clock
    moved.move("-1d")
    assert not opens(server, over)
    moved.move("-9d")
    assert opens(server, over)  # what cannot hold: nobody used it, and by this clock it is a day old


@pytest.mark.fault(6)
@pytest.mark.spec("D2")
def test_an_upload_goes_on_however_the_clock_moves_between_its_pieces(begin_sending, moved):
    sender = begin_sending(**moved.environment_of_servers())
    content = b"0123456789abcdef"
    path, offset = sender.begin(len(content)), 0

    def bring():
        return sender.bring(path, offset, content[offset : offset + 1])[0]

    for clock in CLOCKS if ROUNDS > 1 else ("+10m", "+1d", "-1d"):
        moved.move(clock)
        # A day ahead the session is over, which harms nothing: by the true clock all goes on.
        is_signed_out = clock in ("+1d", "+1y")
        assert bring() == (302 if is_signed_out else 204), clock
        offset += not is_signed_out
        moved.move("+0")
        assert bring() == 204, clock
        offset += 1
    assert sender.bring(path, offset, content[offset:])[0] == 204
    assert sender.post_and_fetch() == [hashlib.sha256(content).hexdigest()]

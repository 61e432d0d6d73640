"""Limits count people, and not the proxy that they all come through (spec I6, goals.md row 17)."""

import os
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.spec("I6")


def status_of_a_try(login, *, seen):
    """What the proxy appends is the address that it saw; what stands before it, anybody can write."""
    return (
        Client()
        .post(
            reverse("account_login"),
            {"login": login, "password": "not the right one"},
            headers={"X-Forwarded-For": seen},
        )
        .status_code
    )


@pytest.mark.django_db
def test_a_strangers_attempts_shut_no_one_else_out(settings, charlie):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "3/m/ip"}
    tries = [status_of_a_try(f"nobody{number}", seen=f"10.9.8.{number}, 192.0.2.1") for number in range(5)]
    assert tries == [200, 200, 200, 429, 429]  # whatever the stranger writes in front
    assert status_of_a_try("charlie", seen="192.0.2.2") == 200


@pytest.mark.parametrize(
    ("environment", "count"),
    [({}, "1"), ({"PROXIES": "2"}, "2"), ({"BEHIND_PROXY": "off", "PROXIES": "2"}, "0")],
)
def test_the_production_settings_say_how_many_proxies_are_believed(environment, count):
    demanded = dict.fromkeys(("SECRET_KEY", "ALLOWED_HOSTS", "CONNEXION_MASTER_KEY", "SITE_URL"), "x" * 50)
    asked = "import cms.settings.production as s; print(s.ALLAUTH_TRUSTED_PROXY_COUNT)"
    answer = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, **demanded, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == count

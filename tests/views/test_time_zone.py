"""Dates are shown in the organization's zone, or in the one that the reader chose."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.models import Preferences
from tests.conftest import sign_in
from tests.factories import enrol, make_person
from tests.factories.conversations import start


@pytest.fixture
def window(bob, other_organization):
    owner = make_person("Oliver MacNeil", "oliver@harbour.example")
    conversation = start(enrol(other_organization, "oliver@harbour.example"), to=["bob@example.org"])
    assert owner
    return reverse("connexion:conversation", args=[conversation.pk])


@pytest.mark.spec("C3")
def test_the_window_shows_the_organizations_hours_and_leaves_none_behind(bob, window):
    page = sign_in(Client(), bob).get(window).content.decode()
    assert any(zone in page for zone in (" HNA<", " HAA<"))
    assert timezone.get_current_timezone_name() == "America/Toronto"


def test_a_reader_who_chose_a_zone_sees_their_own_hours(bob, window):
    Preferences.objects.filter(user=bob).update(time_zone="America/Vancouver")
    page = sign_in(Client(), bob).get(window).content.decode()
    assert any(zone in page for zone in (" HNP<", " HAP<"))


def test_a_zone_that_does_not_exist_costs_nobody_a_page(bob, window):
    Preferences.objects.filter(user=bob).update(time_zone="Mars/Olympus")
    assert sign_in(Client(), bob).get(window).status_code == 200

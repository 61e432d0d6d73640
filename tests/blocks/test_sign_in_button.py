import pytest
from django.urls import reverse
from django.utils import translation

from connexion_plugin import access
from connexion_plugin.blocks import SignInButtonBlock

pytestmark = [pytest.mark.spec("H1"), pytest.mark.django_db]


def test_a_visitor_is_led_to_the_sign_in_page(show):
    html = show(SignInButtonBlock(), None)
    assert f'href="{reverse("account_login")}"' in html
    assert reverse("connexion:inbox") + '"' not in html


def test_a_person_who_is_signed_in_is_led_to_the_inbox(show, visitor):
    html = show(SignInButtonBlock(), None, user=visitor)
    assert f'href="{reverse("connexion:inbox")}"' in html
    assert "count" not in html


def test_what_is_unread_is_counted_over_all_personas(show, visitor, monkeypatch):
    monkeypatch.setattr(access, "tabs_of", lambda user: [access.Tab(None, count, False) for count in (2, 3)])
    with translation.override("en"):
        assert "5 unread conversations" in show(SignInButtonBlock(), None, user=visitor)

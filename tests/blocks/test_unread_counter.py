import pytest
from django.utils import translation

from connexion_plugin import access
from connexion_plugin.blocks import UnreadCounterBlock

pytestmark = [pytest.mark.spec("H1"), pytest.mark.django_db]


def test_a_visitor_sees_nothing(show):
    assert show(UnreadCounterBlock(), None).strip() == ""


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([], "Everything is read"),
        ([1], "1 unread conversation<"),
        ([2, 3], "5 unread conversations<"),
        ([100], "more than 99 unread conversations<"),
    ],
)
def test_a_person_reads_how_many_conversations_wait(show, visitor, monkeypatch, counts, words):
    monkeypatch.setattr(access, "tabs_of", lambda user: [access.Tab(None, count, False) for count in counts])
    with translation.override("en"):
        html = show(UnreadCounterBlock(), None, user=visitor)
    assert words in html

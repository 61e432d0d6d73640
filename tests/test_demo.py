"""The demo is written by the verbs, agrees with itself, adds nothing twice, and refuses outside development."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from connexion_plugin.actions.verification import disagreements
from connexion_plugin.demo import story
from connexion_plugin.models import Conversation, Message
from connexion_plugin.plain_text import is_long


@pytest.fixture
def development(settings):
    settings.DEBUG = True
    settings.CONNEXION = {**settings.CONNEXION, "SHOW_MAILBOX": True}


@pytest.mark.django_db
def test_the_demo_tells_its_story_once_and_everything_agrees(development):
    out = StringIO()
    for _ in range(2):
        call_command("connexion_demo", stdout=out)
    assert Conversation.unscoped.count() == len(story.THREADS)
    assert Message.unscoped.count() == sum(len(thread.posts) for thread in story.THREADS)
    assert list(disagreements()) == []
    assert story.PASSWORD in out.getvalue()
    assert "Documents are not scanned" in out.getvalue()


@pytest.mark.spec("C6")
def test_the_demo_has_a_message_that_is_cut():
    """For whoever tries it, and for the pages' tests, which unfold it."""
    assert any(is_long(post.text) and post.opened_by for thread in story.THREADS for post in thread.posts)


@pytest.mark.django_db
def test_the_demo_refuses_outside_development():
    with pytest.raises(CommandError, match="development"):
        call_command("connexion_demo", stdout=StringIO())

import pytest
from django.utils import translation

from connexion_plugin.blocks import LimitsBlock
from connexion_plugin.blocks.limits import LIMITS

pytestmark = pytest.mark.spec("H1", "D2")


def configure(settings, **values):
    settings.CONNEXION = {**settings.CONNEXION, **values}


@pytest.mark.parametrize(("language", "figure"), [("fr", "1\u00a0Go"), ("en", "1\u00a0GB")])
def test_the_size_of_documents_is_that_of_the_settings(show, settings, language, figure):
    configure(settings, MESSAGE_LIMIT_BYTES=1024**3)
    with translation.override(language):
        assert f"<dd>{figure}</dd>" in show(LimitsBlock(), {"shown": ["documents"]})


def test_a_changed_setting_shows_at_once(show, settings):
    block = LimitsBlock()
    configure(settings, DEFAULT_EXPIRY_DAYS=364)
    with translation.override("en"):
        assert "364 days" in show(block, {"shown": ["expiry"]})
        configure(settings, DEFAULT_EXPIRY_DAYS=1)
        assert "1 day," in show(block, {"shown": ["expiry"]})


def test_long_numbers_are_grouped(show, settings):
    configure(settings, TEXT_LIMIT_CHARACTERS=50_000)
    with translation.override("en"):
        assert "50,000 characters" in show(LimitsBlock(), {"shown": ["text"]})


def test_only_the_limits_that_the_editor_chose_are_shown(show):
    assert show(LimitsBlock(), {"shown": ["documents"]}).count("<dt>") == 1
    assert show(LimitsBlock(), {"shown": list(LIMITS)}).count("<dt>") == len(LIMITS)

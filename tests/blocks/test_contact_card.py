import pytest

from connexion_plugin.blocks import ContactCardBlock

pytestmark = pytest.mark.spec("H1", "H2")
CARD = {"heading": "Call us", "text": "<p>At any hour.</p>"}


@pytest.mark.parametrize(
    ("telephone", "link"), [("1 800 555-0199", "tel:18005550199"), ("+1 (418) 555-0123", "tel:+14185550123")]
)
def test_the_number_is_that_of_the_settings_and_can_be_dialled(show, settings, telephone, link):
    settings.CONNEXION = {**settings.CONNEXION, "SUPPORT_TELEPHONE": telephone}
    assert f'<a href="{link}">{telephone}</a>' in show(ContactCardBlock(), CARD)


def test_without_a_number_the_card_shows_none(show, settings):
    settings.CONNEXION = {**settings.CONNEXION, "SUPPORT_TELEPHONE": ""}
    html = show(ContactCardBlock(), CARD)
    assert "tel:" not in html
    assert "At any hour." in html

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from connexion_plugin import blocks

pytestmark = pytest.mark.spec("H1")

NAMES = [name for name in blocks.__all__ if name != "SectionContentBlock"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_every_block_has_a_preview_a_description_and_an_icon_for_editors(name, visitor):
    block = getattr(blocks, name)()
    assert block.is_previewable
    assert str(block.get_description())
    assert block.meta.icon != "placeholder"
    request = RequestFactory().get("/")
    request.user = visitor
    assert str(block.render(block.get_preview_value(), context={"request": request})).strip()
    assert block.get_preview_template(None) == "connexion_plugin/blocks/preview.html"


def test_an_anchor_that_would_break_an_address_is_refused():
    anchor = blocks.SectionBlock().child_blocks["anchor"]
    assert anchor.clean("ma-section-2") == "ma-section-2"
    for wrong in ("Ma section", "où", "#x", "2e"):
        with pytest.raises(ValidationError):
            anchor.clean(wrong)

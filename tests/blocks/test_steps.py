import gc

import pytest
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from connexion_plugin.blocks import StepsBlock

pytestmark = pytest.mark.spec("H1")

NO_PICTURE = {"image": None, "decorative": None, "alt_text": None}


def step(heading, text="", picture=NO_PICTURE):
    return {"type": "item", "id": heading, "value": {"heading": heading, "text": text, "picture": picture}}


def test_steps_are_an_ordered_list_in_the_order_of_the_editor(show):
    html = show(StepsBlock(), {"steps": [step("Open", "<p>First.</p>"), step("Sign")]})
    assert html.count("<ol") == 1
    assert html.index("Open") < html.index("First.") < html.index("Sign")


def test_a_step_without_text_or_picture_leaves_no_empty_box(show):
    html = show(StepsBlock(), {"steps": [step("Sign")]})
    assert "guide-text" not in html
    assert "figure" not in html


# Wagtail leaves the temporary file of a rendition to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.django_db
def test_a_picture_has_its_words(show):
    image = get_image_model().objects.create(title="inbox.png", file=get_test_image_file())
    picture = {"image": image.pk, "decorative": False, "alt_text": "The inbox, a row in bold"}
    html = show(StepsBlock(), {"steps": [step("Look", picture=picture)]})
    assert 'alt="The inbox, a row in bold"' in html
    assert 'loading="lazy"' in html
    gc.collect()

"""The two blocks that are only words: the notice box, and the question with its answer."""

import pytest

from connexion_plugin.blocks import NoticeBoxBlock, QuestionAndAnswerBlock
from connexion_plugin.blocks.notice_box import TONES

pytestmark = pytest.mark.spec("H1")


@pytest.mark.parametrize("tone", TONES)
def test_a_notice_box_stands_beside_the_text_with_its_tone(show, tone):
    html = show(NoticeBoxBlock(), {"tone": tone, "heading": "Read this", "text": "<p>All of it.</p>"})
    assert f'<aside class="notice-box notice-box-{tone}">' in html
    assert "<h3>Read this</h3>" in html
    assert "<p>All of it.</p>" in html


def test_an_answer_unfolds_under_its_question_without_a_script(show):
    html = show(QuestionAndAnswerBlock(), {"question": "Who reads?", "answer": "<p>You do.</p>"})
    assert "<summary>Who reads?</summary>" in html
    assert html.index("<details") < html.index("You do.") < html.index("</details>")


def test_an_editors_heading_is_text_and_never_markup(show):
    html = show(NoticeBoxBlock(), {"tone": "caution", "heading": "<b>x</b>", "text": "<p>y</p>"})
    assert "&lt;b&gt;x" in html

"""What an editor may put into running text: emphasis, links and lists; headings belong to sections."""

from wagtail.blocks import RichTextBlock

SENTENCE_FEATURES = ["bold", "italic", "link"]
TEXT_FEATURES = [*SENTENCE_FEATURES, "ol", "ul"]


def sentence_block(**options: object) -> RichTextBlock:
    return RichTextBlock(features=SENTENCE_FEATURES, **options)


def text_block(**options: object) -> RichTextBlock:
    return RichTextBlock(features=TEXT_FEATURES, **options)

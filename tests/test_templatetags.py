"""What the templates' tags and filters write."""

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.urls import clear_script_prefix, set_script_prefix
from django.utils import translation
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st

import connexion_plugin
from connexion_plugin.actions.chain import Fault, Kind
from connexion_plugin.plain_text import breakable, linkify, shortened

TEMPLATES = Path(connexion_plugin.__file__).parent / "templates"


def render(source: str, **context: object) -> str:
    return Template("{% load connexion %}" + source).render(Context(context))


def test_an_icon_is_a_symbol_of_the_sprite_hidden_from_screen_readers() -> None:
    drawn = render('{% icon "unread" %}')
    assert 'aria-hidden="true"' in drawn
    assert re.search(r'href="/static/connexion_plugin/icons/icons[^"]*\.svg#icon-unread"', drawn)


def test_a_filter_given_nothing_writes_nothing() -> None:
    assert render("{{ x|day }}{{ x|moment }}{{ x|in_a_sentence }}{{ x|size }}{{ x|breakable }}", x=None) == ""


def test_an_address_may_go_on_in_the_next_line_after_its_at_and_its_stops() -> None:
    assert breakable("jean.roy@mail.example") == "jean.<wbr>roy@<wbr>mail.<wbr>example"
    assert breakable("a@b.ca, c@d.ca.") == "a@<wbr>b.<wbr>ca, c@<wbr>d.<wbr>ca."


def test_what_is_no_address_is_escaped_as_ever() -> None:
    assert breakable("<b>&") == "&lt;b&gt;&amp;"
    assert render("{{ x|breakable }}", x=mark_safe('<a href="/a.b">a.b</a>')) == '<a href="/a.b">a.b</a>'
    assert render("{{ x|breakable }}", x="<script>@x.ca") == "&lt;script&gt;@<wbr>x.<wbr>ca"


@pytest.mark.parametrize(("language", "written"), [("fr", "5\u00a0001 personnes"), ("en", "5,001 people")])
def test_a_count_over_999_is_grouped_as_its_language_groups(language: str, written: str) -> None:
    with translation.override(language):
        heading = render_to_string(
            "connexion_plugin/conversation/readers_heading.html", {"readers_count": 5001}
        )
    assert written in heading


@pytest.mark.parametrize(
    ("number", "dialled"),
    [
        ("1 800 555-0142", "18005550142"),
        ("+1 (418) 555.0117", "+14185550117"),
        ("418 555-0117, poste 12", "4185550117"),
    ],
)
def test_a_telephone_number_can_be_dialled(number: str, dialled: str) -> None:
    assert render("{{ number|to_call }}", number=number) == f'<a href="tel:{dialled}">{number}</a>'


def test_a_line_of_the_history_is_named_as_the_history_numbers_it() -> None:
    with translation.override("fr"):
        assert Fault(Kind.MISSING, 1203, 1204).sentence == "les lignes 1\u00a0203 à 1\u00a0204 manquent"


def test_every_count_of_a_template_is_grouped() -> None:
    # Those that cannot pass 999: a tab's stops at 99, days and codes are few, a form has few fields.
    small = {
        "count.html",
        "counts.html",
        "overview.html",
        "make_codes.html",
        "rows.html",
        "error_summary.html",
    }
    tags = {
        (path.name, tag)
        for path in (Path(connexion_plugin.__path__[0]) / "templates").rglob("*.*")
        if path.name not in small
        for tag in re.findall(r"{% blocktranslate [^%]*\bcount [^%]*%}", path.read_text())
    }
    assert len(tags) > 20
    assert not {found for found in tags if "|number" not in found[1]}


@pytest.mark.spec("C11")
def test_what_looks_like_html_is_shown_and_never_run() -> None:
    written = linkify('<script>alert(1)</script> <a href="javascript:x">y</a>')
    assert "<script" not in written
    assert "&lt;script&gt;" in written
    assert "<a " not in written


@pytest.mark.spec("C11")
@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("Voir https://exemple.ca/a?b=1&c=2.", "https://exemple.ca/a?b=1&amp;c=2"),
        ("(http://exemple.ca/x_(y))", "http://exemple.ca/x_(y)"),
        ("« https://exemple.ca »", "https://exemple.ca"),
        ("mailto:alice@exemple.ca!", "mailto:alice@exemple.ca"),
    ],
)
def test_a_link_is_recognised_without_the_sentence_around_it(text: str, link: str) -> None:
    assert f'<a href="{link}" rel="noopener noreferrer">{link}</a>' in linkify(text)


@pytest.mark.spec("C11")
@pytest.mark.parametrize(
    "text", ["rapport.pdf", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://a.b"]
)
def test_other_schemes_and_bare_names_are_no_links(text: str) -> None:
    assert "<a " not in linkify(text)


def test_a_blank_line_parts_paragraphs_and_a_line_stays_a_line() -> None:
    assert linkify("Bonjour,\r\nmerci.\n\nAlice\n") == "<p>Bonjour,<br>merci.</p>\n<p>Alice</p>"


@pytest.mark.spec("C11")
@given(st.text(alphabet=st.sampled_from("<>&\"'h tps:/mailto.)(\n"), max_size=60))
def test_no_text_whatever_makes_a_tag_of_its_own(text: str) -> None:
    allowed = re.sub(r'</?p>|<br>|<a href="[^"<>]*" rel="noopener noreferrer">|</a>', "", linkify(text))
    assert "<" not in allowed
    assert ">" not in allowed


@pytest.mark.spec("B1")
def test_an_address_gives_way_in_the_middle_of_its_local_part() -> None:
    short = shortened("marie-andree.tremblay@ville.ca", 24)
    assert len(short) <= 24
    assert short.startswith("marie")
    assert short.endswith("@ville.ca")
    assert "…" in short


@pytest.mark.spec("B1")
@pytest.mark.parametrize(
    "address", ["alice@exemple.ca", "a@un-tres-long-domaine-que-voila.example.ca", "no-at-sign"]
)
def test_a_short_local_part_stays_whole(address: str) -> None:
    assert shortened(address, 16) == address


@pytest.mark.spec("B1")
@given(st.emails(), st.integers(min_value=10, max_value=40))
def test_a_shortened_address_is_never_longer_and_keeps_its_domain(address: str, limit: int) -> None:
    short = shortened(address, limit)
    assert len(short) <= len(address)
    assert short.rpartition("@")[2] == address.rpartition("@")[2]


def same(source: str, **context: object) -> str:
    return render(
        "{% load i18n %}{% same_for_everyone %}" + source + "{% end_same_for_everyone %}", **context
    )


def test_what_is_the_same_for_everyone_holds_nothing_of_anybody() -> None:
    """Whatever a template lets slip into it is empty, also on the page of the first who looks."""
    source = "{{ title }}{% if user %}{{ user }}{% endif %}{% firstof title %}{% csrf_token %}·"
    assert same(source, title="Acte de vente", user="alice", csrf_token="secret") == "·"


def test_what_is_the_same_for_everyone_is_rendered_once_a_language() -> None:
    template = Template(
        "{% load connexion i18n %}{% same_for_everyone %}"
        '{% translate "Sign out" %} {% url "connexion:inbox" %}{% end_same_for_everyone %}'
    )
    for language, words in (
        ("fr", "Fermer la session /fr/connexion/"),
        ("en", "Sign out /en/connexion/"),
        ("fr", "Fermer la session /fr/connexion/"),
    ):
        with translation.override(language):
            assert template.render(Context()) == words
    assert sorted(key[0] for key in template.nodelist[-1]._rendered) == ["en", "fr"]


def test_an_address_in_it_is_that_of_the_hosts_own_urls() -> None:
    template = Template(
        '{% load connexion %}{% same_for_everyone %}{% url "connexion:inbox" %}{% end_same_for_everyone %}'
    )
    with translation.override("en"):
        assert template.render(Context()) == "/en/connexion/"
        set_script_prefix("/portal/")
        try:
            assert template.render(Context()) == "/portal/en/connexion/"
        finally:
            clear_script_prefix()


def test_no_template_names_a_value_in_what_is_the_same_for_everyone() -> None:
    """It would be written nowhere: empty for all who look."""
    of_numbers = re.compile(r"{% blocktranslate count count=\d %}.*?{% endblocktranslate %}")
    named = re.compile(r"{{|csrf_token|{% (include|with|for|firstof|blocktranslate)")
    for path in sorted(TEMPLATES.rglob("*.html")):
        for part in path.read_text().split("{% same_for_everyone %}")[1:]:
            inside, _, rest = part.partition("{% end_same_for_everyone %}")
            assert rest, path
            assert not named.search(of_numbers.sub("", inside)), path

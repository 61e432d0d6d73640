"""A content editor at work in Wagtail's own admin."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from connexion_plugin.help import help_url
from site_content.loader import EDITORS, load
from site_content.models import GuidePage
from tests.factories import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.spec("H1")]


@pytest.fixture
def editor(loaded):
    user = make_person("Élise Fortin")
    user.groups.add(Group.objects.get(name=EDITORS))
    return user


def form_of(page, *, sections, action="publish"):
    """What the edit page sends: each section is (heading, anchor, screens, paragraph)."""
    body = [
        (
            "section",
            {
                "heading": heading,
                "anchor": anchor,
                "content": streamfield([("paragraph", rich_text(f"<p>{paragraph}</p>"))]),
            },
        )
        for heading, anchor, _, paragraph in sections
    ]
    data = nested_form_data(
        {
            "title": page.title,
            "slug": page.slug,
            "introduction": rich_text(page.introduction),
            "body": streamfield(body),
            "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0},
            f"action-{action}": "1",
        }
    )
    for number, (_, _, screens, _) in enumerate(sections):
        data[f"body-{number}-value-screens"] = screens
    return data


def edit(client, page, **form):
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), form_of(page, **form))


@pytest.mark.spec("H3")
def test_an_editor_publishes_a_sentence_and_participants_read_it(editor, sign_in, guide, bob):
    page = guide("fr")
    client = sign_in(editor)
    response = edit(client, page, sections=[("Entrer", "entrer", ["sign-in"], "Poussez la porte.")])
    assert response.status_code == 302, response.context["form"].errors

    html = sign_in(bob).get(page.url).content.decode()
    assert "Poussez la porte." in html
    assert help_url("sign-in", "fr") == f"{page.url}#entrer"


def test_what_an_editor_wrote_survives_the_next_load(editor, sign_in, guide):
    edit(sign_in(editor), guide("fr"), sections=[("Entrer", "entrer", [], "Poussez la porte.")])
    load()
    assert [section.heading for section in guide("fr").sections] == ["Entrer"]


def test_two_sections_cannot_share_an_anchor(editor, sign_in, guide):
    twins = [("Un", "ici", [], "a"), ("Deux", "ici", [], "b")]
    response = edit(sign_in(editor), guide("en"), sections=twins)
    assert response.status_code == 200
    assert "body" in response.context["form"].errors
    assert len(guide("en").sections) > 2


@pytest.mark.parametrize("name", ["wagtailadmin_home", "wagtailadmin_explore_root", "wagtailimages:index"])
def test_an_editor_finds_pages_and_pictures(editor, sign_in, name):
    assert sign_in(editor).get(reverse(name), follow=True).status_code == 200


def test_an_editor_opens_the_page_of_every_guide(editor, sign_in):
    client = sign_in(editor)
    for page in GuidePage.objects.all():
        assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200


def test_a_participant_has_no_door_into_the_admin(loaded, sign_in, bob, guide):
    client = sign_in(bob)
    response = client.get(reverse("wagtailadmin_pages:edit", args=[guide("fr").pk]))
    assert response.status_code in {302, 403, 404}
    assert edit(client, guide("fr"), sections=[("x", "x", [], "x")]).status_code in {302, 403, 404}
    assert len(guide("fr").sections) > 2


def test_every_block_is_previewed_for_editors(editor, sign_in):
    client = sign_in(editor)
    section = GuidePage.body.field.stream_block.child_blocks["section"]
    blocks = [section, *section.child_blocks["content"].child_blocks.values()]
    for block in blocks:
        response = client.get(reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix})
        assert response.status_code == 200, block.name
        assert "connexion_plugin/css/help.css" in response.content.decode()

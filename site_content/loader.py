"""Publishes the guides that the project ships, without ever writing over an editor's work.

A page is recognized by `loaded_as`, not by its title or place, which editors may change. It is written again
only if the shipped text changed and the page is still as it was loaded.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Locale, Page, Site

from site_content.guides import en, fr
from site_content.guides.typography import english, french
from site_content.guides.writing import Guide, finished
from site_content.models import GuidePage, HelpIndexPage, HomePage
from site_content.models.loaded import LoadedPage

Fate = Literal["created", "updated", "unchanged", "kept"]
Loaded = tuple[LoadedPage, Fate]

EDITORS = "Éditeurs de contenu / Content editors"
TEXTS: dict[str, ModuleType] = {"fr": fr, "en": en}
TYPOGRAPHY = {"fr": french, "en": english}


@dataclass(frozen=True)
class Source:
    """One page to load: its place, and what the loaded fields should hold."""

    model: type[LoadedPage]
    loaded_as: str
    slug: str
    fields: dict[str, Any]


@transaction.atomic
def load() -> list[Loaded]:
    """Loads everything; returns each page with what became of it."""
    results = [result for language in TEXTS for result in _load_language(language)]
    homes = [page for page, _ in results if isinstance(page, HomePage)]
    _point_site_at(homes[0])
    _offer_guides(results)
    _make_editors(homes)
    return results


def _load_language(language: str) -> Iterator[Loaded]:
    locale, _ = Locale.objects.get_or_create(language_code=language)
    texts = TEXTS[language]
    home = yield from _load_page(_home(language, texts), locale, Page.get_first_root_node())
    index = yield from _load_page(_index(language, texts), locale, home)
    for key, guide in texts.GUIDES.items():
        yield from _load_page(_guide(language, key, guide), locale, index)


def _home(language: str, texts: ModuleType) -> Source:
    fields = {
        "title": texts.HOME_TITLE,
        "search_description": texts.HOME_DESCRIPTION,
        "headline": texts.HOME_HEADLINE,
        "introduction": texts.HOME_INTRODUCTION,
    }
    return Source(HomePage, "home", f"connexion-{language}", finished(fields, "home", TYPOGRAPHY[language]))


def _index(language: str, texts: ModuleType) -> Source:
    fields = {"title": texts.HELP_TITLE, "introduction": texts.HELP_INTRODUCTION}
    return Source(HelpIndexPage, "help", texts.HELP_SLUG, finished(fields, "help", TYPOGRAPHY[language]))


def _guide(language: str, key: str, guide: Guide) -> Source:
    fields = {
        "title": guide.title,
        "search_description": guide.description,
        "introduction": guide.introduction,
        "body": guide.sections,
    }
    written = finished(fields, key, TYPOGRAPHY[language])
    return Source(GuidePage, key, guide.slug, {**written, "body": json.dumps(written["body"])})


def _load_page(source: Source, locale: Locale, parent: Page) -> Iterator[Loaded]:
    """Yields the page with its fate, and returns the page."""
    page = source.model.objects.filter(loaded_as=source.loaded_as, locale=locale).first()
    if page is None:
        page = _create(source, locale, parent)
        yield page, "created"
    elif not page.is_as_loaded():
        yield page, "kept"
    elif source.model(**source.fields).content_digest() != page.loaded_digest:
        for name, value in source.fields.items():
            setattr(page, name, value)
        _publish(page)
        yield page, "updated"
    else:
        yield page, "unchanged"
    return page


def _create(source: Source, locale: Locale, parent: Page) -> LoadedPage:
    """A page of its own, or the translation of the one that another language already has."""
    page = source.model(slug=source.slug, locale=locale, loaded_as=source.loaded_as, live=False)
    other_language = source.model.objects.filter(loaded_as=source.loaded_as).first()
    if other_language is not None:
        page.translation_key = other_language.translation_key
    for name, value in source.fields.items():
        setattr(page, name, value)
    parent.add_child(instance=page)
    _publish(page)
    return page


def _publish(page: LoadedPage) -> None:
    page.draft_title = page.title
    page.loaded_digest = page.content_digest()
    page.save()
    page.save_revision().publish()
    page.refresh_from_db()


def _point_site_at(home: HomePage) -> None:
    """Takes the place of Wagtail's welcome page; a site that already has a front of its own keeps it."""
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None:
        Site.objects.create(hostname="localhost", site_name="Connexion", root_page=home, is_default_site=True)
        return
    welcome = site.root_page
    if welcome.specific_class is Page:
        site.root_page = home
        site.site_name = site.site_name or "Connexion"
        site.save()
        Page.objects.get(pk=welcome.pk).delete()


def _offer_guides(results: list[Loaded]) -> None:
    """A home page that was just created offers the participant's guide of its language."""
    guides = {page.locale_id: page for page, _ in results if page.loaded_as == "participant"}
    for home, fate in results:
        if isinstance(home, HomePage) and fate == "created":
            home.guide = guides[home.locale_id]
            home.save_revision().publish()


def _make_editors(homes: list[HomePage]) -> None:
    """Once made, the group belongs to the site's administrators: a later load leaves its permissions."""
    group, created = Group.objects.get_or_create(name=EDITORS)
    if not created:
        return
    group.permissions.add(
        Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    )
    for permission in _permissions("wagtailcore", "add_page", "change_page", "publish_page"):
        for home in homes:
            GroupPagePermission.objects.create(group=group, page=home, permission=permission)
    pictures = Collection.get_first_root_node()
    for permission in _permissions("wagtailimages", "add_image", "change_image", "choose_image"):
        GroupCollectionPermission.objects.create(group=group, collection=pictures, permission=permission)


def _permissions(app_label: str, *codenames: str) -> list[Permission]:
    return [
        Permission.objects.get(content_type__app_label=app_label, codename=codename) for codename in codenames
    ]

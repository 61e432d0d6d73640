"""Whose rows a request reaches; asked late, for streaming answers too (access.md)."""

import asyncio

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, StreamingHttpResponse

from connexion_plugin.exceptions import UnscopedRead
from connexion_plugin.middleware import ScopeMiddleware
from connexion_plugin.models import Collaborator, Conversation, Organization
from connexion_plugin.models.scope import RefusingQuerySet


def request_of(rf, user, *, verified=True):
    request = rf.get("/")
    request.session = {}
    request.user = user
    user.is_verified = lambda: verified
    return request


def names_seen(request):
    seen = []

    def view(request):
        seen.extend(Organization.objects.values_list("name", flat=True))
        return HttpResponse()

    ScopeMiddleware(view)(request)
    return seen


@pytest.fixture
def two(organization, other_organization):
    return organization, other_organization


@pytest.mark.spec("M3")
def test_an_administrator_reaches_their_own_organization(rf, two, dora):
    assert names_seen(request_of(rf, dora)) == ["Étude Tremblay"]


@pytest.mark.spec("M3")
def test_the_operator_reaches_all_organizations_and_no_conversation(rf, two, superuser):
    request = request_of(rf, superuser)
    assert sorted(names_seen(request)) == ["Harbour Legal", "Étude Tremblay"]
    with pytest.raises(UnscopedRead):
        ScopeMiddleware(lambda request: HttpResponse(str(Conversation.objects.count())))(request)


@pytest.mark.spec("M3", "I5")
def test_everybody_else_reaches_nothing(rf, two, bob, dora, superuser):
    for user, verified in ((bob, True), (dora, False), (superuser, False), (AnonymousUser(), False)):
        assert names_seen(request_of(rf, user, verified=verified)) == []


def test_a_page_that_reads_no_organization_pays_nothing(rf, dora, django_assert_num_queries):
    request = request_of(rf, dora)
    assert dora.connexion_preferences
    with django_assert_num_queries(0):
        ScopeMiddleware(lambda request: HttpResponse())(request)


@pytest.mark.spec("M3")
def test_the_generator_of_a_streaming_answer_runs_in_the_scope_and_leaves_none_behind(rf, two, dora):
    def chunks():
        yield from Organization.objects.values_list("name", flat=True)
        yield str(Organization.objects.count())

    answer = ScopeMiddleware(lambda request: StreamingHttpResponse(chunks()))(request_of(rf, dora))
    iterator = iter(answer.streaming_content)
    assert next(iterator).decode() == "Étude Tremblay"
    with pytest.raises(UnscopedRead):  # between two steps the context is the server's
        Organization.objects.count()
    assert [chunk.decode() for chunk in iterator] == ["1"]


def test_nothing_stays_declared_after_an_error(rf, dora):
    def view(request):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ScopeMiddleware(view)(request_of(rf, dora))
    with pytest.raises(UnscopedRead):
        Collaborator.objects.count()


def test_an_asynchronous_view_and_its_stream_are_in_the_scope(rf):
    request = request_of(rf, AnonymousUser())

    def is_declared():
        return not isinstance(Organization.objects.all(), RefusingQuerySet)

    async def chunks():
        yield str(is_declared())

    async def view(request):
        assert is_declared()
        return StreamingHttpResponse(chunks())

    async def visit():
        answer = await ScopeMiddleware(view)(request)
        assert not is_declared()
        return [chunk async for chunk in answer.streaming_content]

    assert asyncio.run(visit()) == [b"True"]

"""Declares whose organizations the request may see; its scoped querysets are filtered so (access.md)."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse

from connexion_plugin import access
from connexion_plugin.middleware.language import spoken
from connexion_plugin.middleware.sessions import end_revoked_session
from connexion_plugin.models.scope import organizations_scope

Declare = Callable[[], AbstractContextManager[None]]


class ScopeMiddleware:
    """Asks what the person administers only when a scoped queryset is built: other pages pay nothing for it.

    After authentication, django-otp's middleware and ours: a person who has not shown the second factor in
    this session reaches nothing. First it ends a session that was revoked, and finds the admin's language.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._answer_later(request)
        language = _begin(request)
        declare = _declaration(request)
        with declare(), language:
            return _keep_declared(self.get_response(request), declare)

    async def _answer_later(self, request: HttpRequest) -> HttpResponseBase:
        language = await sync_to_async(_begin)(request)
        declare = _declaration(request)
        with declare(), language:
            return _keep_declared(await self.get_response(request), declare)


def _begin(request: HttpRequest) -> AbstractContextManager[None]:
    end_revoked_session(request)
    return spoken(request)


def _declaration(request: HttpRequest) -> Declare:
    reach = cache(lambda: access.reach_of(request.user))
    return lambda: organizations_scope(reach)


def _keep_declared(response: HttpResponseBase, declare: Declare) -> HttpResponseBase:
    """The generators of a streaming answer run after the middleware has returned: declare it there too."""
    if not isinstance(response, StreamingHttpResponse):
        return response
    if isinstance(response, FileResponse) and response.file_to_stream is not None:
        return response  # the server sends the file itself, and nothing of ours runs
    if response.is_async:
        response.streaming_content = _declared_async(
            cast(AsyncIterator[bytes], response.streaming_content), declare
        )
    else:
        response.streaming_content = _declared(cast(Iterator[bytes], response.streaming_content), declare)
    return response


def _declared(chunks: Iterator[bytes], declare: Declare) -> Iterator[bytes]:
    # Around each step, not around the loop: a generator shares its caller's context between two steps.
    chunks = iter(chunks)
    while True:
        with declare():
            try:
                chunk = next(chunks)
            except StopIteration:
                return
        yield chunk


async def _declared_async(chunks: AsyncIterator[bytes], declare: Declare) -> AsyncIterator[bytes]:
    chunks = aiter(chunks)
    while True:
        with declare():
            try:
                chunk = await anext(chunks)
            except StopAsyncIteration:
                return
        yield chunk

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from wagtail.blocks import Block

from tests.factories import make_person


@pytest.fixture
def show() -> Callable[..., str]:
    """`show(block, raw)` is the block as a visitor sees it; `user=` shows it to somebody."""

    def render(block: Block, raw: Any, *, user: Any = None) -> str:
        request = RequestFactory().get("/")
        request.user = user or AnonymousUser()
        return str(block.render(block.to_python(raw), context={"request": request}))

    return render


@pytest.fixture
def visitor(db: None) -> Any:
    return make_person("Bob Gagnon")

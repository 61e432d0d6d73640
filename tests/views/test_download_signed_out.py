"""Who is no longer signed in keeps no page in the place of a file, and is led back to where the link stood (I1, D3)."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = [pytest.mark.spec("D3"), pytest.mark.django_db]
FILES = [
    ("connexion:download", ()),
    ("connexion:download_conversation", ()),
    ("connexion:export_contacts", ("csv",)),
]


@pytest.fixture(params=FILES, ids=lambda door: door[0])
def file(request):
    name, more = request.param
    return reverse(name, args=[uuid4(), *more])


def test_one_ends_on_the_page_that_had_the_link(file):
    page = reverse("connexion:conversation", args=[uuid4()])
    answer = Client().get(file, headers={"referer": f"http://testserver{page}?persona=x"})
    assert answer.status_code == 302
    assert answer.url.endswith(f"?next={page}%3Fpersona%3Dx")


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/page", "http://testserver"])
def test_a_link_that_stood_on_no_page_of_ours_leads_to_the_file(file, referer):
    answer = Client().get(file, headers={"referer": referer})
    assert answer.url.endswith(f"?next={file}")


def test_a_download_that_goes_on_is_refused_and_given_no_page(file):
    answer = Client().get(file, headers={"range": "bytes=500-", "if-range": '"a"'})
    assert answer.status_code == 403
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "puis reprenez le téléchargement" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store, private"

"""How one comes to the form of `sealing_site.py`, and the floors that it measures."""

import re
import time
from dataclasses import dataclass

from benchmarks.gunicorn_server import Server
from benchmarks.transfers import Answer, Form, Journey, ask, document, fetch, post

APPLICATION = "benchmarks.sealing_site:application"


def small_site_form(server: Server) -> Form:
    answer = ask(server, "/post/")
    cookie = re.match(r"csrftoken=([^;]+)", answer.headers["Set-Cookie"])
    assert cookie
    return Form("/post/", {"csrfmiddlewaretoken": answer.body.decode()}, {"csrftoken": cookie[1]})


def small_site_document(server: Server, form: Form, answer: Answer) -> str:
    if answer.status != 200:
        raise RuntimeError(f"The form answered {answer.status}.")
    return answer.body.decode()


SMALL_SITE = Journey(small_site_form, small_site_document)


@dataclass(frozen=True)
class Floors:
    """F4, the body written as it comes, and F5, FileResponse of the same bytes, thrown away: seconds, and of CPU."""

    upload: float
    upload_cpu: float
    download: float
    download_cpu: float


def floors(server: Server, size: int) -> Floors:
    form, cpu, start = Form("/raw/", {}, {}), server.cpu_seconds(), time.perf_counter()
    post(server, form, "application/octet-stream", b"", document(size), b"", size)
    cpu_between, between = server.cpu_seconds(), time.perf_counter()
    fetch(server, "/raw/", {}, hashed=False)
    cpu_after, after = server.cpu_seconds(), time.perf_counter()
    return Floors(
        upload=between - start,
        upload_cpu=cpu_between - cpu,
        download=after - between,
        download_cpu=cpu_after - cpu_between,
    )

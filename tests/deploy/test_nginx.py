"""The example's nginx before a real gunicorn: what passes through it is not kept, nor are the secrets in addresses."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks import small_site, transfers
from benchmarks.gunicorn_server import Server

CONFIGURATION = Path(__file__).resolve().parent.parent.parent / "deploy" / "nginx" / "connexion.conf"
MIB = 1024**2

pytestmark = pytest.mark.skipif(
    not shutil.which("nginx"), reason="nginx is missing: apt-get install nginx-light"
)


@dataclass
class Front:
    """Where nginx answers, also without TLS, and the folder of all that it may write."""

    address: tuple[str, int]
    plain_address: tuple[str, int]
    folder: Path

    def logs(self) -> str:
        """All that it has written to any log."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def kept_bytes(self) -> int:
        """What lies in its folders, and in files that it has open and that have no name any more."""
        total = sum(path.stat().st_size for path in (self.folder / "temporary").rglob("*") if path.is_file())
        for pid in self._pids():
            for link in Path(f"/proc/{pid}/fd").iterdir():
                target = str(link.readlink())
                if target.startswith(str(self.folder / "temporary")) and "(deleted)" in target:
                    total += link.stat().st_size
        return total

    def _pids(self) -> list[str]:
        master = (self.folder / "nginx.pid").read_text().strip()
        return [master, *Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def adapted(folder: Path, upstream: str, port: int, plain_port: int) -> str:
    """The example with this machine's ports, without TLS, and with the folders of a test.

    Around it is what nginx.conf says as it comes: two logs that hold whole addresses.
    """
    text = CONFIGURATION.read_text()
    text, changed = re.subn(r"listen 443 ssl;", f"listen 127.0.0.1:{port};", text)
    assert changed == 1
    text, changed = re.subn(r"listen 80;", f"listen 127.0.0.1:{plain_port};", text)
    assert changed == 1
    text = text.replace("X-Forwarded-Proto https", "X-Forwarded-Proto http")
    text = re.sub(r"^\s+ssl_.*$", "", text, flags=re.M)
    text = text.replace("server web:8000;", f"server {upstream};")
    text = text.replace("/dev/stdout", str(folder / "access.log"))
    text = text.replace("/dev/stderr", str(folder / "servers-error.log"))
    folders = "".join(
        f"{kind}_temp_path {folder}/temporary/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; user root; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log {folder}/common.log combined;\n{folders}{text}}}\n"
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(small_site.APPLICATION, folder=tmp_path_factory.mktemp("web")) as server:
        yield server


@pytest.fixture(scope="module")
def front(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with nginx(tmp_path_factory.mktemp("nginx"), "{}:{}".format(*server.address)) as front:
        yield front


@contextmanager
def nginx(folder: Path, upstream: str) -> Iterator[Front]:
    (folder / "temporary").mkdir()
    with socket.socket() as probe, socket.socket() as plain_probe:
        probe.bind(("127.0.0.1", 0))
        plain_probe.bind(("127.0.0.1", 0))
        address, plain_address = probe.getsockname(), plain_probe.getsockname()
    (folder / "nginx.conf").write_text(adapted(folder, upstream, address[1], plain_address[1]))
    command = ["nginx", "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=30, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(1200):
        try:
            socket.create_connection(address, timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    try:
        yield Front(address, plain_address, folder)
    finally:
        process.terminate()
        process.wait(20)


def parts(server: Server) -> int:
    return sum(1 for path in (server.temporary.parent / "parts").rglob("*") if path.is_file())


@pytest.mark.spec("D1")
def test_a_document_is_sealed_while_it_comes_and_nothing_of_it_is_kept_on_the_way(
    server: Server, front: Any
) -> None:
    form, before, seen = small_site.small_site_form(front), parts(server), []

    def watched() -> Iterator[bytes]:
        for number, block in enumerate(transfers.document(32 * MIB)):
            if number == 24:
                wait_for(
                    lambda: parts(server) - before >= 5,
                    "the first half did not reach the web node before the second",
                )
                seen.append(front.kept_bytes())
            yield block

    head = (
        f'--{transfers.BOUNDARY}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
        f"{form.fields['csrfmiddlewaretoken']}\r\n--{transfers.BOUNDARY}\r\n"
        'Content-Disposition: form-data; name="documents"; filename="a"\r\n\r\n'
    ).encode()
    answer = transfers.post(
        front,
        form,
        f"multipart/form-data; boundary={transfers.BOUNDARY}",
        head,
        watched(),
        f"\r\n--{transfers.BOUNDARY}--\r\n".encode(),
        32 * MIB,
    )

    path = small_site.small_site_document(front, form, answer)
    assert transfers.fetch(front, path, {}) == (transfers.digest(32 * MIB), 32 * MIB)
    assert [*seen, front.kept_bytes()] == [0, 0]


def wait_for(condition: Any, otherwise: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


@pytest.mark.spec("I6")
def test_a_link_that_sets_a_password_reaches_no_log(front: Any) -> None:
    transfers.ask(front, LINK)
    assert "canari" not in logs_with(front, '/password/reset/key/..." 404')


@pytest.mark.spec("I6")
def test_nor_does_it_when_it_is_opened_without_tls(front: Any) -> None:
    plain = Front(front.plain_address, front.plain_address, front.folder)
    assert transfers.ask(plain, LINK).status == 301
    assert "canari" not in logs_with(front, '/password/reset/key/..." 301')


@pytest.mark.spec("I6")
@pytest.mark.parametrize("upstream", ["127.0.0.1:1", "unix:/nowhere/web.sock"])
def test_nor_does_it_when_no_web_node_answers(upstream: str, tmp_path: Path) -> None:
    with nginx(tmp_path, upstream) as front:
        assert transfers.ask(front, LINK).status == 502
        assert "canari" not in logs_with(front, '/password/reset/key/..." 502')


LINK = "/fr/connexion/account/password/reset/key/1a-canari-7712/?next=canari-7713"


def logs_with(front: Front, line: str) -> str:
    """The logs, once this is in them: a request is noted a moment after its answer has gone."""
    wait_for(lambda: line in front.logs(), "the request was not noted")
    return front.logs()

"""Our client of clamd, against a real one and one that misbehaves (spec D4; goals.md, fault 19)."""

import io
import socket
import zipfile

import pytest

from connexion_plugin.documents import scanner_trust
from connexion_plugin.documents.scanning import FRAME_BYTES, Clamd, Outcome, ScannerFault, Verdict
from tests.scanning.clamd_server import DROP, DROP_EARLY, EICAR, HANG, RealClamd

pytestmark = pytest.mark.spec("D4")
MIB = 1024**2


def scan(address, *pieces, patience=20.0):
    with Clamd(address, timeout=1, patience=patience) as clamd:
        for piece in pieces:
            clamd.feed(piece)
        return clamd.verdict()


def zipped(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner", content)
    return file.getvalue()


# A real one


def test_who_feeds_a_large_piece_is_heard_of_on_the_way(real_clamd):
    """A scanner that takes a frame as slowly as it may keeps its document's lease."""
    calls = []
    with Clamd(real_clamd.address, timeout=1, patience=20) as clamd:
        clamd.feed(bytes(2 * FRAME_BYTES + 1), lambda: calls.append(1))
        clamd.feed(b"", lambda: calls.append(1))
        assert clamd.verdict().outcome is Outcome.CLEAN
    assert len(calls) == 3


@pytest.mark.parametrize("pieces", [(b"Bonjour",), (), (b"", b"Bonjour", b""), (b"x" * MIB,) * 5])
def test_what_holds_no_virus_is_clean(real_clamd, pieces):
    assert scan(real_clamd.address, *pieces) == Verdict(Outcome.CLEAN)


@pytest.mark.parametrize(
    "pieces",
    [
        (EICAR,),
        (b"before", EICAR[:20], EICAR[20:]),
        (zipped(EICAR),),
        (bytes(FRAME_BYTES - 20) + EICAR + bytes(2 * FRAME_BYTES),),
    ],
    ids=["alone", "cut", "zipped", "across two frames"],
)
def test_a_virus_is_found_in_whatever_pieces_it_comes(real_clamd, pieces):
    assert scan(real_clamd.address, *pieces) == Verdict(Outcome.INFECTED, "Eicar-Test.UNOFFICIAL")


@pytest.mark.parametrize(
    ("pieces", "limit"),
    [
        ([b"x" * MIB] * 22, "Heuristics.Limits.Exceeded.MaxFileSize"),
        ([b"x" * MIB] * 64, "StreamMaxLength"),
        ([zipped(bytes(30 * MIB))], "Heuristics.Limits.Exceeded.MaxScanSize"),
        ([zipped(zipped(bytes(30 * MIB) + EICAR))], "Heuristics.Limits.Exceeded.MaxScanSize"),
        ([scanner_trust.nested_zip()], "Heuristics.Limits.Exceeded.MaxRecursion"),
    ],
)
def test_what_clamd_does_not_look_at_whole_is_neither_clean_nor_infected(real_clamd, pieces, limit):
    assert scan(real_clamd.address, *pieces) == Verdict(Outcome.UNSCANNABLE, limit)


def test_an_address_of_host_and_port_works_too(real_clamd):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    over_tcp = RealClamd(TCPSocket=str(port), TCPAddr="127.0.0.1")
    try:
        assert scan(("127.0.0.1", port), EICAR).outcome is Outcome.INFECTED
    finally:
        over_tcp.remove()


# Is its OK worth anything?


@pytest.mark.django_db
def test_a_clamd_configured_as_advised_is_believed(real_clamd):
    assert scanner_trust.mistrust(real_clamd.address) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"AlertExceedsMax": "no"}, scanner_trust.SKIPS_IN_SILENCE),
        ({"MaxScanSize": "100M"}, scanner_trust.CUTS_IN_SILENCE),
    ],
)
def test_a_clamd_that_says_ok_to_what_it_skipped_is_not(real_clamd, options, reason):
    careless = RealClamd(**options)
    try:
        bomb = zipped(bytes(25 * MIB) + EICAR)
        assert scan(careless.address, bomb).outcome is Outcome.CLEAN  # what the question is for
        assert scanner_trust.mistrust(careless.address) == reason
    finally:
        careless.remove()


@pytest.mark.django_db
def test_a_clamd_without_the_signatures_that_all_have_is_not(fake_clamd):
    fake_clamd._answer = lambda document: "stream: OK"
    assert scanner_trust.mistrust(fake_clamd.address) == scanner_trust.KNOWS_NOTHING


# One that misbehaves


@pytest.mark.parametrize(
    "answer",
    [
        HANG,
        DROP,
        "",
        "stream: ",
        "OK",
        "stream: OK FOUND it",
        "stream: OK\0stream: OK",
        "stream: Can't allocate memory ERROR",
        "UNKNOWN COMMAND",
        "x" * 9000,
    ],
)
def test_whatever_it_does_instead_of_answering_is_a_fault_and_never_clean(fake_clamd, answer):
    fake_clamd.behaviour = lambda document: answer
    with pytest.raises(ScannerFault):
        scan(fake_clamd.address, b"Bonjour", patience=0.3)


def test_a_connection_that_is_dropped_in_the_middle_is_a_fault(fake_clamd):
    fake_clamd.behaviour = lambda document: DROP_EARLY
    with pytest.raises(ScannerFault):
        scan(fake_clamd.address, *[b"x" * MIB] * 20)


def test_an_ok_that_comes_before_the_end_is_not_believed(fake_clamd):
    fake_clamd.early = "stream: OK"
    with pytest.raises(ScannerFault, match="had not read"):
        scan(fake_clamd.address, *[b"x" * MIB] * 20)


def test_nobody_there_is_a_fault(tmp_path):
    with pytest.raises(ScannerFault, match="no connection"):
        scan(str(tmp_path / "nobody.sock"), b"Bonjour")


def test_a_fault_does_not_repeat_what_the_scanner_said(fake_clamd):
    fake_clamd.behaviour = lambda document: "stream: canary-of-the-document ERROR"
    with pytest.raises(ScannerFault) as fault:
        scan(fake_clamd.address, b"Bonjour")
    assert "canary" not in str(fault.value)


def test_who_waits_for_an_answer_is_asked_whether_it_lives(fake_clamd, monkeypatch):
    monkeypatch.setattr("connexion_plugin.documents.scanning.BREATH_SECONDS", 0.05)
    fake_clamd.behaviour = lambda document: HANG
    breaths = []
    with Clamd(fake_clamd.address, timeout=1, patience=0.5) as clamd:
        clamd.feed(b"Bonjour")
        with pytest.raises(ScannerFault):
            clamd.verdict(lambda: breaths.append(True))
    assert len(breaths) > 3

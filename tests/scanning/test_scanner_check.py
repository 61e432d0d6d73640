"""The operator learns what the scanner lacks, before the documents do (spec D4)."""

import io

import pytest
from django.core.management import call_command

from connexion_plugin.actions import scanning
from connexion_plugin.checks.scanner import check_scanner
from connexion_plugin.documents import scanner_configuration, scanner_trust
from connexion_plugin.models import Attachment
from tests.scanning.clamd_server import RealClamd

MIB = 1024**2
pytestmark = [pytest.mark.spec("D4"), pytest.mark.django_db]


def ids(found):
    return [message.id for message in found]


def test_where_nothing_is_scanned_the_check_says_so_and_fails_nothing(scan_with):
    scan_with(None)
    assert ids(check_scanner(None)) == ["connexion.I001"]


def test_a_scanner_as_advised_leaves_nothing_to_say(real_clamd, scan_with, settings):
    scan_with(real_clamd.address, MESSAGE_LIMIT_BYTES=18 * MIB)
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "timeout": 300}
    assert check_scanner(None) == []


def test_one_that_looks_at_less_than_a_message_may_carry_is_named(real_clamd, scan_with):
    scan_with(real_clamd.address, MESSAGE_LIMIT_BYTES=1024 * MIB)
    (found,) = check_scanner(None)
    assert found.id == "connexion.W008"
    assert "StreamMaxLength 24M" in found.msg
    assert "MaxScriptNormalize 20M" in found.msg
    assert "1126M" in found.hint


@pytest.mark.parametrize(
    ("written", "bytes_"),
    [
        ("1100M", 1100 * MIB),
        ("5k", 5 * 1024),
        ("2G", 2048 * MIB),
        ("77", 77),
        ("0", 0),
        ("much", 9),
        (None, 9),
    ],
)
def test_a_size_is_read_as_clamd_reads_it(written, bytes_):
    assert scanner_configuration._bytes(written, 9) == bytes_


def test_one_that_passes_in_silence_is_named_with_the_line_to_write(real_clamd, scan_with):
    careless = RealClamd(AlertExceedsMax="no")
    try:
        scan_with(careless.address, MESSAGE_LIMIT_BYTES=18 * MIB)
        (found,) = check_scanner(None)
    finally:
        careless.remove()
    assert found.id == "connexion.W004"
    assert "AlertExceedsMax yes" in found.msg


def test_one_that_writes_what_it_unpacks_to_a_disk_is_named(real_clamd, scan_with, tmp_path):
    if scanner_configuration._file_system_of(tmp_path) in scanner_configuration.IN_MEMORY:
        pytest.skip("here the temporary folder is in memory itself")
    tmp_path.chmod(0o777)
    writing = RealClamd(TemporaryDirectory=str(tmp_path))
    try:
        scan_with(writing.address, MESSAGE_LIMIT_BYTES=18 * MIB)
        (found,) = check_scanner(None)
    finally:
        writing.remove()
    assert found.id == "connexion.W005"
    assert str(tmp_path) in found.msg
    assert "TemporaryDirectory" in found.hint


def test_of_one_on_another_machine_nothing_is_said():
    assert scanner_configuration.folder_on_disk(("192.0.2.1", 3310)) is None


def test_one_that_is_not_there_is_named(scan_with, tmp_path):
    scan_with(str(tmp_path / "nobody.sock"))
    assert ids(check_scanner(None)) == ["connexion.W004"]


def test_patience_beyond_the_queues_is_named(real_clamd, scan_with, settings):
    scan_with(real_clamd.address, SCANNER_ANSWER_SECONDS=500, MESSAGE_LIMIT_BYTES=18 * MIB)
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "timeout": 300}
    (found,) = check_scanner(None)
    assert "SCANNER_ANSWER_SECONDS" in found.hint


def said(*arguments):
    out = io.StringIO()
    call_command("connexion_scan", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_counts_and_has_what_failed_read_again(real_clamd, scan_with, post_documents):
    scan_with(real_clamd.address)
    post_documents(b"Bonjour", bytes(21 * 1024**2))
    assert "The oldest that waits" in said()
    scanning.scan_documents()
    text = said()
    assert "answers as it should" in text
    assert "clean: 1" in text
    assert "failed: 1" in text
    assert "To be read anew: 1" in said("--again")
    assert Attachment.unscoped.filter(scan=Attachment.Scan.WAITING, check_tries=0).count() == 1


def test_the_command_says_what_is_wrong_with_the_scanner(fake_clamd, scan_with, tmp_path):
    scan_with(None)
    assert "is not set" in said()
    scan_with(str(tmp_path / "nobody.sock"))
    assert "no connection" in said()
    fake_clamd._answer = lambda document: "stream: OK"
    scan_with(fake_clamd.address)
    assert scanner_trust.KNOWS_NOTHING in said()

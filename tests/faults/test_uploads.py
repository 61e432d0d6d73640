"""Uploads with tus-js-client through real gunicorns: wires cut, processes killed; the bytes are the same (D2).

`CONNEXION_FAULT_ROUNDS=50` makes a long run of it: 1 GiB, twice as many cuts as rounds, and as many kills.
"""

import os
import signal
import threading
import time

import pytest

from tests.faults.cutting_proxy import CuttingProxy
from tests.faults.sending import IS_FULL, MIB, ROUNDS, document, needs_client

pytestmark = [pytest.mark.faults, pytest.mark.spec("D2", "C8"), *needs_client]


@pytest.mark.parametrize("during_creation", [True, False])
def test_a_client_that_nobody_here_wrote_sends_documents_of_any_size(sender, tmp_path, during_creation):
    expected = []
    # This client cannot send an empty document with its creation.
    for size in (*([] if during_creation else [0]), 1, 65_536, 3 * MIB, 9 * MIB + 17):
        path, digest = document(tmp_path, size)
        told = sender.send(path, duringCreation=during_creation)
        assert "error" not in told, told
        expected.append(digest)
    assert sender.post_and_fetch() == expected


def test_requests_smaller_than_a_part_move_it_on(sender, tmp_path):
    path, digest = document(tmp_path, 5 * MIB + 3)
    assert "error" not in sender.send(path, chunkSize=300_001)
    assert sender.post_and_fetch() == [digest]


@pytest.mark.fault(11, rounds=2 * ROUNDS)
def test_cut_at_random_places_and_taken_up_by_another_node_the_bytes_are_the_same(begin_sending, tmp_path):
    sender, cuts = begin_sending(nodes=2), 2 * ROUNDS
    size = 1024 * MIB if IS_FULL else 24 * MIB
    path, digest = document(tmp_path, size)
    # However the dice fall, the document is long enough for every cut.
    proxy = CuttingProxy(*(node.address for node in sender.nodes), cuts=cuts, most=size // cuts)
    told = sender.send(path, address=proxy.address)
    proxy.close()
    assert "error" not in told, told
    assert proxy.cuts == cuts
    assert sender.post_and_fetch() == [digest]


@pytest.mark.fault(11, rounds=ROUNDS)
def test_the_web_process_killed_at_random_places_the_bytes_are_the_same(begin_sending, tmp_path):
    sender, size = begin_sending(nodes=2), 4 * ROUNDS * MIB
    path, digest = document(tmp_path, size)

    def kill(node):
        """The process that is receiving; the next connection goes to the other node."""
        os.kill(wait_for_a_worker(sender.nodes[node]), signal.SIGKILL)

    addresses = [node.address for node in sender.nodes]
    proxy = CuttingProxy(*addresses, cuts=ROUNDS, most=size // ROUNDS, fault=kill)
    told = sender.send(path, address=proxy.address)
    proxy.close()
    assert "error" not in told, told
    assert proxy.cuts == ROUNDS
    for node in sender.nodes:
        wait_for_a_worker(node)
    assert sender.post_and_fetch() == [digest]


def test_two_clients_on_one_upload_do_not_spoil_it(sender, tmp_path):
    path, digest = document(tmp_path, 12 * MIB)
    url = "http://{}:{}{}".format(*sender.server.address, sender.begin(12 * MIB))
    told = []
    threads = [
        threading.Thread(target=lambda: told.append(sender.send(path, uploadUrl=url, chunkSize=MIB)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.get("error") for one in told] == [None, None]
    assert {423, 409} & {status for one in told for status in one["statuses"]}
    assert sender.post_and_fetch() == [digest]


def wait_for_a_worker(server):
    for _ in range(400):
        try:
            return server.worker
        except (IndexError, FileNotFoundError):
            time.sleep(0.05)
    raise AssertionError("gunicorn started no other worker")

"""A form without scripts whose web process is killed, or whose browser goes away, while its document comes (D2)."""

import os
import signal
import socket
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.actions import room
from connexion_plugin.exceptions import OrganizationFull
from connexion_plugin.models import Message, Reservation
from tests.actions.racing import FOR_REAL
from tests.faults.processes import wait_until
from tests.faults.sending import MIB

pytestmark = [*FOR_REAL, pytest.mark.faults, pytest.mark.spec("D2")]
SIZE = 40 * MIB


@contextmanager
def half_a_form(sender):
    """A plain form of 40 MiB, of which half has come."""
    head = 'Content-Disposition: form-data; name="documents"; filename="a.bin"'
    body = f"--cut\r\n{head}\r\n\r\n".encode()
    form = reverse("connexion:post_message", args=[sender.conversation.pk, uuid4()])
    headers = {
        **sender.headers,
        "Host": "127.0.0.1",
        "Content-Type": "multipart/form-data; boundary=cut",
        "Content-Length": str(SIZE),
    }
    lines = [f"POST {form} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    with socket.create_connection(sender.server.address, timeout=60) as line:
        line.sendall("\r\n".join(lines).encode() + body + bytes(SIZE // 2))
        wait_until(Reservation.unscoped.exists, 30, "a reservation")
        yield


def reserve_as_much(bob, organization):
    room.reserve(reservation=uuid4(), author_id=bob.pk, organization=organization, length=SIZE)


def test_what_a_killed_process_reserved_is_free_by_itself(sender, bob, organization, time_machine):
    organization.storage_quota_bytes = SIZE + MIB
    organization.save()
    with half_a_form(sender):
        with pytest.raises(OrganizationFull):
            reserve_as_much(bob, organization)
        os.kill(sender.server.worker, signal.SIGKILL)
    with pytest.raises(OrganizationFull):
        reserve_as_much(bob, organization)  # nobody was left to give it back
    time_machine.move_to(timezone.now() + room.RESERVED)
    reserve_as_much(bob, organization)
    assert Message.unscoped.count() == 1


def test_what_a_browser_that_goes_away_reserved_is_free_at_once(sender, bob, organization):
    organization.storage_quota_bytes = SIZE + MIB
    organization.save()
    with half_a_form(sender):
        pass
    wait_until(lambda: not Reservation.unscoped.exists(), 30, "its room given back")
    reserve_as_much(bob, organization)

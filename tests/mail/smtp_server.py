"""A real SMTP server that takes what it is sent, or misbehaves as told."""

import asyncio
import email
import email.policy
import socket
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

# An answer of the server, or one of these.
HANG = "hang"
DROP = "drop"
TAKEN = "250 2.0.0 taken"
Behaviour = Callable[[str, int], str]  # (recipient, how many times it was offered) -> an answer, HANG or DROP


def polite(recipient: str, times: int) -> str:
    return TAKEN


class SmtpServer:
    """`at_rcpt` and `at_data` say what happens at either step; `received` is what the server has in hand,
    whether or not the client learnt of it."""

    def __init__(self) -> None:
        self.at_rcpt: Behaviour = polite
        self.at_data: Behaviour = polite
        self.received: list[EmailMessage] = []
        self.connections = 0
        self._recipients: Counter[str] = Counter()
        self._offered: Counter[str] = Counter()
        self._controller: Controller | None = None
        self.port = 0

    def start(self) -> None:
        self.port = self.port or _free_port()
        self._controller = _Controller(_Handler(self), hostname="127.0.0.1", port=self.port)
        self._controller.start()
        self.connections = 0  # aiosmtpd has knocked at its own door

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
            self._controller = None

    def recipients(self) -> Counter[str]:
        """How often each address has got something; cheap to ask while thousands come in."""
        return Counter(self._recipients)

    def keep(self, content: bytes) -> None:
        message = email.message_from_bytes(content, _class=EmailMessage, policy=email.policy.default)
        self._recipients[str(message["To"])] += 1
        self.received.append(message)

    def offered(self, step: str, recipient: str) -> int:
        self._offered[f"{step} {recipient}"] += 1
        return self._offered[f"{step} {recipient}"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class _Controller(Controller):
    def factory(self) -> SMTP:
        self.handler.server.connections += 1
        return SMTP(self.handler, hostname="localhost", timeout=30)


class _Handler:
    def __init__(self, server: SmtpServer) -> None:
        self.server = server

    async def handle_RCPT(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        answer = await self._act(smtp, self.server.at_rcpt(address, self.server.offered("rcpt", address)))
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        address = envelope.rcpt_tos[0]
        action = self.server.at_data(address, self.server.offered("data", address))
        if action in {TAKEN, DROP}:
            self.server.keep(envelope.content)
        return await self._act(smtp, action)

    async def _act(self, smtp: SMTP, action: str) -> str:
        if action == HANG:
            await asyncio.sleep(5)
            return "451 4.3.0 too late"
        if action == DROP:
            smtp.transport.abort()
            return TAKEN
        return action

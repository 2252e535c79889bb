"""A real SMTP server for tests: it takes letters, or refuses, stalls and drops them as mail servers do."""

import asyncio
import datetime
import ipaddress
import socket
import ssl
import threading
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Postbox:
    """What arrived (raw and parsed), who said EHLO, and what to answer to the next letters."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.greetings: list[str] = []
        self.answers: list[str] = []
        self.refuses: str | None = None
        self.dead: set[str] = set()
        self.farewell = "221 bye"
        self.stalls = 1.0

    def __dir__(self) -> list[str]:
        # the server looks at every member at each connection, and would parse all letters each time
        return [name for name in super().__dir__() if name != "letters"]

    @property
    def letters(self) -> list[EmailMessage]:
        return [BytesParser(policy=default).parsebytes(raw) for raw in self.raw]

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:
        self.greetings.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuses:
            return self.refuses
        if address in self.dead:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        return self.farewell

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "stall":  # longer than the sender waits; taken, and too late to say so
            self.raw.append(envelope.content)
            await asyncio.sleep(self.stalls)
        if answer.startswith("250") or answer == "take and drop":
            self.raw.append(envelope.content)
        if answer.endswith("drop"):
            server.transport.abort()
        return answer


class Server(Controller):
    """The postbox on a free port of this machine; with a certificate it offers STARTTLS, and a login."""

    def __init__(
        self, postbox: Postbox, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None
    ) -> None:
        super().__init__(postbox, hostname="127.0.0.1", port=0, server_hostname="mail.test")
        self.tls, self.login = tls, login

    def factory(self) -> SMTP:
        def is_right(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
            return AuthResult(success=(data.login.decode(), data.password.decode()) == self.login)

        rules: dict[str, Any] = {"tls_context": self.tls, "require_starttls": True} if self.tls else {}
        if self.login:
            rules |= {"authenticator": is_right, "auth_required": True}
        return SMTP(self.handler, hostname="mail.test", **rules)

    def _trigger_server(self) -> None:
        # the controller greets its own server once, and needs to know the port that port 0 became
        self.port = self.address[1]
        super()._trigger_server()

    @property
    def address(self) -> tuple[str, int]:
        server: Any = self.server
        host, port = server.sockets[0].getsockname()[:2]
        return host, port


class Staller:
    """A TLS mail server that says nothing more from one point on: at the "handshake", after "ehlo", or after "data"
    (then it keeps the letter); or that never comes to the end of an answer ("drip") or of the handshake ("greet").
    `implicit`: TLS from the first byte, without STARTTLS. One connection at a time."""

    def __init__(self, certificate: tuple[Path, Path], stage: str, *, implicit: bool = False) -> None:
        self.stage, self.implicit = stage, implicit
        self.raw: list[bytes] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*certificate)
        self.silence = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listening.getsockname()[1])
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                with self.listening.accept()[0] as wire:
                    self.talk(wire)
            except OSError:
                if self.listening.fileno() < 0:
                    return

    def talk(self, wire: socket.socket) -> None:
        if not self.implicit:
            wire.sendall(b"220 mail.test\r\n")
            wire.recv(1000)
            wire.sendall(b"250-mail.test\r\n250 STARTTLS\r\n")
            wire.recv(1000)
            wire.sendall(b"220 go on\r\n")
        if self.stage == "greet":
            wire.sendall(b"\x16\x03\x03\x40\x00")  # what follows is the half of a greeting
            while not self.silence.wait(0.05):
                wire.sendall(b"\x00")
        if self.stage in ("handshake", "greet"):
            self.silence.wait(30)
            return
        with self.context.wrap_socket(wire, server_side=True) as tls:
            if self.implicit:
                tls.sendall(b"220 mail.test\r\n")
            tls.recv(1000)
            while self.stage == "drip" and not self.silence.wait(0.05):
                tls.sendall(b"250-more\r\n")
            if self.stage == "ehlo":
                self.silence.wait(30)
                return
            for answer in (b"250 mail.test", b"250 sender", b"250 reader", b"354 now"):
                tls.sendall(answer + b"\r\n")
                letter = tls.recv(1 << 20)
            while not letter.endswith(b"\r\n.\r\n"):
                letter += tls.recv(1 << 20)
            self.raw.append(letter)
            self.silence.wait(30)

    def stop(self) -> None:
        self.silence.set()
        self.listening.close()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself: (certificate, key)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=36500))
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = made.add_extension(alternative, critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, *secret))
    return paths


def free_port() -> int:
    """A port of this machine on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

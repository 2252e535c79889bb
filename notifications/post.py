"""One HTTP request to a server that the office named: no redirect is followed, nothing that comes back is kept."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from threading import Event, Timer
from urllib.parse import urlsplit

TIMEOUT, LONGEST = 20.0, 60.0  # of one wait, and of a request; well within the lease of the outbox


class NotTaken(OSError):
    """The other side answered, and did not take it; only its number is kept, for its words may quote what was sent."""

    def __init__(self, status: int) -> None:
        super().__init__(status, "not taken")
        self.smtp_code = status  # read by `describe`, as the code of a mail server is


class Unanswered(OSError):
    """It was asked and did not answer to the end: whether it took what it was given, nobody knows."""


def send(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """POST; raises OSError (NotTaken, Unanswered among them) unless the answer is 2xx.

    Each wait is bounded, and the whole too: a server that answers a byte every few seconds would hold all mail.
    """
    there = urlsplit(url)
    kind = http.client.HTTPSConnection if there.scheme == "https" else http.client.HTTPConnection
    connection = kind(there.hostname or "", there.port, timeout=TIMEOUT)
    connection.sock = wire = _open(connection)
    cut = Event()
    watch = Timer(LONGEST, _cut, [wire, cut])
    watch.daemon = True
    watch.start()
    asked = False
    try:
        if isinstance(wire, ssl.SSLSocket):
            wire.do_handshake()
        path = f"{there.path or '/'}{'?' if there.query else ''}{there.query}"
        asked = True
        connection.request("POST", path, body, dict(headers))
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as problem:
        if asked:
            raise Unanswered(str(problem) or type(problem).__name__) from None
        raise
    finally:
        watch.cancel()
        connection.close()
    if cut.is_set():  # what was read until then may look like an answer
        raise Unanswered
    if not 200 <= status < 300:
        raise NotTaken(status)


def _open(connection: http.client.HTTPConnection) -> socket.socket:
    """The wire to a server, before any word on it: so it can be cut also while the two agree on TLS."""
    wire = socket.create_connection((connection.host, connection.port), TIMEOUT)
    if not isinstance(connection, http.client.HTTPSConnection):
        return wire
    context = ssl.create_default_context()
    return context.wrap_socket(wire, server_hostname=connection.host, do_handshake_on_connect=False)


def _cut(wire: socket.socket, cut: Event) -> None:
    cut.set()  # before whoever reads meets the end
    with suppress(OSError):  # below TLS, so that whoever reads meets its end
        socket.socket.shutdown(wire, socket.SHUT_RDWR)

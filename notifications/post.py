"""One HTTP request to a server that the office named: no redirect is followed, nothing that comes back is kept."""

import http.client
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

TIMEOUT = 20.0


class NotTaken(OSError):
    """The other side answered, and did not take it; only its number is kept, for its words may quote what was sent."""

    def __init__(self, status: int) -> None:
        super().__init__(status, "not taken")
        self.smtp_code = status  # read by `describe`, as the code of a mail server is


def send(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """POST; raises OSError (NotTaken among them) unless the answer is 2xx within twenty seconds."""
    there = urlsplit(url)
    host, port = there.hostname or "", there.port
    connection: http.client.HTTPConnection
    if there.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    try:
        connection.request("POST", f"{there.path or '/'}{'?' if there.query else ''}{there.query}", body, dict(headers))
        status = connection.getresponse().status
    except http.client.HTTPException as problem:
        raise ConnectionError(type(problem).__name__) from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotTaken(status)

"""The adapter to an authority of time stamps: asks it, once a day, about the head that went outside.

Off unless `APPRODO_TIMESTAMP_URL` is set: else nothing of ours ever calls outside. It is asked between two
transactions, follows no redirection, and reads no more than a stamp can be long. An authority that does not answer is
asked again at the next tick.
"""

from http.client import HTTPMessage
from typing import IO
from urllib.request import HTTPRedirectHandler, Request, build_opener

from core import stamps
from core.config import Config
from core.db import transaction

PATIENCE = 15  # seconds
LARGEST = 64 * 1024
KIND = "application/timestamp-query"


class NoRedirect(HTTPRedirectHandler):
    """Whoever was named is asked, and nobody else."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Go nowhere: the answer is an error."""


def work(config: Config) -> int:
    """Have the day's head stamped if an authority is named; how many were kept. OSError if it does not answer."""
    if not config.timestamp_url:
        return 0
    roots = stamps.read_roots(config.timestamp_ca)
    with transaction() as db:
        head = stamps.missing(db)
        text = stamps.text_of(db, head) if head is not None else ""
    if head is None:
        return 0
    asked, nonce = stamps.request(text)
    answer = ask(config.timestamp_url, asked)
    with transaction() as db:
        still = stamps.missing(db)
        if still is None or still.size != head.size:  # another clock was faster
            return 0
        stamps.keep(db, still, answer, nonce, roots, by="clock")
    return 1


def ask(url: str, asked: bytes) -> bytes:
    """The answer of an authority to a request."""
    request = Request(url, asked, {"Content-Type": KIND})  # noqa: S310 - config takes http and https only
    with build_opener(NoRedirect).open(request, timeout=PATIENCE) as reply:
        return bytes(reply.read(LARGEST))

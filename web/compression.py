"""Pages and files as gzip, for a phone in a bad place.

A page that holds secrets and answers a stranger's question in the same body can be guessed from its compressed length
(BREACH: Gluck, Harris and Prado, 2013). The guesser must make the browser ask; the browser says of each request
which site made it (Sec-Fetch-Site). So a page is compressed only when our own page or the person herself asked for it.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

TYPES = frozenset({"text/html", "text/css", "text/javascript", "application/json", "application/xml", "image/svg+xml"})
SHORTEST = 1_000
OURS = frozenset({"same-origin", "none"})


def furnish(app: Flask) -> None:
    """Compress what leaves this application."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """The same reply, as gzip if that helps, the browser takes it and no other site has asked for it."""
    if response.mimetype not in TYPES:
        return response
    response.vary.add("Accept-Encoding")
    public = request.endpoint == "static"
    if request.method == "HEAD" or response.status_code in (204, 206, 304) or not request.accept_encodings["gzip"]:
        return response
    if not public and request.headers.get("Sec-Fetch-Site") not in OURS:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < SHORTEST:
        return response
    response.set_data(_file(body) if public else gzip.compress(body, 6, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    name, weak = response.get_etag()
    if name and not weak:  # it names the bytes before this: the same thing, no longer the same bytes (RFC 9110, 8.8.1)
        response.set_etag(name, weak=True)
    response.headers.pop("Accept-Ranges", None)
    return response


@lru_cache(maxsize=32)
def _file(body: bytes) -> bytes:
    """A file of the site, squeezed once per process."""
    return gzip.compress(body, 9, mtime=0)

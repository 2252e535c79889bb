"""A mail server and a configuration that points at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Config
from tests.postbox import Postbox, Server


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def config(postbox: Postbox, tmp_path: Path, keys: Path) -> Iterator[Config]:
    """An office whose mail goes to the postbox."""
    server = Server(postbox)
    server.start()
    host, port = server.address
    yield Config(
        database_url="sqlite://", var=tmp_path, keys=keys, base_url="https://agenda.example.org", smtp_host=host,
        smtp_port=port, smtp_tls="none", sender="agenda@example.org",
    )  # fmt: skip
    server.stop()

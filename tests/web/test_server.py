"""The web process as an office runs it: it answers, says nothing of itself, and leaves when asked to."""

import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVE = "import sys; from web.cli import main; sys.argv[1:] = ['serve']; main()"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def ask(port: int, path: str) -> tuple[int, dict[str, str], str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read().decode()
    finally:
        connection.close()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        assert process.poll() is None, "the server ended before it began"
        try:
            ask(port, "/health")
            return
        except (OSError, HTTPException):
            time.sleep(0.2)
    raise AssertionError("the server does not answer")


@pytest.mark.slow
def test_the_server_answers_without_naming_itself_and_leaves_when_asked(office_url, keys, tmp_path):
    port = free_port()
    settings = {
        "APPRODO_DATABASE_URL": office_url,
        "APPRODO_KEYS": str(keys),
        "APPRODO_VAR": str(tmp_path),
        "APPRODO_PORT": str(port),
        "APPRODO_PASSWORD_MEMORY_KIB": "8",
        "HOME": str(tmp_path),
    }
    process = subprocess.Popen([sys.executable, "-c", SERVE], cwd=ROOT, env={**os.environ, **settings})
    try:
        wait_for(port, process)
        status, headers, page = ask(port, "/login")
        assert status == 200
        assert "Accesso" in page
        assert "Server" not in headers
        assert "gunicorn" not in str(headers)
        assert list(tmp_path.glob(".gunicorn*")) == []
    finally:
        process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=30) == 0

"""A mail server that delivers to a folder: `python -m notifications.sink`, for the demo on this machine only."""

import os
import signal
from pathlib import Path
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from core import clock, ids
from core.config import Config, is_loopback
from notifications.mail import UnsafeTransport


class Folder:
    """Writes each letter as one .eml file that only its owner can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Store the letter, whole or not at all, and say one neutral line."""
        name = f"{clock.now():%Y%m%dT%H%M%S}-{ids.new_id()[:8]}"
        draft = self.folder / f"{name}.part"
        content: Any = envelope.content
        draft.write_bytes(content.encode() if isinstance(content, str) else content or b"")
        draft.chmod(0o600)
        draft.rename(self.folder / f"{name}.eml")
        print(f"posta: un messaggio in {self.folder.name}/{name}.eml", flush=True)
        return "250 OK"


def serve(config: Config) -> Controller:
    """Start the sink where the configuration sends its mail; refuses any address but loopback."""
    if not is_loopback(config.smtp_host):
        raise UnsafeTransport
    sink = Controller(Folder(config.var / "mail"), config.smtp_host, config.smtp_port, server_hostname="agenda.invalid")
    sink.start()
    return sink


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    sink = serve(Config.read(os.environ))
    stop.wait()
    sink.stop()


if __name__ == "__main__":
    main()

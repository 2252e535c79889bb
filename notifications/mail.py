"""SMTP: a letter that says how many and when, never who, where or why (threats A11, A57, A65)."""

import hashlib
import html
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from core import clock
from core.config import Config, is_loopback
from core.errors import N_, Refused
from core.users import ADDRESS
from notifications import bounces, outbox
from notifications.parcel import MAIL, Parcel

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("it", "en")
TIMEOUT, LONGEST = 20.0, 90.0  # of one wait, and of a letter; well within the lease of the outbox
NEUTRAL_DOMAIN = "agenda.invalid"


class BadAddress(Refused):
    """This is not one plain e-mail address, so no letter is made."""

    status = 422
    sentence = N_("L'indirizzo di posta non è valido.")


class UnsafeTransport(Refused):
    """Mail without TLS may only go to this machine itself."""

    status = 500
    sentence = N_("Senza TLS la posta può andare solo al server di questa stessa macchina.")


class Wire(smtplib.SMTP):
    """A connection that is cut when it takes too long as a whole: `timeout` bounds each wait, and a server that answers
    a line every few seconds, for ever, would hold every letter behind this one."""

    below: socket.socket | None = None  # the wire itself: `sock` is none yet, or half an object, while TLS is agreed on

    def connect(self, *where: Any, **more: Any) -> Any:
        """Connect, and begin to count."""
        self.done = Event()
        Thread(target=self._watch, daemon=True).start()
        try:
            return super().connect(*where, **more)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close, and stop counting."""
        self.done.set()
        super().close()
        if self.below is not None:
            self.below.close()

    def _get_socket(self, *where: Any) -> socket.socket:
        wire: socket.socket = super()._get_socket(*where)  # type: ignore[misc]
        self.below = wire.dup()
        return wire

    def _watch(self) -> None:
        while not self.done.wait(LONGEST):
            if self.below is not None:
                with suppress(OSError):  # whoever reads above it meets its end
                    self.below.shutdown(socket.SHUT_RDWR)


class SecureWire(smtplib.SMTP_SSL, Wire):
    """The same with TLS from the first byte."""


class Mail:
    """The first adapter of `ways.py`."""

    name = MAIL

    def is_open(self, config: Config) -> bool:
        """Always: there is no office without it."""
        return True

    def send(self, config: Config, parcel: Parcel) -> None:
        """Compose the letter and hand it to the SMTP server."""
        send(config, compose(config, parcel.key, parcel.to, parcel.language, parcel.kind, parcel.facts))

    def is_dead(self, problem: OSError) -> str:
        """The mailbox is not there, or closed."""
        return bounces.is_dead(problem)


def compose(config: Config, key: str, to: str, language: str, kind: str, facts: Mapping[str, Any]) -> EmailMessage:
    """The letter of one message: text and HTML in the reader's language, the same Message-ID at every attempt."""
    outbox.check(facts)
    language = language if language in LANGUAGES else LANGUAGES[0]
    words = _words(config.base_url, facts)
    letter = EmailMessage()
    letter["From"], letter["To"] = _address(config.sender), _address(to)
    letter["Subject"] = _text(kind, language, "subject").format_map(words).strip()
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = message_id(key, config.base_url)
    letter["Auto-Submitted"] = "auto-generated"
    body = _body(_text(kind, language, "body"), words)
    letter.set_content(body, cte="quoted-printable")
    letter.add_alternative(_as_html(body, language, words.get("path", "")), subtype="html", cte="quoted-printable")
    return letter


def message_id(key: str, base_url: str) -> str:
    """The Message-ID of a promise: a digest of its key, so that neither user nor machine is named in it."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain(base_url)}>"


def domain(base_url: str) -> str:
    """The public domain of the office, or a neutral constant where it has none (loopback, bare address)."""
    host = urlsplit(base_url).hostname or ""
    public = "." in host and not _is_address(host) and ADDRESS.fullmatch(f"x@{host}")
    return host if public else NEUTRAL_DOMAIN


def send(config: Config, letter: EmailMessage) -> None:
    """Hand the letter to the SMTP server; raises OSError (SMTP and TLS faults are among them) if it was not taken."""
    smtp = _connect(config)
    try:
        if config.smtp_user:
            smtp.login(config.smtp_user, config.smtp_password or "")
        smtp.send_message(letter)
    finally:
        with suppress(OSError):  # whatever the server says to the farewell, a letter that it took is taken
            smtp.quit()
        smtp.close()


def describe(problem: Exception) -> str:
    """What went wrong as a kind and a reply code: the server's own words may quote an address."""
    refused = getattr(problem, "recipients", None)
    code = next(iter(refused.values()))[0] if refused else getattr(problem, "smtp_code", "")
    return f"{type(problem).__name__} {code}".strip()


def _connect(config: Config) -> smtplib.SMTP:
    # local_hostname: else EHLO, and with it every Received line, would carry the name of this machine
    name = domain(config.base_url)
    if config.smtp_tls == "none":
        if not is_loopback(config.smtp_host):
            raise UnsafeTransport
        return Wire(config.smtp_host, config.smtp_port, name, timeout=TIMEOUT)
    context = ssl.create_default_context()
    if config.smtp_port == smtplib.SMTP_SSL_PORT:
        return SecureWire(config.smtp_host, config.smtp_port, name, timeout=TIMEOUT, context=context)
    smtp = Wire(config.smtp_host, config.smtp_port, name, timeout=TIMEOUT)
    try:
        smtp.starttls(context=context)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _body(text: str, words: Mapping[str, str]) -> str:
    """The text with its figures; a line about a date that is not there is left out."""
    absent = [f"{{{name}}}" for name in ("dates", *outbox.DATES) if name not in words]
    lines = [line for line in text.splitlines(keepends=True) if not any(name in line for name in absent)]
    return "".join(lines).format_map(words)


def _words(base_url: str, facts: Mapping[str, Any]) -> dict[str, str]:
    words = {name: str(value) for name, value in facts.items()}
    for name in outbox.DATES & facts.keys():
        words[name] = f"{date.fromisoformat(facts[name]):%d/%m/%Y}"
    if "path" in facts:
        words["path"] = base_url.rstrip("/") + facts["path"]
    return words


@lru_cache(maxsize=64)
def _text(kind: str, language: str, part: str) -> str:
    return (TEXTS / kind / f"{language}.{part}.txt").read_text(encoding="utf-8")


def _as_html(body: str, language: str, link: str) -> str:
    """The same words in paragraphs, with one plain link: no picture, no style, nothing fetched from anywhere."""
    paragraphs = "".join(f"<p>{html.escape(line)}</p>\n" for line in body.splitlines() if line.strip())
    if link:
        there = html.escape(link)
        paragraphs = paragraphs.replace(there, f'<a href="{there}">{there}</a>')
    head = f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"></head>\n'
    return f"{head}<body>\n{paragraphs}</body></html>\n"


def _address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise BadAddress
    return text


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False

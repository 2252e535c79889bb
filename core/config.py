"""The settings of one installation, read once from the environment. A missing secret stops the start.

Every name begins with APPRODO_ and may also be given as NAME_FILE, the path of a file that holds the value.
The key folder holds `cases.key`, `shelters.key`, `index.key`, `session.key` and `seal.key`: 32 random bytes each, as
one line of base64, readable by the owner alone. While a key is being changed, `cases.key.old`, `shelters.key.old` or
`seal.key.old` holds the previous one (see `core.vault.rewrap`, `core.signing`). A sixth file, `push.key`, opens web
push (`notifications/push.py`); without it that way is closed.
"""

import base64
import binascii
import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import ConfigError

KEY_NAMES = ("cases", "shelters", "index", "session", "seal")
PUSH_KEY = "push"  # only where browsers may be woken (`notifications/push.py`)
KEY_BYTES = 32
SECRET_LENGTH, WEBHOOK = 24, "whsec_"
PREFIX = "APPRODO_"
YES, NO = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


@dataclass(frozen=True, kw_only=True)
class Config:
    """What an installation may choose."""

    database_url: str
    var: Path
    keys: Path
    base_url: str = "http://127.0.0.1:8000"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_tls: str = "required"
    smtp_user: str | None = None
    smtp_password: str | None = None
    sender: str = "agenda@localhost"
    bounces: Path | None = None
    alarm_to: str | None = None  # whoever looks after the system, written to when the clock stands still
    demo: bool = False
    host: str = "127.0.0.1"
    port: int = 8000
    password_memory_kib: int = 65536
    call_answer_minutes: int = 5
    directory_check_months: int = 12
    reveal_minutes: int = 15
    heads_file: Path | None = None
    timestamp_url: str = ""
    timestamp_ca: Path | None = None
    hook_url: str | None = None
    hook_secret: str | None = None
    sms_url: str | None = None
    sms_body: str = '{"to": "{to}", "text": "{text}"}'
    sms_auth: str | None = None
    push_hosts: tuple[str, ...] = ()

    @classmethod
    def read(cls, env: Mapping[str, str]) -> "Config":
        """Read, check and (in a demo only) make the missing keys; ConfigError says what is wrong."""
        var = Path(_value(env, "VAR", "var"))
        host, port = _value(env, "HOST", "127.0.0.1"), _port(env, "PORT", 8000)
        config = cls(
            database_url=_value(env, "DATABASE_URL", f"sqlite:///{var / 'approdo.db'}"),
            var=var,
            keys=_keys(env),
            base_url=_value(env, "BASE_URL", f"http://{host}:{port}").rstrip("/"),
            smtp_host=_value(env, "SMTP_HOST", "127.0.0.1"),
            smtp_port=_port(env, "SMTP_PORT", 25),
            smtp_tls=_value(env, "SMTP_TLS", "required"),
            smtp_user=_value(env, "SMTP_USER") or None,
            smtp_password=_value(env, "SMTP_PASSWORD") or None,
            sender=_value(env, "SENDER", "agenda@localhost"),
            bounces=Path(bounces) if (bounces := _value(env, "BOUNCES")) else None,
            alarm_to=_value(env, "ALARM_TO") or None,
            demo=_flag(env, "DEMO"),
            host=host,
            port=port,
            password_memory_kib=_number(env, "PASSWORD_MEMORY_KIB", 65536, 8, 4194304),
            call_answer_minutes=_number(env, "CALL_ANSWER_MINUTES", 5, 1, 120),
            directory_check_months=_number(env, "DIRECTORY_CHECK_MONTHS", 12, 1, 60),
            reveal_minutes=_number(env, "REVEAL_MINUTES", 15, 1, 60),
            heads_file=_path(env, "HEADS"),
            timestamp_url=_value(env, "TIMESTAMP_URL"),
            timestamp_ca=_path(env, "TIMESTAMP_CA"),
            hook_url=_value(env, "HOOK_URL") or None,
            hook_secret=_value(env, "HOOK_SECRET") or None,
            sms_url=_value(env, "SMS_URL") or None,
            sms_body=_value(env, "SMS_BODY", cls.sms_body),
            sms_auth=_value(env, "SMS_AUTH") or None,
            push_hosts=tuple(_value(env, "PUSH_HOSTS").split()),
        )
        config._check()
        return config

    def _check(self) -> None:
        if self.smtp_tls not in ("required", "none"):
            raise ConfigError("APPRODO_SMTP_TLS può essere solo «required» oppure «none».")
        if self.alarm_to and "@" not in self.alarm_to:
            raise ConfigError("APPRODO_ALARM_TO deve essere un indirizzo di posta.")
        self._check_ways()
        if urlsplit(self.base_url).scheme not in ("http", "https") or not urlsplit(self.base_url).netloc:
            raise ConfigError("APPRODO_BASE_URL deve essere un indirizzo completo, come https://approdo.example.org.")
        if self.timestamp_url and urlsplit(self.timestamp_url).scheme not in ("http", "https"):
            raise ConfigError("APPRODO_TIMESTAMP_URL deve essere l'indirizzo di un'autorità di marcatura temporale.")
        if self.demo and not is_loopback(self.host):
            raise ConfigError(f"La dimostrazione risponde solo da questo computer, non da APPRODO_HOST={self.host}.")
        if self.demo:
            make_keys(self.keys)
        for name in KEY_NAMES:
            read_key(self.keys, name)

    def _check_ways(self) -> None:
        for name, url in (("HOOK_URL", self.hook_url), ("SMS_URL", self.sms_url)):
            there = urlsplit(url or "https://off.invalid")
            if there.scheme != "https" and not (there.scheme == "http" and is_loopback(there.hostname or "")):
                raise ConfigError(f"APPRODO_{name} deve cominciare con https:// (http:// solo su questo computer).")
        if self.hook_url and len(secret_bytes(self.hook_secret or "")) < SECRET_LENGTH:
            raise ConfigError(f"Con APPRODO_HOOK_URL serve APPRODO_HOOK_SECRET, di almeno {SECRET_LENGTH} caratteri.")
        if self.sms_url and not all(place in self.sms_body for place in ("{to}", "{text}")):
            raise ConfigError("APPRODO_SMS_BODY deve contenere {to} e {text}.")


def is_installed(env: Mapping[str, str]) -> bool:
    """Whether an office was made here: its keys are there."""
    return any(_keys(env).glob("*.key"))


def _keys(env: Mapping[str, str]) -> Path:
    return Path(_value(env, "KEYS", str(Path(_value(env, "VAR", "var")) / "keys")))


def make_keys(folder: Path) -> None:
    """Make the key files that are missing, readable by the owner alone; an existing file is never touched."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (*KEY_NAMES, PUSH_KEY):
        try:
            handle = os.open(folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")


def read_key(folder: Path, name: str, suffix: str = "") -> bytes:
    """The 32 bytes of `<name>.key`; ConfigError when it is missing, damaged or readable by others."""
    path = folder / f"{name}.key{suffix}"
    try:
        mode, text = path.stat().st_mode, path.read_bytes()
    except OSError:
        raise ConfigError(f"Manca il file della chiave {path}: senza le chiavi l'avvio si ferma.") from None
    if mode & 0o077:
        raise ConfigError(f"Il file della chiave {path} è leggibile da altri utenti: serve il modo 600.")
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigError(f"Il file della chiave {path} è danneggiato: servono {KEY_BYTES} byte in base64.")
    return key


def secret_bytes(secret: str) -> bytes:
    """What one signs with: whsec_ and base64, as the libraries of Standard Webhooks make it, or any phrase as it is;
    nothing where the base64 is none.
    """
    if not secret.startswith(WEBHOOK):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(WEBHOOK), validate=True)
    except ValueError:
        return b""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _value(env: Mapping[str, str], name: str, default: str = "") -> str:
    path = env.get(f"{PREFIX}{name}_FILE")
    if not path:
        return env.get(PREFIX + name) or default
    if env.get(PREFIX + name):
        raise ConfigError(f"{PREFIX}{name} e {PREFIX}{name}_FILE sono dati entrambi: sceglierne uno.")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"Il file indicato da {PREFIX}{name}_FILE non si può leggere: {path}") from None


def _path(env: Mapping[str, str], name: str) -> Path | None:
    text = _value(env, name)
    return Path(text) if text else None


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = _value(env, name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and low <= int(text) <= high):
        raise ConfigError(f"{PREFIX}{name} deve essere un numero tra {low} e {high}, non «{text}».")
    return int(text)


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    return _number(env, name, default, 0, 65535)


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = _value(env, name).lower()
    if text not in YES | NO:
        raise ConfigError(f"{PREFIX}{name} deve essere 1 oppure 0, non «{text}».")
    return text in YES

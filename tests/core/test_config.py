"""The settings are read once; what is missing or wrong stops the start with a sentence."""

import base64
from pathlib import Path

import pytest

from core import config
from core.config import KEY_NAMES, PUSH_KEY, Config, make_keys
from core.errors import ConfigError


@pytest.fixture
def env(tmp_path):
    """The least an installation must say."""
    make_keys(tmp_path / "keys")
    return {"APPRODO_VAR": str(tmp_path)}


def test_the_least_is_enough(env, tmp_path):
    found = Config.read(env)

    assert found.database_url == f"sqlite:///{tmp_path}/approdo.db"
    assert (found.host, found.port, found.base_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert (found.smtp_tls, found.demo, found.password_memory_kib) == ("required", False, 65536)


def test_everything_can_be_chosen(env):
    chosen = {
        "APPRODO_DATABASE_URL": "postgresql://approdo@db/approdo",
        "APPRODO_BASE_URL": "https://approdo.example.org/",
        "APPRODO_HOST": "10.0.0.1",
        "APPRODO_PORT": "443",
        "APPRODO_SMTP_HOST": "mail.example.org",
        "APPRODO_SMTP_PORT": "587",
        "APPRODO_SMTP_USER": "approdo",
        "APPRODO_SENDER": "avvisi@example.org",
        "APPRODO_PASSWORD_MEMORY_KIB": "19456",
    }

    found = Config.read(env | chosen)

    assert found.base_url == "https://approdo.example.org"
    assert (found.smtp_host, found.smtp_port, found.smtp_user, found.smtp_password) == (
        "mail.example.org", 587, "approdo", None
    )  # fmt: skip
    assert (found.host, found.port, found.password_memory_kib) == ("10.0.0.1", 443, 19456)


def test_a_secret_may_lie_in_a_file(env, tmp_path):
    (tmp_path / "smtp").write_text("hunter2\n")

    assert Config.read(env | {"APPRODO_SMTP_PASSWORD_FILE": str(tmp_path / "smtp")}).smtp_password == "hunter2"


@pytest.mark.parametrize(
    "wrong",
    [
        {"APPRODO_SMTP_PASSWORD_FILE": "/none"},
        {"APPRODO_SMTP_PASSWORD_FILE": "/none", "APPRODO_SMTP_PASSWORD": "x"},
        {"APPRODO_PORT": "eighty"},
        {"APPRODO_PORT": "-1"},
        {"APPRODO_PORT": "65536"},
        {"APPRODO_PORT": "٨٠٠٠"},
        {"APPRODO_PORT": "9" * 30},
        {"APPRODO_SMTP_TLS": "maybe"},
        {"APPRODO_BASE_URL": "approdo.example.org"},
        {"APPRODO_BASE_URL": "javascript:alert(1)"},
        {"APPRODO_DEMO": "perhaps"},
        {"APPRODO_PASSWORD_MEMORY_KIB": "1"},
    ],
)
def test_a_wrong_setting_stops_the_start_and_names_itself(env, wrong):
    with pytest.raises(ConfigError) as refused:
        Config.read(env | wrong)

    assert next(iter(wrong)) in str(refused.value)


@pytest.mark.parametrize("name", KEY_NAMES)
def test_a_missing_key_stops_the_start(env, tmp_path, name):
    (tmp_path / "keys" / f"{name}.key").unlink()

    with pytest.raises(ConfigError, match=rf"{name}\.key"):
        Config.read(env)


@pytest.mark.parametrize(
    "content", [b"", b"short", base64.b64encode(b"x" * 31), base64.b64encode(b"x" * 33), b"\xff" * 44]
)
def test_a_damaged_key_stops_the_start(env, tmp_path, content):
    (tmp_path / "keys" / "cases.key").write_bytes(content)

    with pytest.raises(ConfigError, match="danneggiato"):
        Config.read(env)


def test_a_key_that_others_can_read_stops_the_start(env, tmp_path):
    (tmp_path / "keys" / "cases.key").chmod(0o644)

    with pytest.raises(ConfigError, match="600"):
        Config.read(env)


# The demo


def test_a_demo_makes_its_keys_once_and_for_its_owner_alone(tmp_path):
    env = {"APPRODO_VAR": str(tmp_path), "APPRODO_DEMO": "1"}

    assert Config.read(env).demo
    first = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    Config.read(env)

    assert {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == first
    assert set(first) == {f"{name}.key" for name in (*KEY_NAMES, PUSH_KEY)}
    assert len(set(first.values())) == len(first)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", "127.0.0.1.example.org", ""])
def test_a_demo_answers_to_this_machine_only(tmp_path, host):
    env = {"APPRODO_VAR": str(tmp_path), "APPRODO_DEMO": "1", "APPRODO_HOST": host}
    if not host:
        assert Config.read(env).host == "127.0.0.1"
        return
    with pytest.raises(ConfigError, match="dimostrazione"):
        Config.read(env)
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)],
)
def test_loopback_is_told_apart(host, loopback):
    assert config.is_loopback(host) is loopback


def test_a_real_start_never_makes_keys(tmp_path):
    with pytest.raises(ConfigError):
        Config.read({"APPRODO_VAR": str(tmp_path)})

    assert not Path(tmp_path / "keys").exists()

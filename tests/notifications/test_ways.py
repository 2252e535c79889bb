"""The other ways out, each against a real server: what leaves says nothing, and what is refused is seen as refused."""

import base64
import hashlib
import hmac
import json
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from sqlalchemy import Engine

from core import signing
from core.db import transaction
from core.errors import ConfigError
from notifications import hook, post, push, sms, ways
from notifications.outbox import ForbiddenFact
from notifications.parcel import Parcel
from tests.listener import Listener
from tests.postbox import free_port, make_certificate

SECRET = "una frase lunga per firmare"
PARCEL = Parcel("late-u_1-2026", "late", {"late": 3, "path": "/inbox"}, "anna@example.org")


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.stop()


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """A push service: https, with a certificate that this machine trusts for the length of the test."""
    certificate, key = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    found = Listener((str(certificate), str(key)))
    yield found
    found.stop()


def test_only_mail_is_open_until_the_office_opens_another_way(config, tmp_path):
    plain = replace(config, keys=tmp_path / "none")

    assert [way.name for way in ways.open_(plain)] == ["mail"]
    opened = replace(config, hook_url="https://queue.example.org/", hook_secret=SECRET, sms_url="https://sms.example.org")
    assert [way.name for way in ways.open_(opened)] == ["mail", "push", "hook", "sms"]


def test_the_hook_posts_a_signed_event_without_a_name(config, listener):
    office = replace(config, hook_url=f"{listener.url}/in?queue=1", hook_secret=SECRET)
    hook.Hook().send(office, PARCEL)
    hook.Hook().send(office, PARCEL)

    (path, headers, body), (_, again, _) = listener.requests
    assert path == "/in?queue=1"
    assert set(json.loads(body)) == {"id", "kind", "at", "facts"}
    assert json.loads(body)["facts"] == {"late": 3, "path": "/inbox"}
    assert b"u_1" not in body
    assert b"anna" not in body + repr(headers).encode()
    assert headers["webhook-id"] == again["webhook-id"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_the_hook_signs_as_the_published_example_of_standard_webhooks():
    """With a secret as its libraries make them; a phrase is signed with as it is."""
    event, stamp, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'

    made = hook.signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", event, stamp, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert hook.signature(SECRET, event, stamp, body) == hook.signature(
        f"whsec_{base64.b64encode(SECRET.encode()).decode()}", event, stamp, body
    )


def test_the_hook_refuses_a_fact_that_says_more(config, listener):
    office = replace(config, hook_url=listener.url, hook_secret=SECRET)

    with pytest.raises(ForbiddenFact):
        hook.Hook().send(office, replace(PARCEL, facts={"name": "Grace"}))

    assert listener.requests == []


@pytest.mark.parametrize("code", [302, 404, 500, 503])
def test_what_is_not_taken_is_a_fault_and_no_redirect_is_followed(listener, code):
    listener.answers = [code]

    with pytest.raises(post.NotTaken) as refused:
        post.send(listener.url, b"x", {})

    assert refused.value.smtp_code == code
    assert len(listener.requests) == 1


def test_a_server_that_never_comes_to_the_end_of_its_answer_is_cut(monkeypatch):
    monkeypatch.setattr(post, "LONGEST", 0.4)
    listening, over = socket.create_server(("127.0.0.1", 0)), Event()

    def drip() -> None:
        with suppress(OSError), listening.accept()[0] as wire:
            wire.recv(1000)
            wire.sendall(b"HTTP/1.1 204 Well\r\n")
            while not over.wait(0.02):
                wire.sendall(b"x")

    Thread(target=drip, daemon=True).start()
    try:
        with pytest.raises(OSError):
            post.send(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"", {})
    finally:
        over.set()
        listening.close()


def test_a_server_that_stalls_or_is_not_there_is_a_fault(listener, monkeypatch):
    monkeypatch.setattr(post, "TIMEOUT", 0.2)
    listener.stalls = 1
    with pytest.raises(OSError, match="timed out"):
        post.send(listener.url, b"x", {})

    with pytest.raises(ConnectionRefusedError):
        post.send(f"http://127.0.0.1:{free_port()}", b"x", {})


def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(service, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(OSError, match="certificate"):
        post.send(service.url, b"x", {})

    assert service.requests == []


def test_a_push_carries_nothing_and_proves_who_asks(config, service):
    push.Push().send(config, replace(PARCEL, to=f"{service.url}/send/abc"))

    [(path, headers, body)] = service.requests
    assert (path, body, headers["TTL"]) == ("/send/abc", b"", "43200")
    found = re.fullmatch(r"vapid t=(.+), k=(.+)", headers["Authorization"])
    assert found
    token, key = found.groups()
    head, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    assert json.loads(head) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(claims)["aud"] == service.url
    point = base64.urlsafe_b64decode(key + "==")
    assert key == signing.push_public(config.keys)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    public.verify(encode_dss_signature(r, s), token.rpartition(".")[0].encode(), ec.ECDSA(hashes.SHA256()))


def test_a_device_that_has_gone_is_known_by_the_answer(config, service):
    for code, dead in ((410, "410"), (404, "404"), (429, ""), (503, "")):
        service.answers = [code]
        with pytest.raises(post.NotTaken) as refused:
            push.Push().send(config, replace(PARCEL, to=service.url))
        assert push.Push().is_dead(refused.value) == dead


@pytest.mark.parametrize(
    ("endpoint", "known"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/abc", True),
        ("https://web.push.apple.com/abc", True),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com.example.org/abc", False),
        ("https://evilfcm.googleapis.com.example/abc", False),
        ("https://x@fcm.googleapis.com/abc", False),
        ("https://169.254.169.254/latest", False),
        ("https://fcm.googleapis.com/" + "a" * 1000, False),
        ("https://[::1", False),
        ("https://127.0.0.1／.push.apple.com/", False),
        ("https://fcm.googleapis.com:99999/abc", False),
        ("https://fcm.googleapis.com:x/abc", False),
        ("https://fcm.googleapis.com/a b", False),
        ("https://fcm.googleapis.com/a\r\nX-More: yes", False),
        ("https://fcm.googleapis.com/è", False),
        ("https://@fcm.googleapis.com/abc", False),
        ("", False),
    ],
)
def test_only_a_known_push_service_is_asked(config, endpoint, known):
    assert push.is_service(config, endpoint) is known


def test_a_device_belongs_to_whoever_turned_it_on_last(config, database: Engine):
    there = "https://fcm.googleapis.com/fcm/send/abc"
    with transaction() as db:
        push.add(db, config, "u_1", there, by="u_1")
        push.add(db, config, "u_2", there, by="u_2")
        [mine] = push.devices(db, "u_2")
        assert push.devices(db, "u_1") == []
        push.remove(db, "u_1", mine.id, by="u_1")
        assert len(push.devices(db, "u_2")) == 1
        push.remove(db, "u_2", mine.id, by="u_2")
        assert push.devices(db, "u_2") == []


def test_an_sms_leaves_as_the_gateway_wants_it(config, listener):
    office = replace(
        config, sms_url=listener.url, sms_body='{"a": {"number": "{to}", "words": ["{text}"]}, "from": "Agenda"}',
        sms_auth="Bearer abc",
    )  # fmt: skip
    sms.Sms().send(office, Parcel("sms-1", "sms", {}, "+393331234567", words='Ciao "Rosa", {to} & a presto'))

    [(_, headers, body)] = listener.requests
    assert json.loads(body) == {
        "a": {"number": "+393331234567", "words": ['Ciao "Rosa", {to} & a presto']}, "from": "Agenda"
    }  # fmt: skip
    assert headers["Authorization"] == "Bearer abc"
    assert len(headers["Idempotency-Key"]) == 32


def test_an_sms_as_a_form_cannot_add_fields():
    kind, body = sms.fill("to={to}&text={text}", "+39333", "ciao&to=+39444")

    assert kind == "application/x-www-form-urlencoded"
    assert body == b"to=%2B39333&text=ciao%26to%3D%2B39444"


@pytest.mark.parametrize(
    "wrong",
    [
        {"APPRODO_HOOK_URL": "https://queue.example.org"},
        {"APPRODO_HOOK_URL": "http://queue.example.org", "APPRODO_HOOK_SECRET": SECRET},
        {"APPRODO_HOOK_URL": "https://queue.example.org", "APPRODO_HOOK_SECRET": "whsec_una frase lunga per firmare"},
        {"APPRODO_HOOK_URL": "https://queue.example.org", "APPRODO_HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8I"},
        {"APPRODO_SMS_URL": "ftp://sms.example.org"},
        {"APPRODO_SMS_URL": "https://sms.example.org", "APPRODO_SMS_BODY": "to={to}"},
    ],
)
def test_a_way_that_is_half_opened_stops_the_start(config, keys, wrong):
    with pytest.raises(ConfigError):
        type(config).read({"APPRODO_KEYS": str(keys), **wrong})

import smtplib
import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import Config
from notifications import mail, outbox
from tests.postbox import Postbox, Server, Staller, make_certificate

FACTS = {"open": 3, "today": 1, "late": 2, "news": 0, "path": "/inbox"}
FORBIDDEN = (
    "tratta",
    "vittim",
    "sfrutta",
    "protezione",
    "caso",
    "contatto",
    "postazione",
    "shelter",
    "traffick",
    "approdo",
)


def letter(config: Config, kind: str = "digest", language: str = "it", to: str = "anna@example.org", **facts: object):
    return mail.compose(config, "digest-u_1-2026-08-11", to, language, kind, FACTS | facts)


def test_the_digest_says_how_many_and_where_to_look(config, time):
    made = letter(config)

    body = made.get_body(("plain",)).get_content()
    assert made["Subject"] == "Attività in agenda"
    assert body.splitlines()[:3] == ["Attività aperte: 3", "Da fare entro oggi: 1", "Oltre la data: 2"]
    assert "https://agenda.example.org/inbox" in body


def test_an_english_reader_gets_english_and_any_other_language_falls_back_to_italian(config):
    assert letter(config, language="en")["Subject"] == "Items in your agenda"
    assert letter(config, language="xx")["Subject"] == "Attività in agenda"


def test_text_and_html_say_the_same_and_html_fetches_nothing(config):
    page = letter(config).get_body(("html",)).get_content()

    assert '<html lang="it">' in page
    assert "<p>Attività aperte: 3</p>" in page
    assert page.count("https://") == page.count("https://agenda.example.org/inbox") == 2
    for fetched in ("<img", "src=", "<link", "<style", "url("):
        assert fetched not in page


@pytest.mark.parametrize("kind", sorted(folder.name for folder in mail.TEXTS.iterdir()))
@pytest.mark.parametrize("language", ["it", "en"])
def test_no_letter_has_a_word_that_says_what_the_office_does(config, kind, language):
    made = letter(
        config, kind, language, on="2026-10-04", days=14, dates=2, given=1, lines=7, root="0" * 64, signature="0" * 128,
        key="0" * 32, log="0" * 32, moment="2026-10-04T05:30:00.000000Z",
    )  # fmt: skip
    raw = made.as_string().lower()

    assert [word for word in FORBIDDEN if word in raw] == []


def test_a_date_is_written_as_people_write_it(config):
    made = letter(config, "deadline", on="2026-10-04", days=14)

    assert "04/10/2026" in made.get_body(("plain",)).get_content()


def test_the_message_id_is_the_same_at_every_attempt_and_names_no_user_and_no_machine(config):
    first, second = letter(config)["Message-ID"], letter(config)["Message-ID"]
    other = mail.message_id("another-key", config.base_url)

    assert first == second != other
    assert first.endswith("@agenda.example.org>")
    assert "u_1" not in first


@pytest.mark.parametrize(
    "base_url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000", "http://pc"]
)
def test_without_a_public_name_the_message_id_has_a_neutral_one(base_url):
    assert mail.message_id("key", base_url).endswith("@agenda.invalid>")


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.org\r\nBcc: x@example.org",
        "anna@example.org\n",
        "Anna <anna@example.org>",
        "a@b@c",
        "",
        "a@b, c@d",
    ],
)
def test_an_address_that_would_add_a_header_or_a_reader_is_refused(config, address):
    with pytest.raises(mail.BadAddress):
        letter(config, to=address)


def test_a_fact_that_slipped_into_a_row_does_not_reach_a_letter(config):
    with pytest.raises(outbox.ForbiddenFact):
        letter(config, who="Grace")


def test_what_arrives_tells_neither_this_machine_nor_its_user(config, postbox):
    mail.send(config, letter(config))

    assert len(postbox.letters) == 1
    assert postbox.greetings == ["agenda.example.org"]
    assert postbox.letters[0]["To"] == "anna@example.org"
    for leak in (socket.gethostname(), socket.getfqdn()):
        assert leak.encode() not in postbox.raw[0]


def test_a_letter_that_the_server_refuses_is_described_without_its_words(config, postbox):
    postbox.refuses = "550 anna@example.org unknown here"

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        mail.send(config, letter(config))
    assert mail.describe(refusal.value) == "SMTPRecipientsRefused 550"
    postbox.refuses, postbox.answers = None, ["451 try later, anna@example.org"]
    with pytest.raises(smtplib.SMTPDataError) as later:
        mail.send(config, letter(config))
    assert mail.describe(later.value) == "SMTPDataError 451"


def test_without_tls_mail_stays_on_this_machine(config):
    with pytest.raises(mail.UnsafeTransport):
        mail.send(replace(config, smtp_host="mail.example.org"), letter(config))


def test_a_server_that_offers_no_tls_gets_nothing(config, postbox):
    with pytest.raises(smtplib.SMTPNotSupportedError):
        mail.send(replace(config, smtp_tls="required"), letter(config))

    assert postbox.raw == []


@pytest.fixture
def tls_server(postbox: Postbox, tmp_path: Path):
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Server(postbox, context, ("office", "segreto"))
    server.start()
    yield server, certificate
    server.stop()


def test_with_tls_and_a_login_the_letter_arrives(config, postbox, tls_server, monkeypatch):
    server, certificate = tls_server
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    login = {"smtp_user": "office", "smtp_password": "segreto"}

    mail.send(replace(config, smtp_port=server.address[1], smtp_tls="required", **login), letter(config))

    assert len(postbox.raw) == 1


def test_a_certificate_that_nobody_vouches_for_stops_the_letter(config, postbox, tls_server):
    server, _ = tls_server

    with pytest.raises(ssl.SSLCertVerificationError):
        mail.send(replace(config, smtp_port=server.address[1], smtp_tls="required"), letter(config))

    assert postbox.raw == []


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("stage", ["handshake", "ehlo", "data"])
def test_a_tls_server_that_stalls_at_any_point_is_given_up_and_said_without_its_words(
    config, tmp_path, monkeypatch, stage, implicit
):
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    server = Staller(certificate, stage, implicit=implicit)
    if implicit:
        monkeypatch.setattr(smtplib, "SMTP_SSL_PORT", server.port)
    made = letter(config)

    with pytest.raises(OSError, match="timed out") as stalled:
        mail.send(replace(config, smtp_port=server.port, smtp_tls="required"), made)

    server.stop()
    assert mail.describe(stalled.value) in ("TimeoutError", "SMTPServerDisconnected")
    assert not mail.Mail().is_dead(stalled.value)
    assert [made["Message-ID"].encode() in raw for raw in server.raw] == ([True] if stage == "data" else [])


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("stage", ["greet", "drip"])
def test_a_server_that_never_ends_its_answer_is_cut(config, tmp_path, monkeypatch, stage, implicit):
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    monkeypatch.setattr(mail, "LONGEST", 0.5)
    server = Staller(certificate, stage, implicit=implicit)
    if implicit:
        monkeypatch.setattr(smtplib, "SMTP_SSL_PORT", server.port)

    with pytest.raises(OSError, match=r"closed|EOF|eof"):
        mail.send(replace(config, smtp_port=server.port, smtp_tls="required"), letter(config))

    server.stop()
    assert server.raw == []


@pytest.mark.parametrize("farewell", ["421 too many connections", "250 OK", "500 what?", "x" * 9000])
def test_a_letter_that_was_taken_is_sent_whatever_the_server_says_to_the_farewell(config, postbox, farewell):
    """Else it would be sent again for three days."""
    postbox.farewell = farewell

    mail.send(config, letter(config))

    assert len(postbox.raw) == 1

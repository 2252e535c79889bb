"""Headers, cookies, forged posts, odd requests: threats A05, A12, A15, A33, A36, A63."""

import gzip

import pytest
from sqlalchemy import event

import core.db
from core.config import Config
from core.errors import Unavailable
from tests.web.browser import PASSWORD, Browser
from web import security
from web.app import create_app

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", ["/login", "/inbox", "/nowhere", "/health", "/static/favicon.svg", "/static/none.js"])
def test_every_reply_carries_the_guards(anna, path):
    headers = anna.get(path).headers

    assert headers["Content-Security-Policy"] == CSP
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "Server" not in headers


def test_only_files_with_a_hash_in_their_name_are_kept(anna):
    anna.get("/inbox")
    style = anna.reply.text.partition('rel="stylesheet" href="')[2].partition('"')[0]

    assert anna.get(style).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert anna.get("/static/dist/manifest.json").headers["Cache-Control"] == "no-store"


OURS = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}


def test_a_page_is_compressed_when_our_own_page_asked_for_it(anna):
    reply = anna.get("/inbox", headers=OURS)

    assert reply.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in reply.headers["Vary"]
    assert "Attività" in gzip.decompress(reply.data).decode()
    assert "Content-Encoding" not in anna.get("/inbox", headers=OURS | {"Accept-Encoding": "br"}).headers
    assert "Content-Encoding" not in anna.client.head("/inbox", headers=OURS).headers


@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
def test_no_other_site_learns_from_how_small_a_page_becomes(anna, site):
    asked = {"Accept-Encoding": "gzip"} | ({"Sec-Fetch-Site": site} if site else {})

    assert "Content-Encoding" not in anna.get("/inbox", headers=asked).headers


def test_a_file_of_the_site_is_compressed_for_everybody_and_stays_itself(anna):
    anna.get("/inbox")
    style = anna.reply.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    plain = anna.get(style).data
    for _ in range(2):
        reply = anna.get(style, headers={"Accept-Encoding": "gzip"})
        assert reply.headers["Content-Encoding"] == "gzip"
        assert reply.headers["ETag"].startswith('W/"')
        assert gzip.decompress(reply.data) == plain


def test_cookies_are_out_of_reach_for_scripts_and_other_sites(stranger):
    cookies = [stranger.get("/login").headers["Set-Cookie"]]
    cookies += stranger.log_in("anna").headers.getlist("Set-Cookie")

    assert len(cookies) == 3
    assert all("HttpOnly" in cookie and "SameSite=" in cookie and "Path=/" in cookie for cookie in cookies)


def test_under_https_cookies_are_bound_to_the_host(office_url, keys, tmp_path, time):
    config = Config(
        database_url=office_url, var=tmp_path, keys=keys, base_url="https://approdo.example.org", password_memory_kib=8
    )
    app = create_app(config)
    client = app.test_client()
    reply = client.get("/login", base_url="https://approdo.example.org")
    core.db.dispose()

    assert reply.headers["Set-Cookie"].startswith("__Host-approdo=")
    assert "Secure" in reply.headers["Set-Cookie"]
    assert "max-age" in reply.headers["Strict-Transport-Security"]


def test_a_post_without_a_token_is_refused(anna):
    assert anna.client.post("/account", data={"language": "en"}).status_code == 400
    assert '<html lang="it"' in anna.get("/account").text


def test_the_login_form_has_its_own_token(stranger):
    assert stranger.client.post("/login", data={"login": "anna", "password": PASSWORD}).status_code == 400


def test_the_token_of_another_visit_is_refused(anna, bruno):
    token = bruno.token()

    assert anna.client.post("/account", data={"csrf_token": token, "language": "en"}).status_code == 400


def test_the_token_of_an_old_session_is_refused(anna):
    token = anna.token()
    anna.get("/account")
    anna.send("/logout")
    anna.log_in("anna")

    assert anna.client.post("/account", data={"csrf_token": token, "language": "en"}).status_code == 400


def test_a_script_of_ours_sends_the_token_as_a_header(anna):
    reply = anna.client.post("/contacts/new/call/draft", data={"summary": "x"}, headers={"X-CSRFToken": anna.token()})

    assert reply.status_code == 204


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_a_post_from_elsewhere_is_refused_even_with_a_token(anna, headers):
    data = {"csrf_token": anna.token(), "language": "en"}

    assert anna.client.post("/account", data=data, headers=headers).status_code == 400


def test_a_post_from_our_own_page_hides_its_origin_and_is_taken(anna):
    data, headers = {"csrf_token": anna.token(), "language": "en"}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}

    assert anna.client.post("/account", data=data, headers=headers).status_code == 303


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "169.254.169.254"])
def test_another_host_name_is_refused(stranger, host):
    reply = stranger.get("/login", headers={"Host": host})

    assert reply.status_code == 400
    assert host not in reply.text


def test_a_forwarded_host_changes_nothing(stranger):
    reply = stranger.get("/inbox", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})

    assert reply.location == "/login?next=/inbox"


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/debug",
        "/console",
        "/admin",
        "/robots.txt",
        "/static/",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/dist/../../cli.py",
        "/static/C:\\x",
        "/static/a%00b",
        "/inbox/%00",
        "/cases/%27%20OR%201=1--",
    ],
)
def test_nothing_else_is_served(anna, path):
    assert anna.get(path).status_code == 404


def test_a_huge_body_is_refused(anna):
    data = {"csrf_token": anna.token(), "summary": "x" * (security.LONGEST_BODY + 1)}
    reply = anna.client.post("/contacts/new/call", data=data)

    assert reply.status_code == 413
    assert "più testo" in reply.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_refused_in_words(anna, method):
    assert anna.client.open("/inbox", method=method).status_code in (400, 405)


def test_a_foreign_id_and_a_random_one_get_the_same_page(anna, piero):
    anna.get("/contacts/new/call")
    anna.send("/contacts/new/call", danger="no", province="MI")
    code = anna.reply.location.partition("?")[0].rpartition("/")[2]

    def seen_by_piero(path):
        reply = piero.get(path)
        token = reply.text.partition('csrf-token" content="')[2].partition('"')[0]
        return reply.status_code, reply.text.replace(token, "")

    assert seen_by_piero(f"/contacts/{code}") == seen_by_piero("/contacts/NV-ZZZZ") == seen_by_piero("/no/such/page")
    assert seen_by_piero(f"/contacts/{code}")[0] == 404


def test_a_fault_shows_a_reference_and_no_trace(app, anna, monkeypatch, caplog):
    canary = "Blessing Osagie"
    monkeypatch.setattr("web.inbox.today.listed", lambda *_, **__: int(canary))
    reply = anna.get("/inbox")

    reference = reply.text.partition('<span class="code">')[2].partition("<")[0]
    assert reply.status_code == 500
    assert "Traceback" not in reply.text
    assert canary not in reply.text + caplog.text
    assert reference in caplog.text


def test_a_locked_archive_says_so_and_keeps_what_was_typed(app, anna):
    anna.get("/contacts/new/call")
    engine = core.db.open_session.kw["bind"]

    def refuse(*_):
        raise Unavailable

    event.listen(engine, "begin", refuse)
    reply = anna.send("/contacts/new/call", summary="Chiede <aiuto>")

    assert reply.status_code == 503
    assert "riprova tra poco" in reply.text
    assert 'name="summary" value="Chiede &lt;aiuto&gt;"' in reply.text
    assert "Traceback" not in reply.text


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "{{7*7}}", "{% raw %}", "<img src=x onerror=alert(1)>", "${7*7}"]
)
def test_what_people_type_is_shown_as_they_typed_it(anna, text):
    anna.get("/contacts/new/call")
    anna.send("/contacts/new/call", danger="no", summary=text)
    page = anna.follow().text

    assert text not in page or "<" not in text
    assert "49" not in page.partition("Che cosa è stato detto")[2].partition("</section>")[0]
    assert text.replace("<", "&lt;").replace(">", "&gt;") in page


@pytest.mark.parametrize(
    "query", ["?show=%27%20OR%201=1--", "?start=-1", "?start=99999999999999999999", "?start=x", "?show[]=a"]
)
def test_odd_filters_are_ignored(anna, query):
    for page in ("/inbox", "/contacts", "/contacts?status=x;drop"):
        assert anna.get(page + query).status_code == 200


def test_the_page_without_a_database_is_still_a_page(app):
    browser = Browser(app)
    core.db.open_session.configure(bind=None)

    assert browser.get("/login").status_code in (500, 503)
    assert "<h1>" in browser.reply.text

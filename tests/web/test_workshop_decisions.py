"""Four eyes over the wire: proposed by one coordinator, compared and confirmed by another, in force from a day (A56)."""

import pytest
from lxml import etree

import core.db
from core import log, users
from engine import registry
from engine.tables import Definition
from tests.engine.draw import call, draw, user
from tests.web.browser import PASSWORD, Browser
from tests.web.test_workshop import DRAFT, put, renamed, shipped

PAGE = "/models/protection/draft"
REASON = "Il posto si cerca con altre parole"


@pytest.fixture
def olga(app) -> Browser:
    """A second coordinator."""
    with core.db.transaction() as db:
        user = users.add(db, "olga", "Olga Serra", "olga@example.org", password=PASSWORD, by="test")
        users.grant(db, user, "coordinator", None, by="test")
    return Browser(app, "olga")


@pytest.fixture
def written(lucia: Browser) -> Browser:
    """Lucia has written a draft."""
    content, revision = shipped(lucia)
    assert put(lucia, renamed(content, "subito"), revision).status_code == 200
    lucia.get(PAGE)
    return lucia


def proposed(browser: Browser, **more) -> None:
    browser.get(PAGE)
    assert browser.send(f"{PAGE}/propose", reason=REASON, **more).status_code == 303


def version() -> Definition:
    with core.db.transaction() as db:
        return registry.current(db, "protection")


def test_a_second_coordinator_reads_the_difference_and_confirms(written, olga):
    proposed(written)
    assert "aspetta la conferma" in olga.get("/notices").text
    page = olga.get(f"{PAGE}/difference").text
    assert "Trova un posto sicuro, subito" in page
    assert REASON in page
    reply = olga.send(f"{PAGE}/approve")

    assert reply.status_code == 303
    assert "Confermata" in olga.follow().text
    now = version()
    assert (now.version, now.name) == (2, "Protezione immediata e 45 giorni")
    with core.db.transaction() as db:
        line = next(each for each in log.lines(db, stream="model:protection") if each.verb == "model.published")
        lucia, second = users.by_login(db, "lucia"), users.by_login(db, "olga")
        assert lucia
        assert second
        assert (line.actor, line.facts["author"], line.facts["sha"]) == (second.id, lucia.id, now.sha)
    assert "Lucia Bassi" in olga.get("/models/protection/versions").text
    assert "Nessuna bozza" in olga.get(PAGE).text


CHECK = "<h3>Che cosa dice il controllo</h3>"


@pytest.mark.parametrize(
    ("path", "ending", "before", "after", "warning"),
    [
        ("/models/protection", "bpmn", 'name="Trova un posto sicuro"', 'name=""', "Manca il nome"),
        ("/models/tables/triage", "dmn", '<text>"media"</text>', "<text>null</text>", "Il risultato «Priorità» è vuoto"),
        ("/models/forms/risk_assessment", "json", '"key": "risk_severity"', '"key": "how_grave"', "serve il campo «risk_severity», che qui non c'è più"),
    ],
)
def test_who_confirms_reads_above_the_button_what_the_check_says(lucia, olga, path, ending, before, after, warning):
    draft, file = f"{path}/draft", f"{path}/draft.{ending}"
    content, revision = shipped(lucia, file)
    assert before.encode() in content
    assert put(lucia, content.replace(before.encode(), after.encode()), revision, file).status_code == 200
    lucia.get(draft)
    assert lucia.send(f"{draft}/propose", reason=REASON).status_code == 303

    def remarks(page):
        """The items that a page lists as the check's: how grave each is, its words and where."""
        items = etree.fromstring(page, etree.HTMLParser()).iter("li")
        listed = (etree.tostring(each, method="text", encoding="unicode", with_tail=False) for each in items)
        return [each for each in listed if each.startswith(("da guardare", "da correggere"))]

    page = olga.get(f"{draft}/difference").text
    above, button, _ = page.partition(f'action="{draft}/approve"')
    assert button
    assert any(warning in each for each in remarks(above))
    assert remarks(above) == remarks(olga.get(draft).text)
    assert above.rindex('id="decide"') < above.index(CHECK)


def test_where_the_check_says_nothing_neither_does_the_page_of_who_confirms(written, olga):
    proposed(written)

    page = olga.get(f"{PAGE}/difference").text
    assert f'action="{PAGE}/approve"' in page
    assert CHECK not in page


def test_nobody_confirms_what_she_wrote_or_proposed(written, olga):
    proposed(written)
    page = written.get(f"{PAGE}/difference").text
    assert "La conferma un'altra persona" in page.replace("&#39;", "'")
    revision = page.partition('name="revision" value="')[2].partition('"')[0]
    reply = written.client.post(f"{PAGE}/approve", data={"csrf_token": written.token(), "revision": revision})

    assert reply.status_code == 422
    assert version().version == 1


def test_who_wrote_a_part_of_it_cannot_confirm_what_a_colleague_saved_last_and_proposed(written, olga):
    content, revision = shipped(olga)
    assert put(olga, renamed(content, "piano"), revision).status_code == 200
    proposed(olga)
    page = written.get(f"{PAGE}/difference").text
    assert "Lucia Bassi, Olga Serra" in page or "Olga Serra, Lucia Bassi" in page
    assert 'action="/models/protection/draft/approve"' not in page
    revision = page.partition('name="revision" value="')[2].partition('"')[0]
    reply = written.client.post(f"{PAGE}/approve", data={"csrf_token": written.token(), "revision": revision})
    assert (reply.status_code, version().version) == (422, 1)
    assert "aspetta la conferma" not in written.get("/notices").text

    with core.db.transaction() as db:
        third = users.add(db, "rita", "Rita Conti", "rita@example.org", password=PASSWORD, by="test")
        users.grant(db, third, "coordinator", None, by="test")
    rita = Browser(written.app, "rita")
    rita.get(f"{PAGE}/difference")
    assert rita.send(f"{PAGE}/approve").status_code == 303
    with core.db.transaction() as db:
        line = next(each for each in log.lines(db, stream="model:protection") if each.verb == "draft.confirmed")
        wrote = [users.by_login(db, login) for login in ("lucia", "olga")]
        assert sorted(line.facts["authors"]) == sorted(user.id for user in wrote if user)
    put(rita, renamed(content, "di nuovo"), int(shipped(rita)[1]))
    proposed(rita)
    written.get(f"{PAGE}/difference")
    assert written.send(f"{PAGE}/approve").status_code == 303  # of the next draft she has written nothing


@pytest.mark.parametrize("way", ["taken up", "sent again", "saved late"])
def test_who_wrote_a_part_cannot_confirm_it_either_after_a_colleague_discarded_it_and_goes_on(written, olga, way):
    content, revision = shipped(olga)
    drawn = renamed(content, "piano")
    assert put(olga, drawn, revision).status_code == 200
    olga.get(f"{PAGE}/discard")
    assert olga.send(f"{PAGE}/discard").status_code == 303
    if way == "taken up":
        kept = olga.get(PAGE).text.partition(f'href="{PAGE}/copies/')[2].partition("/")[0]
        olga.get(f"{PAGE}/copies/{kept}/difference")
        assert olga.send(f"{PAGE}/copies/{kept}/take").status_code == 303
    elif way == "sent again":
        assert put(olga, drawn, revision + 2).status_code == 200
    else:  # from a page that was open on it all the time
        drawn = renamed(drawn, "subito")
        assert put(olga, drawn, revision + 1).status_code == 409
        assert put(olga, drawn, revision + 2, f"{DRAFT}?over").status_code == 200
    assert shipped(olga)[0] == drawn
    proposed(olga)

    page = written.get(f"{PAGE}/difference").text
    assert "Lucia Bassi, Olga Serra" in page or "Olga Serra, Lucia Bassi" in page
    assert 'action="/models/protection/draft/approve"' not in page
    seen = page.partition('name="revision" value="')[2].partition('"')[0]
    reply = written.client.post(f"{PAGE}/approve", data={"csrf_token": written.token(), "revision": seen})
    assert (reply.status_code, version().version) == (422, 1)


def test_who_wrote_a_copy_cannot_confirm_the_draft_that_goes_on_from_it(written, olga):
    content, _ = shipped(written)
    assert put(olga, renamed(content, "piano"), 0).status_code == 409
    written.get(PAGE)
    copy = written.reply.text.partition(f'href="{PAGE}/copies/')[2].partition("/")[0]
    written.get(f"{PAGE}/copies/{copy}/difference")
    assert written.send(f"{PAGE}/copies/{copy}/take").status_code == 303
    proposed(written)

    assert 'action="/models/protection/draft/approve"' not in olga.get(f"{PAGE}/difference").text


def test_what_was_changed_after_the_reading_is_not_confirmed(written, olga):
    proposed(written)
    olga.get(f"{PAGE}/difference")
    content, revision = shipped(written)
    assert put(written, renamed(content, "piano"), revision).status_code == 200
    reply = olga.send(f"{PAGE}/approve")

    assert reply.status_code == 409
    assert "Lucia Bassi" in reply.text
    assert version().version == 1


def test_a_version_from_a_day_is_in_force_on_that_day(written, olga, time):
    proposed(written, in_force_on="2026-08-01")
    olga.get(f"{PAGE}/difference")
    olga.send(f"{PAGE}/approve")
    assert version().version == 1
    page = olga.get("/models/protection/versions").text
    assert "confermata" in page
    assert "1 ago 2026, 00:00" in page

    time.at("2026-08-01 00:00")
    assert version().version == 2


OVER = "prende il posto di questa"
UNDER = "questa ne prende il posto"


@pytest.mark.parametrize(
    ("path", "ending", "first", "second"),
    [
        ("/models/protection", "bpmn", ("Trova un posto sicuro", "Trova un rifugio"), ("Spiega i diritti", "Di' i diritti")),
        ("/models/tables/triage", "dmn", ('label="Priorità"', 'label="Urgenza"'), ('label="Strada"', 'label="Via"')),
        ("/models/forms/risk_assessment", "json", ("All'ingresso", "Quando entra"), ("All'uscita", "Quando esce")),
    ],
)
def test_a_draft_is_compared_with_what_will_be_in_force_on_its_day(lucia, olga, path, ending, first, second):
    draft, lost = f"{path}/draft", first[1].removeprefix('label="').rstrip('"')
    content, revision = shipped(lucia, f"{draft}.{ending}")

    def changed(old, new):
        assert old.encode() in content
        return content.replace(old.encode(), new.encode())

    def difference(day):
        lucia.get(draft)
        assert lucia.send(f"{draft}/propose", reason=REASON, in_force_on=day).status_code == 303
        return " ".join(olga.get(f"{draft}/difference").text.replace("&#39;", "'").split())

    assert put(lucia, changed(*first), revision, f"{draft}.{ending}").status_code == 200
    difference("2026-08-01")
    assert olga.send(f"{draft}/approve").status_code == 303
    _, revision = shipped(lucia, f"{draft}.{ending}")
    assert put(lucia, changed(*second), revision, f"{draft}.{ending}").status_code == 200
    for day, is_under in (("", False), ("2026-07-31", False), ("2026-08-01", True), ("2026-08-15", True)):
        page = difference(day)
        assert (UNDER in page, OVER in page, lost in page) == (is_under, not is_under, is_under), day
        if ending == "bpmn":
            assert ("placement" in olga.get(f"{draft}/difference.json").json["changed"]) is is_under
            before = page.partition('data-before-url="')[2].partition('"')[0]
            assert (first[1].encode() in olga.get(before).data) is is_under
            olga.get(f"{draft}/difference")
        assert olga.send(f"{draft}/refuse", refusal="Un altro giorno va meglio").status_code == 303


@pytest.mark.parametrize(
    ("path", "ending", "before", "after"),
    [
        ("/models/protection", "bpmn", "Trova un posto sicuro", "Trova un rifugio"),
        ("/models/tables/triage", "dmn", 'label="Priorità"', 'label="Urgenza"'),
        ("/models/forms/risk_assessment", "json", "All'ingresso", "Quando entra"),
    ],
)
def test_whether_a_draft_changes_nothing_is_asked_of_what_will_be_in_force_on_its_day(lucia, olga, path, ending, before, after):
    draft, file = f"{path}/draft", f"{path}/draft.{ending}"
    content, revision = shipped(lucia, file)
    changed = content.replace(before.encode(), after.encode())

    def answer(day):
        lucia.get(draft)
        return lucia.send(f"{draft}/propose", reason=REASON, in_force_on=day)

    def confirmed():
        olga.get(f"{draft}/difference")
        return olga.send(f"{draft}/approve").status_code == 303

    assert put(lucia, changed, revision, file).status_code == 200
    assert answer("2026-08-01").status_code == 303
    assert confirmed()

    _, revision = shipped(lucia, file)
    assert put(lucia, changed, revision, file).status_code == 200
    for day in ("2026-08-01", "2026-09-01"):
        assert "quel giorno sarà già in vigore una versione uguale" in answer(day).text
    assert answer("2026-07-31").status_code == 303  # sooner than it was to come

    _, revision = shipped(lucia, file)
    assert put(lucia, content, revision, file).status_code == 200
    for day in ("", "2026-07-31"):
        assert "uguale alla versione in vigore" in answer(day).text
    assert answer("2026-09-01").status_code == 303
    assert confirmed()
    page = " ".join(olga.get(f"{path}/versions").text.split())
    assert "1 set 2026" in page
    third = page.partition(f'action="{path}/versions/')[2].partition("/")[0]
    assert olga.get(f"{path}/versions/{third}.{ending}").data == content


def test_what_came_into_force_after_the_reading_is_not_undone_unseen(lucia, olga, time):
    content, revision = shipped(lucia)
    assert put(lucia, renamed(content, "di corsa"), revision).status_code == 200
    proposed(lucia, in_force_on="2026-07-22")
    olga.get(f"{PAGE}/difference")
    assert olga.send(f"{PAGE}/approve").status_code == 303
    _, revision = shipped(lucia)
    assert put(lucia, content.replace(b"Spiega i diritti", b"Racconta i diritti"), revision).status_code == 200
    proposed(lucia)
    time.at("2026-07-21 23:58")
    olga.log_in("olga")
    assert "di corsa" not in olga.get(f"{PAGE}/difference").text

    time.at("2026-07-22 00:02")
    reply = olga.send(f"{PAGE}/approve")
    assert (reply.status_code, version().version) == (409, 2)
    assert "è cambiata la versione di cui questa bozza prende il posto" in reply.text
    assert "Trova un posto sicuro, di corsa" in reply.text
    assert olga.send(f"{PAGE}/approve").status_code == 303
    assert version().version == 3


def test_two_pathways_are_not_confirmed_that_would_call_each_other_on_a_day_to_come(lucia, olga, time):
    """Each called a version that calls nobody when it was read; on the day neither could have been started."""
    for key in ("andata", "ritorno"):
        with core.db.transaction() as db:
            registry.publish(db, draw("s>a>e", user("a", group="case_manager", name="Parla"), process=key), by="test")
    for key, called in (("andata", "ritorno"), ("ritorno", "andata")):
        page = f"/models/{key}/draft"
        drawn = draw("s>c>e", call("c", called), process=key)
        assert put(lucia, drawn, 0, f"{page}.bpmn").status_code == 200
        lucia.get(page)
        assert lucia.send(f"{page}/propose", reason=REASON, in_force_on="2026-08-01").status_code == 303
    read = olga.get("/models/ritorno/draft/difference")
    olga.get("/models/andata/draft/difference")
    assert olga.send("/models/andata/draft/approve").status_code == 303

    page = olga.get("/models/ritorno/draft/difference").text
    assert "si richiamerebbero in cerchio attraverso «andata»" in page
    assert 'action="/models/ritorno/draft/approve"' not in page, "no button for what would be refused"
    assert "Ora non si può confermare" in page
    olga.reply = read  # by who still has the page of before open
    refused = olga.send("/models/ritorno/draft/approve")
    assert refused.status_code == 422
    assert "Prima correggi" in refused.text
    assert "si richiamerebbero in cerchio attraverso «andata»" in refused.text
    assert "si richiamerebbero in cerchio attraverso «andata»" in lucia.get("/models/ritorno/draft").text
    olga.get("/models/andata/versions")
    later = olga.get("/models/andata/versions").text.partition('action="/models/andata/versions/')[2].partition("/")[0]
    assert olga.send(f"/models/andata/versions/{later}/withdraw").status_code == 303
    assert "in cerchio" not in lucia.get("/models/ritorno/draft").text
    olga.get("/models/ritorno/draft/difference")
    assert olga.send("/models/ritorno/draft/approve").status_code == 303


def test_a_version_to_come_can_be_taken_back(written, olga, time):
    proposed(written, in_force_on="2026-08-01")
    olga.get(f"{PAGE}/difference")
    olga.send(f"{PAGE}/approve")
    page = olga.get("/models/protection/versions").text
    action = page.partition('action="/models/protection/versions/')[2].partition('"')[0]
    olga.send(f"/models/protection/versions/{action}")

    assert "ritirata" in olga.get("/models/protection/versions").text
    time.at("2026-08-02 00:00")
    assert version().version == 1


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"reason": "boh"}, "almeno dieci caratteri"),
        ({"reason": REASON, "in_force_on": "2026-07-21"}, "Il giorno deve venire"),
        ({"reason": REASON, "in_force_on": "31/02"}, "Scrivi un giorno"),
    ],
)
def test_a_proposal_that_lacks_something_shows_the_form_again(written, answers, sentence):
    reply = written.send(f"{PAGE}/propose", **answers)

    assert reply.status_code == 422
    assert sentence in reply.text
    assert answers["reason"] in reply.text


def test_a_draft_with_findings_or_without_a_change_is_not_proposed(lucia):
    content, revision = shipped(lucia)
    put(lucia, content.replace(b'approdo:form="placement"', b'approdo:form="nowhere"'), revision)
    page = lucia.get(PAGE).text
    assert "Proponi la bozza" not in page
    data = {"csrf_token": lucia.token(), "revision": "1", "reason": REASON}
    refused = lucia.client.post(f"{PAGE}/propose", data=data)
    assert refused.status_code == 422
    assert "Prima correggi" in refused.text
    assert REASON in refused.text, "nothing typed is lost"
    put(lucia, content, 1)
    lucia.get(PAGE)
    assert "Non cambia niente" in lucia.send(f"{PAGE}/propose", reason=REASON).text


def test_a_refusal_says_why_and_the_draft_can_be_written_on(written, olga):
    proposed(written)
    olga.get(f"{PAGE}/difference")
    assert "Scrivi il motivo" in olga.send(f"{PAGE}/refuse", refusal="no").text
    olga.get(f"{PAGE}/difference")
    assert olga.send(f"{PAGE}/refuse", refusal="Le parole di prima erano chiare").status_code == 303

    assert "Le parole di prima erano chiare" in written.get(PAGE).text
    content, revision = shipped(written)
    assert put(written, renamed(content, "piano"), revision).status_code == 200


def test_a_discarded_draft_can_still_be_downloaded(written):
    drawn = shipped(written)[0]
    written.get(f"{PAGE}/discard")
    assert written.send(f"{PAGE}/discard").status_code == 303
    page = written.follow().text
    assert "scartata" in page
    kept = page.partition(f'href="{PAGE}/copies/')[2].partition("/")[0]
    assert written.get(f"{PAGE}/copies/{kept}.bpmn").data == drawn
    written.get(PAGE)
    written.send(f"{PAGE}/copies/{kept}/remove")
    assert "conservate accanto" not in written.get(PAGE).text


def test_a_table_is_confirmed_alike_and_its_difference_tells_rows_and_cells_in_both_languages(lucia, olga):
    path = "/models/tables/triage/draft"
    table, revision = shipped(lucia, f"{path}.dmn")
    root = etree.fromstring(table)
    rules = root.findall(".//{*}rule")
    rules[4].addnext(rules[1])
    rules[7].findall("{*}outputEntry/{*}text")[0].text = '"media"'
    put(lucia, etree.tostring(root).replace(b'name="Filtro del contatto"', b'name="Filtro"'), revision, f"{path}.dmn")
    lucia.get(path)
    lucia.send(f"{path}/propose", reason=REASON)
    page = olga.get(f"{path}/difference").text
    for words in ("Filtro", "La riga 2 è ora la riga 5.", "Riga 8", "colonna «Priorità»", "l&#39;ordine delle righe conta"):
        assert words in page
    olga.get("/account")
    olga.send("/account", language="en")
    english = olga.get(f"{path}/difference").text
    for words in ("Row 2 is now row 5.", "Row 8", "column “Priorità”", "the order of the rows counts", ">moved<"):
        assert words in english
    assert page.count("spostato<") == 1
    assert olga.send(f"{path}/approve").status_code == 303
    assert "version 2" in olga.get("/models").text


@pytest.mark.parametrize(
    ("path", "ending", "before", "after"),
    [
        ("/models/tables/triage", "dmn", b'name="Filtro del contatto"', b'name="Filtro"'),
        ("/models/forms/risk_assessment", "json", b'"label": "Data della valutazione', b'"label": "Giorno della valutazione'),
    ],
)
def test_a_table_and_a_form_to_come_are_taken_back_like_a_pathway(lucia, olga, path, ending, before, after):
    content, revision = shipped(lucia, f"{path}/draft.{ending}")
    assert before in content
    put(lucia, content.replace(before, after), revision, f"{path}/draft.{ending}")
    lucia.get(f"{path}/draft")
    lucia.send(f"{path}/draft/propose", reason=REASON, in_force_on="2026-08-01")
    olga.get(f"{path}/draft/difference")
    assert olga.send(f"{path}/draft/approve").status_code == 303
    page = olga.follow().text
    assert "confermata" in page
    assert "Lucia Bassi" in page
    later = page.partition(f'action="{path}/versions/')[2].partition("/")[0]
    assert after in olga.get(f"{path}/versions/{later}.{ending}").data
    assert olga.get(f"{path}/export.{ending}").data == content
    olga.get(f"{path}/versions")
    assert olga.send(f"{path}/versions/{later}/withdraw").status_code == 303

    assert "ritirata" in olga.get(f"{path}/versions").text
    assert "/versions" in olga.get(f"{path}/draft").text


def test_a_new_pathway_begins_as_a_draft_from_a_template_or_a_copy(lucia, olga):
    lucia.get("/models/new")
    for name in ("Visite\x0bin carcere", "Visite\ufffe", "7" * 81):
        assert lucia.client.post("/models/new", data={"name": name, "csrf_token": lucia.token()}).status_code == 422
    lucia.send("/models/new", name="Visite in carcere", name_en="Prison visits")
    page = lucia.follow().text
    assert "Niente da correggere" in page
    assert "visite_in_carcere" in lucia.get("/models").text
    lucia.get("/models/visite_in_carcere/draft")
    lucia.send("/models/visite_in_carcere/draft/propose", reason=REASON)
    olga.get("/models/visite_in_carcere/draft/difference")
    assert olga.send("/models/visite_in_carcere/draft/approve").status_code == 303
    assert "Visite in carcere" in lucia.get("/models/visite_in_carcere").text
    lucia.get("/models/new?like=errands")
    lucia.send("/models/new", name="Altre commissioni")
    assert b'<bpmn:process id="altre_commissioni"' in lucia.get("/models/altre_commissioni/draft.bpmn").data
    for name in ("Visite in carcere", "!!", "new", "x" * 90):
        lucia.get("/models/new")
        reply = lucia.send("/models/new", name=name)
        assert reply.status_code == 422
        assert name in reply.text


def test_the_marks_for_the_drawing_are_ids(written):
    assert written.get(f"{PAGE}/difference.json").json == {"added": [], "removed": [], "changed": ["placement"]}
    assert DRAFT in written.get(f"{PAGE}/difference").text


def test_an_auditor_reads_and_changes_nothing(written, at_desk):
    marco = at_desk("marco")
    page = marco.get(PAGE).text
    assert "Proponi la bozza" not in page
    assert "Scarta" not in page
    assert marco.get(f"{PAGE}/difference").status_code == 200
    assert put(marco, b"<a/>", 1).status_code == 404


def test_a_form_is_begun_and_confirmed_alike_and_then_a_step_may_ask_it(lucia, olga):
    lucia.get("/models/forms/new?like=extra_step")
    lucia.send("/models/forms/new", name="Visita in carcere")
    path = "/models/forms/visita_in_carcere/draft"
    assert b'"id": "visita_in_carcere"' in shipped(lucia, f"{path}.json")[0]
    lucia.get(path)
    lucia.send(f"{path}/propose", reason=REASON)
    olga.get(f"{path}/difference")
    assert olga.send(f"{path}/approve").status_code == 303

    assert {"id": "visita_in_carcere", "name": "visita_in_carcere"} in lucia.get("/models/vocabulary.json").json["forms"]
    lucia.get("/models/forms/new")
    assert "c&#39;è già" in lucia.send("/models/forms/new", name="Visita in carcere").text


def test_a_form_that_is_only_a_draft_is_no_choice_to_begin_from(lucia):
    lucia.get("/models/forms/new")
    lucia.send("/models/forms/new", name="Visita in carcere")
    for like in ("visita_in_carcere", "nowhere"):
        lucia.get("/models/forms/new")
        reply = lucia.client.post("/models/forms/new", data={"name": "Altra", "like": like, "csrf_token": lucia.token()})
        assert (reply.status_code, "Scegli una voce dell&#39;elenco." in reply.text) == (422, True)


def test_a_kept_version_is_compared_and_taken_up_and_the_present_one_kept_instead(written, olga):
    content, _ = shipped(written, "/models/protection/draft.bpmn")
    late = content.replace(b"subito", b"con calma")
    assert put(olga, late, 0).status_code == 409
    page = written.get(PAGE).text
    link = page.partition(f'class="row-title" href="{PAGE}/copies/')[2].partition('"')[0]
    shown = written.get(f"{PAGE}/copies/{link}").text
    assert "Trova un posto sicuro, subito" in shown
    assert "Trova un posto sicuro, con calma" in shown
    assert written.send(f"{PAGE}/copies/{link.replace('difference', 'take')}").status_code == 303

    assert shipped(written)[0] == late
    assert "sostituita" in written.get(PAGE).text
    kept = written.get(PAGE).text.partition(f'class="row-title" href="{PAGE}/copies/')[2].partition('/')[0]
    assert written.get(f"{PAGE}/copies/{kept}.bpmn").data == content


def test_a_discarded_draft_is_taken_up_again(written):
    drawn = shipped(written)[0]
    written.get(f"{PAGE}/discard")
    written.send(f"{PAGE}/discard")
    kept = written.get(PAGE).text.partition(f'class="row-title" href="{PAGE}/copies/')[2].partition('/')[0]
    written.get(f"{PAGE}/copies/{kept}/difference")
    written.send(f"{PAGE}/copies/{kept}/take")

    assert shipped(written)[0] == drawn
    assert "conservate accanto" not in written.get(PAGE).text


def test_where_nobody_is_left_to_confirm_both_pages_say_so_and_who_may_add_somebody(written, olga):
    alone = "altra persona del coordinamento può confermarla"
    assert alone not in written.get(PAGE).text
    content, revision = shipped(olga)
    assert put(olga, renamed(content, "anche"), revision).status_code == 200
    assert alone in written.get(PAGE).text
    proposed(written)
    for page in (PAGE, f"{PAGE}/difference"):
        assert alone in olga.get(page).text
    with core.db.transaction() as db:
        user = users.add(db, "dina", "Dina Re", "dina@example.org", password=PASSWORD, by="test")
        users.grant(db, user, "coordinator", None, by="test")
    assert alone not in olga.get(PAGE).text
